package directory

import (
	"context"
	"errors"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/tenant"
)

// What a Store answers beside success and scim.Error (409 uniqueness on a taken
// name, 400 tooMany on a filter that cannot be answered within bounds). Any
// other error is a fault of the store, its outcome unknown; to a client, 503.
var (
	ErrNotFound = errors.New("directory: no such resource")
	// ErrContended means that a change lost races until its context ended.
	ErrContended = errors.New("directory: changed by others meanwhile")
)

// Ref names one resource of a tenant.
type Ref struct {
	Kind string // "User"
	ID   string
}

// Edit changes a resource that was just read. It may be called again with a
// newer one after a lost race, so it must depend on nothing else. If it reports
// no change, or leaves Body as it was, nothing is written and version and
// lastModified stay (RFC 7644 §3.5.2.1). Its error ends the update.
type Edit func(r *scim.Resource) (changed bool, err error)

// Check looks at a resource before it is deleted; its error ends the deletion.
// Nil checks nothing.
type Check func(r *scim.Resource) error

// Query asks for a page of one kind.
type Query struct {
	Kind       string
	Filter     filter.Expr // bound; nil is all
	StartIndex int         // 1-based, at least 1
	Count      int         // at least 0; 0 asks for Total alone

	// SortBy is a bound path; nil is the order of creation. Who has no value
	// there comes last, and of equals the older one first.
	SortBy     *filter.Path
	Descending bool // the reverse of that order
	// After asks for what follows a position instead of StartIndex; "" begins.
	// What is created or deleted meanwhile makes nobody else be skipped or repeated.
	After *string
	// Uncounted says that Total is not wanted, which a store may then leave 0:
	// whoever reads all pages need not have all counted for each.
	Uncounted bool
	// Examine bounds how many resources may be read and evaluated, where that is to
	// be less than the store's own bound; 0 is that one. Beyond it the error is the
	// *scim.Error tooMany.
	Examine int
}

// Page is the answer to a Query, in one order that does not change while the
// resources stay.
type Page struct {
	Total     int // all that match
	Resources []*scim.Resource
	Next      string // position of the last one, if others follow and After was set
}

// Store keeps resources. All methods may be called concurrently; the tenant is
// always a parameter, and no method reads or writes another tenant's. Each write
// is one atomic operation that also marks the resource as owed to the slots
// given, and is durable (majority, journal) when the method returns.
type Store interface {
	// Create stores a new resource with Version 1, Created and LastModified set,
	// and fills these in r. A name in use (userName, a group's displayName; see
	// NameKey) is a scim.Error with Uniqueness: decided by an index in the write
	// itself, never by a query before it.
	Create(ctx context.Context, t tenant.ID, r *scim.Resource, owed []tenant.Slot) error
	// Get returns one resource, or ErrNotFound.
	Get(ctx context.Context, t tenant.ID, ref Ref) (*scim.Resource, error)
	// Update reads, edits and stores with Version+1 if nobody changed it
	// meanwhile, else tries again with jitter until ctx ends (ErrContended). It
	// returns the resource as it is then, changed or not. ErrNotFound, a
	// uniqueness error, or edit's own.
	Update(ctx context.Context, t tenant.ID, ref Ref, owed []tenant.Slot, edit Edit) (*scim.Resource, error)
	// Delete turns a resource into a tombstone, which no method of Store shows:
	// its name is free, its id never used again, and its removal is owed.
	Delete(ctx context.Context, t tenant.ID, ref Ref, owed []tenant.Slot, check Check) error
	// List answers a Query.
	List(ctx context.Context, t tenant.ID, q Query) (*Page, error)
	// Erase removes everything of a tenant, tombstones included.
	Erase(ctx context.Context, t tenant.ID) error
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error

	Edges
}

// Member is one end of an Edge, seen from the other: a member of a group, or a
// group that somebody is a member of. It is living.
type Member struct {
	Kind    string // "User" or "Group"
	ID      string
	Display string // displayName, else userName
}

// Edges are the memberships. A Store that has them takes a group's
// scim.Resource.Members in the same atomic write as the group itself, whole or
// not at all; a change that changes nobody's membership is no change of the
// group. Its List answers filters on a group's members and on a user's groups.
//
// An Edge whose other end does not live is not shown by any method. Adding or
// removing one member costs the same whatever the size of the group.
type Edges interface {
	// Members returns up to limit members of a group with an id greater than
	// after, by id; none where there is no such group.
	Members(ctx context.Context, t tenant.ID, group, after string, limit int) ([]Member, error)
	// Among returns which of ids are members of a group.
	Among(ctx context.Context, t tenant.ID, group string, ids []string) ([]string, error)
	// GroupsOf returns the groups that each of ids is itself a member of, by id
	// of the group. Whoever is in none is not in the map.
	GroupsOf(ctx context.Context, t tenant.ID, ids []string) (map[string][]Member, error)
}
