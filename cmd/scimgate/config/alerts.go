package config

// Alerts says who is called for what needs a person, beside the log.
type Alerts struct {
	URL        string `koanf:"url"`         // takes a POST for each alert; "": the log alone
	SecretFile string `koanf:"secret-file"` // signs them
	Secret     string `koanf:"secret"`      // the same from the environment
}

func (a Alerts) checks() []check {
	return []check{
		{a.URL != "" && !private(a.URL), "alerts.url: must be an https URL without a query; http only on this machine"},
		{a.SecretFile != "" && a.Secret != "", "alerts.secret: give secret-file or secret, not both"},
		{a.URL == "" && a.SecretFile != "", "alerts.url: give it together with alerts.secret-file"},
	}
}
