package scim

// Leniency names one deviation from the RFCs that we accept because a client
// in use sends it. Each is a word of the Ledger.
type Leniency string

// Mode says how a tenant's requests are read.
type Mode struct {
	// Strict turns every Leniency into the RFC's error (design 6.1).
	Strict bool
	// Tolerated is told of each Leniency used, with the path of the attribute
	// and never with a value. Nil tells nobody.
	Tolerated func(l Leniency, path string)
}

// tolerate reports whether l is allowed, and counts it.
func (m Mode) tolerate(l Leniency, path string) bool {
	if m.Strict {
		return false
	}
	if m.Tolerated != nil {
		m.Tolerated(l, path)
	}
	return true
}
