package config

import "errors"

// storeChecks are what may be wrong with the settings that name the store.
func (c *Config) storeChecks() []check {
	return []check{
		{c.MongoDBURI != "" && !absolute(c.MongoDBURI, "mongodb", "mongodb+srv"), "mongodb-uri: must begin with mongodb:// or mongodb+srv://"},
		{c.MongoDBURI == "" && c.Data == "", "data: give a folder for the embedded store, or mongodb-uri"},
	}
}

// Stores reports what is wrong with the settings that name the store, for commands
// that need nothing else.
func (c *Config) Stores() error {
	var faults []error
	for _, one := range c.storeChecks() {
		if one.bad {
			faults = append(faults, errors.New(one.fault))
		}
	}
	return errors.Join(faults...)
}
