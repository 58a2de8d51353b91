package tenant

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// PrincipalKind says how somebody proved to be who they are.
type PrincipalKind string

// The kinds of principals.
const (
	OperatorKeyPrincipal PrincipalKind = "operatorKey" // the bootstrap key, over the API
	CommandPrincipal     PrincipalKind = "cli"         // the same, from a shell; or a command on the stores
	KeyPrincipal         PrincipalKind = "key"         // an APIKey; ID is its id
	SessionPrincipal     PrincipalKind = "session"     // somebody in the console; ID is the session's
	GatewayPrincipal     PrincipalKind = "gateway"     // scimgate itself, in the background
)

// Principal is who does something here: in which role, and of which tenant.
type Principal struct {
	Kind   PrincipalKind `json:"kind"`
	ID     string        `json:"id,omitempty"`   // no secret
	Name   string        `json:"name,omitempty"` // for people
	Role   Role          `json:"role"`
	Tenant ID            `json:"tenant,omitempty"` // "" is every tenant
}

// String names the principal: "key:1a2B3c4D", "cli".
func (p Principal) String() string {
	if p.ID == "" {
		return string(p.Kind)
	}
	return string(p.Kind) + ":" + p.ID
}

// Sees reports whether a tenant is there for the principal.
func (p Principal) Sees(id ID) bool {
	switch p.Role {
	case Operator, Support:
		return p.Tenant == "" || p.Tenant == id
	case Administrator:
		return p.Tenant != "" && p.Tenant == id
	default:
		return false
	}
}

// Change is one thing that somebody did, or was about to do when the process
// ended. It is stored before anything is done and once more after, so that nothing
// can be done that is not told: where the process ended between, Status is 0, and
// the thing was done or not.
type Change struct {
	ID          string       `json:"id"` // sorts by time, finer than At
	At          time.Time    `json:"at"` // when it began, to the millisecond
	Tenant      ID           `json:"tenant,omitempty"`
	Actor       Principal    `json:"actor"`
	Operation   string       `json:"operation"`      // of the API by its id; of the console by method and path
	Resource    string       `json:"resource"`       // path of what it was about
	Status      int          `json:"status"`         // HTTP status of the answer; 0: not known
	Note        string       `json:"note,omitempty"` // what it came to, in a word, where nothing differs
	Differences []Difference `json:"differences"`    // what it changed
	More        int          `json:"more,omitempty"` // differences that were too many to keep
}

// Difference is one value that a change made, changed or removed, as JSON. A secret
// is told by a word.
type Difference struct {
	Path   string          `json:"path"` // "settings.paused"
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// NewChange makes a change that begins now.
func NewChange(now time.Time) *Change {
	return &Change{ID: changeIDAt(now) + randomText(9, 12), At: now.UTC().Truncate(time.Millisecond)}
}

// changeIDAt begins the ids of an instant's changes, and sorts before all of them.
func changeIDAt(at time.Time) string {
	return fmt.Sprintf("%014x", min(max(at.UnixMicro(), 0), 1<<56-1))
}

// ChangeQuery picks changes. What is zero picks all.
type ChangeQuery struct {
	Tenant ID
	Actor  string    // a Principal's String, its kind or its name
	Since  time.Time // at this time or later
	Until  time.Time // before this time
	After  string    // id of the last change of the page before
	Limit  int
}

// Changes keeps what was done. All methods may be called concurrently; each write
// is one atomic operation and durable when it returns. Store.DeleteTenant removes
// those of its tenant.
type Changes interface {
	// BeginChange stores a new change, or ErrExists.
	BeginChange(ctx context.Context, c *Change) error
	// EndChange stores what became of a change, or ErrNotFound where it is gone.
	EndChange(ctx context.Context, c *Change) error
	// Changes returns what a query picks, newest first.
	Changes(ctx context.Context, q ChangeQuery) ([]*Change, error)
	// PurgeChanges removes what began before a time.
	PurgeChanges(ctx context.Context, before time.Time) error
}

// from and to are the ids between which a query's changes are: from is among them,
// to is not.
func (q ChangeQuery) from() string {
	if q.Since.IsZero() {
		return ""
	}
	return changeIDAt(q.Since)
}

func (q ChangeQuery) to() string {
	to := "~" // after every id
	if !q.Until.IsZero() {
		to = changeIDAt(q.Until)
	}
	if q.After != "" {
		to = min(to, q.After)
	}
	return to
}

func encodeChange(c *Change) ([]byte, error) {
	doc, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode a change: %w", err)
	}
	return doc, nil
}

func decodeChange(doc []byte) (*Change, error) {
	c := &Change{}
	if err := json.Unmarshal(doc, c); err != nil {
		return nil, fmt.Errorf("decode a stored change: %w", err)
	}
	return c, nil
}
