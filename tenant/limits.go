package tenant

import (
	"fmt"

	"scimgate/ratelimit"
)

// Class is a kind of requests that a tenant is limited in by itself: a search that
// floods holds up no change, and a change no search.
type Class string

// The classes.
const (
	Reading Class = "read"  // at the SCIM service
	Writing Class = "write" // there, each operation of a bulk request as one
	Tokens  Class = "token" // at the token endpoint
)

// Reserved is no class that has a limit of its own: what of Writing goes before others.
const Reserved Class = "reserved"

// Key is what a tenant's requests of a class are counted under.
func (c Class) Key(id ID) string { return string(id) + "/" + string(c) }

// PaceKey is what is counted under that a tenant's account is sent.
func PaceKey(id ID, slot Slot) string { return fmt.Sprintf("account/%s/%d", id, slot) }

// LimitKeys are all keys under which something is counted of a tenant.
func LimitKeys(id ID) []string {
	keys := []string{Reading.Key(id), Writing.Key(id), Tokens.Key(id), Reserved.Key(id)}
	for slot := range Slot(MaxConnections) {
		keys = append(keys, PaceKey(id, slot))
	}
	return keys
}

// Limits are a tenant's limits by class, where they differ from Settings.Limit; a
// zero one does not.
type Limits struct {
	Read  ratelimit.Limit `json:"read,omitzero"`
	Write ratelimit.Limit `json:"write,omitzero"`
	Token ratelimit.Limit `json:"token,omitzero"`
}

// DefaultTokens is what a tenant may ask of the token endpoint where nothing else
// is set: a token serves for an hour.
var DefaultTokens = ratelimit.Limit{Rate: 1, Burst: 30}

// LeastRate is what a tenant may read, and write, however low its limit is set:
// Microsoft asks of a gallery app that it takes 25 requests a second of each tenant,
// and quarantines whoever is refused them.
const LeastRate = 25

// LimitOf is the limit in force for a class.
func (s Settings) LimitOf(c Class) ratelimit.Limit {
	switch c {
	case Tokens:
		return firstOf(s.Limits.Token, DefaultTokens).OrDefault()
	case Reading:
		return atLeast(firstOf(s.Limits.Read, s.Limit))
	default:
		return atLeast(firstOf(s.Limits.Write, s.Limit))
	}
}

func firstOf(l, otherwise ratelimit.Limit) ratelimit.Limit {
	if l != (ratelimit.Limit{}) {
		return l
	}
	return otherwise
}

func atLeast(l ratelimit.Limit) ratelimit.Limit {
	l = l.OrDefault()
	l.Rate = max(l.Rate, LeastRate)
	return l
}
