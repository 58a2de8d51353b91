package connectors

import (
	"context"

	"scimgate/scim/value"
)

// Auditor is what a Connector is besides, if its account can be read as a whole.
// One that is none answers ErrCannotAsk where an audit asks for it. An error is
// an *Error, and nothing is ever changed.
type Auditor interface {
	// List returns a page of the users that the account holds; cursor is "" or the
	// Next of the page before. Who is created or deleted meanwhile may make
	// another one be skipped or repeated: an account pages as it can.
	List(ctx context.Context, cursor string) (Listing, error)
	// Find returns the user with the object's RemoteID, or without one the user of
	// its name; nil if there is none.
	Find(ctx context.Context, o Object) (*Holding, error)
	// Differs returns the paths at which held is not the object, sorted; none where
	// the account holds the object as it is. An object that has left differs in
	// "active" if it is not suspended.
	Differs(o Object, held *value.Object) []string
}

// GroupAuditor is an Auditor whose account keeps groups: Find and Differs take an
// Object of Kind "Group", too.
type GroupAuditor interface {
	Auditor
	// ListGroups is List for groups, whose members are not shown.
	ListGroups(ctx context.Context, cursor string) (Listing, error)
	// MembersOf returns the account's ids of a group's members, in no order. An account
	// that has no such group answers with Status 404; of a group that is larger than an
	// answer may be, the cause is ErrTooLong.
	MembersOf(ctx context.Context, remoteID string) ([]string, error)
}

// Listing is a page of an account's users, or groups.
type Listing struct {
	Held  []Holding
	Total int    // as the account counts them; 0 if it does not
	Next  string // the cursor of the next page; "" after the last
}

// Holding is one user, or group, as the account shows it.
type Holding struct {
	RemoteID   string
	UserName   string // of a group, its displayName
	ExternalID string
	Active     bool
	Protected  bool // an administrator of the account: never taken over
	Attributes *value.Object
}
