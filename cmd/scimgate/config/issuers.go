package config

// Issuers says whose signatures may be trusted where a tenant pins them.
type Issuers struct {
	Hosts []string `koanf:"hosts"` // that keys are fetched from, as Outbound.Hosts
}

// DefaultIssuers are where Entra ID's keys are, of its three clouds.
func DefaultIssuers() Issuers {
	return Issuers{Hosts: []string{"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}}
}

func (i Issuers) checks() []check {
	return []check{{badHosts(i.Hosts), "issuers.hosts: each must be a host name, as in login.example.com or .example.com, without scheme, port or *"}}
}

// isList reports whether a setting is a list, at the commas of its text.
func isList(key string) bool { return oneOf(key, "outbound.hosts", "issuers.hosts") }
