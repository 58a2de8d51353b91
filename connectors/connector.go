package connectors

import (
	"context"
	"encoding/json"
	"net/http"

	"scimgate/scim/value"
	"scimgate/tenant"
)

// Object is one resource as an account should hold it.
type Object struct {
	Kind       string        // "User" or "Group"
	ID         string        // ours
	Version    uint64        // of the resource, rises with each change; 0 if nothing is to be sent
	RulesRev   uint64        // of the rules that made Attributes, rises with each publishing
	RemoteID   string        // the account's; "" if none is known
	Attributes *value.Object // the projection; nil when the resource is to leave
	Sent       []string      // paths that earlier deliveries put there: those no longer in Attributes are cleared
	Doubt      bool          // an earlier attempt may have created it: what is found under its name, or one of Earlier, is ours
	Earlier    []string      // names that it may be there under, beside that in Attributes; without a RemoteID only
	Adopt      tenant.Adopt  // whom else it may become, of whom the account has already; never a protected one
	Adopting   bool          // RemoteID is an account user that a person chose and nothing was sent to yet: a protected one is a Conflict
}

// Receipt is what an account answered to a Put.
type Receipt struct {
	RemoteID string
	Sent     []string // paths that the account now holds by our hand
}

// Connector is an open target. Every method may be called again after any
// outcome, known or not: each makes the account equal to the Object, whatever
// it held. Methods of one Connector are called concurrently, for different
// objects. An error is an *Error.
type Connector interface {
	// Put creates the object, or updates the one with its RemoteID. An account
	// user that exists under the name and is not known to be ours is a Conflict;
	// the first Put to one that is adopted changes no identifier of it.
	// A RemoteID that the account no longer knows is created anew.
	Put(ctx context.Context, o Object) (Receipt, error)
	// Suspend deactivates the object; Delete removes it. What is not there is
	// done already.
	Suspend(ctx context.Context, o Object) error
	Delete(ctx context.Context, o Object) error
	// Matches reports whether the account holds the object as it is (for one that
	// has left: that it is suspended or gone). A target that can only be told, and
	// not asked, answers ErrCannotAsk.
	Matches(ctx context.Context, o Object) (bool, error)
	// Check reports whether the account can be reached and accepts our
	// credential, by the probe that Entra's "Test connection" makes.
	Check(ctx context.Context) error
}

// Members is a change of a group's members, by the account's ids.
type Members struct {
	Add, Remove []string
}

// Grouper is a Connector to an account that keeps groups: its other methods take
// an Object of Kind "Group", too, whose projection has no members.
type Grouper interface {
	Connector
	// Change adds members to the group with o's RemoteID and removes some, none of
	// which is in both lists. Whoever is, or is not, a member already is no error. An
	// account that has no such group answers with Status 404.
	Change(ctx context.Context, o Object, m Members) error
}

// Kind opens connectors of one kind from a connection's settings, the JSON that
// an administrator gave. It reports all faults of the settings at once.
type Kind func(settings json.RawMessage, client *http.Client) (Connector, error)

// Kinds are the kinds that a build knows, by name.
type Kinds map[string]Kind
