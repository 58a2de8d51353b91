package directory

import (
	"context"
	"errors"
	"slices"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// What Deliveries answers beside success.
var (
	// ErrNotDue means that there is nothing to claim: delivered meanwhile, due
	// later, or in somebody's hands whose outcome must be waited for.
	ErrNotDue = errors.New("directory: not due")
	// ErrSuperseded means that the claim is no longer the caller's: somebody
	// newer owns the resource. Nothing was written but that the caller lives. Not a
	// failure.
	ErrSuperseded = errors.New("directory: claim superseded")
)

// State is where the delivery of one resource to one connection stands.
type State string

// The states.
const (
	Clean  State = "clean"  // delivered is desired, nothing in flight, nothing to verify
	Due    State = "due"    // to be sent or verified, at or after Delivery.Due
	Parked State = "parked" // needs a person, a new version, or new rules
	Held   State = "held"   // a departure that the mass-change guard stopped: needs a person, or a new version
)

// Priority orders what is due: leaving first.
type Priority uint8

// The priorities. Deactivation, deletion and the loss of a membership go before
// everything else; groups come after the users that they may name.
const (
	Leaving Priority = iota
	Staying
	Grouping
)

// priorities are all of them, in the order in which they are served.
var priorities = []Priority{Leaving, Staying, Grouping}

// Op is what an attempt was about to do. It decides what may follow when its
// outcome stays unknown: anything but Creating may simply be sent again.
type Op string

// The operations.
const (
	Creating Op = "create" // not idempotent at the target: wait QuietUntil, then look up
	Updating Op = "update"
	Removing Op = "remove"
)

// Intent is the mark that an attempt leaves in the resource before it sends
// anything, and that its own commit clears. One found in place means an attempt
// whose outcome nobody knows.
type Intent struct {
	ID         string    `json:"id" bson:"id"` // random
	Version    uint64    `json:"version" bson:"version"`
	Op         Op        `json:"op" bson:"op"`
	QuietUntil time.Time `json:"quietUntil" bson:"quietUntil"`         // by then its requests have landed or died
	Ended      bool      `json:"ended,omitempty" bson:"ended"`         // its worker lived to say that the outcome is unknown
	Name       string    `json:"name,omitempty" bson:"name,omitempty"` // of Creating: what the account may hold it under, should it be deleted before anybody knows

	// Earlier are the names that attempts before this one may have left it under, if
	// nobody has found out since: it may have been renamed, or claimed by who did not
	// know its name.
	Earlier []string `json:"earlier,omitempty" bson:"earlier,omitempty"`
}

// Names are all names under which the account may hold what nobody has an id of, each
// once.
func (i *Intent) Names() []string {
	if i == nil {
		return nil
	}
	if i.Name == "" || slices.Contains(i.Earlier, i.Name) {
		return slices.Clone(i.Earlier)
	}
	return append(slices.Clone(i.Earlier), i.Name)
}

// Verify asks for a comparison of account and store, because a request of
// unknown outcome may have landed late (push now, verify after).
type Verify struct {
	Nonce string    `json:"nonce" bson:"nonce"` // random; a newer doubt brings a newer nonce
	After time.Time `json:"after" bson:"after"`
}

// Failure is the last thing that went wrong. It holds no value of any resource
// and nothing that the target sent beyond its status.
type Failure struct {
	Class  string    `json:"class" bson:"class"`                       // connectors.Fault: "transient", "rejected", …
	Status int       `json:"status,omitempty" bson:"status,omitempty"` // HTTP status, if there was an answer
	Reason string    `json:"reason" bson:"reason"`                     // one sentence for a person
	At     time.Time `json:"at" bson:"at"`
}

// Delivery is what the store knows of one resource at one connection.
type Delivery struct {
	State     State     `json:"state"`
	Delivered uint64    `json:"delivered"` // `dv`; 0 is never
	Due       time.Time `json:"due,omitzero"`
	Priority  Priority  `json:"priority"`
	Attempts  int       `json:"attempts"` // failed ones since the last success or change
	Crashes   int       `json:"crashes"`  // attempts in a row whose worker died
	RemoteID  string    `json:"remoteId,omitempty"`
	Sent      []string  `json:"sent,omitempty"`     // paths that the account holds by our hand
	SentHash  string    `json:"sentHash,omitempty"` // of the projection delivered
	RulesRev  uint64    `json:"rulesRev"`           // that made it
	Intent    *Intent   `json:"intent,omitempty"`
	Verify    *Verify   `json:"verify,omitempty"`
	Failure   *Failure  `json:"failure,omitempty"`
	Since     time.Time `json:"since,omitzero"`     // it is owed, if an attempt has begun since; else Due
	Adopting  bool      `json:"adopting,omitempty"` // RemoteID was chosen by a person, and no push has succeeded there yet
	Former    string    `json:"former,omitempty"`   // the RemoteID before, while Adopting

	Away      bool      `json:"away,omitempty"`      // the account holds it as not active
	Name      string    `json:"name,omitempty"`      // that the account knows it by; "" once it has left
	Departure Departure `json:"departure,omitempty"` // what was decided of its leaving
}

// Claim is one resource in one worker's hands: as it is now, with what is known
// of it at the connection, and with the worker's own intent in place.
type Claim struct {
	Tenant   tenant.ID
	Slot     tenant.Slot
	Resource *scim.Resource // a tombstone's has its last version and no attributes but id
	Deleted  bool
	Delivery Delivery // as before the claim, but for Intent, which is the claim's
	Doubt    bool     // the account may hold more than Delivery tells: an intent of unknown outcome stood in place
	Request  string   // that made the version, where the journal knows
	Trace    string   // of that request, as its Note had it
}

// Outcome is what became of a Claim. Exactly one of Done, Retry and Park is set.
type Outcome struct {
	Done  *Done
	Retry *Retry
	Park  *Failure // State Parked, unless the resource changed meanwhile

	Attempt *Attempt // what the Journal tells of it, in the same write; nil: nothing
}

// Done says that the account holds the claimed version, or with Rest a part of it.
type Done struct {
	RemoteID string
	Sent     []string
	SentHash string
	RulesRev uint64
	Rest     *Rest

	Away      bool      // what the account holds is not active
	Name      string    // that the account knows it by; "" if it has left
	Departure Departure // Refused, if it was left alone; else ""
}

// Rest says that more of the claimed version is to come: dv stays as it was.
type Rest struct {
	At      time.Time // due again, not before
	Failure *Failure  // what it waits for; nil if it is simply much
}

// Retry says that the attempt failed and when to try again.
type Retry struct {
	At      time.Time
	Failure Failure
	Unknown bool // a request may have landed or may land yet: the intent stays, Ended
	Absent  bool // nobody is there under the names of Intent.Earlier
	Spare   bool // does not count as an attempt: the fault is the tenant's or ours
	Op      Op   // what was in flight, if Unknown
	// Departure is remembered. Withheld: State Held and not tried again at all,
	// unless the resource changed meanwhile or was made due anew.
	Departure Departure
}

// Item is one row of a list of deliveries.
type Item struct {
	Ref      Ref         `json:"ref"`
	Slot     tenant.Slot `json:"-"`
	Version  uint64      `json:"version"`
	Deleted  bool        `json:"deleted"`
	Delivery Delivery    `json:"delivery"`
}

// Pick says whether a resource is meant, by what is known of its delivery and by
// what it holds; a tombstone holds nothing but its id. Its error ends the walk.
type Pick func(item Item, r *scim.Resource) (bool, error)

// Deliveries is the work list beside the resources. Each method is one atomic
// operation on one resource (the lists read a little stale at worst).
//
// Invariants (reliability-and-security.md 3.6): dv ≤ v; clean ⇒ dv = v, no
// intent, no verify; a commit that names another's intent changes nothing; what
// a claim returns is the version its intent names.
type Deliveries interface {
	// Owing returns up to limit tenants, after the given one and by id, that have
	// something due at or before now on any slot: the sweeper's question,
	// answered by an index whatever is parked.
	Owing(ctx context.Context, after tenant.ID, now time.Time, limit int) ([]tenant.ID, error)
	// DueNow returns up to limit resources due at or before now, by priority and
	// then by time.
	DueNow(ctx context.Context, t tenant.ID, s tenant.Slot, now time.Time, limit int) ([]Ref, error)
	// NextDue returns when the earliest due resource of the tenant and slot is
	// due; zero if none is.
	NextDue(ctx context.Context, t tenant.ID, s tenant.Slot) (time.Time, error)
	// Claim puts intent in place (its Version is filled in by the store) and
	// returns the resource as of that same instant. ErrNotDue if it is not due at
	// now, or if an intent of op Creating stands there until its QuietUntil. Over
	// any other intent it also sets Verify to a new nonce, after intent.QuietUntil.
	// An intent found that had not Ended counts as a crash, until its own late
	// commit shows that its worker lives. ErrJournalFull before
	// more is done of what the journal could not take.
	Claim(ctx context.Context, t tenant.ID, s tenant.Slot, ref Ref, intent Intent, now time.Time) (*Claim, error)
	// Commit settles a claim, if its intent is still in place, else
	// ErrSuperseded. Done sets dv and clears intent, attempts and failure; the
	// resource stays due if it has a newer version, or to be verified. Retry and
	// Park leave a newer version due as it is.
	Commit(ctx context.Context, c *Claim, o Outcome) error
	// Verified ends the verification that nonce names, if no intent is in place,
	// else ErrSuperseded: ok leaves the resource clean (or due, if it has a newer
	// version), not ok sets dv to 0 and makes it due now.
	Verified(ctx context.Context, t tenant.ID, s tenant.Slot, ref Ref, nonce string, ok bool, now time.Time) error
	// Delivery returns one resource's state at a slot, or ErrNotFound; tombstones
	// are found too.
	Delivery(ctx context.Context, t tenant.ID, s tenant.Slot, ref Ref) (*Item, error)
	// Deliveries returns up to limit resources in a state (Due, Parked, Held), in
	// the order of the work list.
	Deliveries(ctx context.Context, t tenant.ID, s tenant.Slot, state State, limit int) ([]Item, error)
	// DeliveriesAfter is Deliveries from a place on, and returns the place after what it
	// returns; "" begins, and ends. What is settled meanwhile is left out; of what
	// becomes due at one instant with others some may be left out or come twice.
	// ErrPlace if after is none.
	DeliveriesAfter(ctx context.Context, t tenant.ID, s tenant.Slot, state State, after string, limit int) (items []Item, next string, err error)
	// Leaver returns a tombstone that had the same name as r when it was deleted
	// and is not yet delivered or holds a RemoteID, newest first; nil if there is
	// none. A re-hire waits for it, and takes over its RemoteID (see TakeOver).
	Leaver(ctx context.Context, t tenant.ID, s tenant.Slot, r *scim.Resource) (*Item, error)
	// TakeOver clears the RemoteID of a tombstone that is delivered or Held, because
	// another resource holds that account user from now on: what was Held is clean
	// then, nobody being left to leave. False if it was not there.
	TakeOver(ctx context.Context, t tenant.ID, s tenant.Slot, ref Ref, remoteID string) (bool, error)
	// Resync makes every resource of the kinds that is not due yet due now at a
	// slot, parked ones too: after new rules, a new connection, a replay. All
	// Shares of a group that it touches are compared. It works in batches and
	// returns how many it touched.
	Resync(ctx context.Context, t tenant.ID, s tenant.Slot, kinds []string, now time.Time) (int, error)
	// Replay makes those resources due now that which picks, of the same as
	// Resync, and has the account sent them even where it is believed to hold
	// them. It may be asked for again at any time: what is sent is always the
	// present state, a group's with all its members. which may be called twice for
	// one resource.
	Replay(ctx context.Context, t tenant.ID, s tenant.Slot, kinds []string, which Pick, now time.Time) (int, error)
	// Release lets what is Held leave, without being counted: those users, or all
	// that are Held if ids is nil. It returns how many it let go; what is not Held
	// (any more) is none of them.
	Release(ctx context.Context, t tenant.ID, s tenant.Slot, ids []string, now time.Time) (int, error)
	// Discard has the account keep what is Held, of the same as Release: it is
	// clean, with what was delivered before and Departure Refused, until the
	// resource changes.
	Discard(ctx context.Context, t tenant.ID, s tenant.Slot, ids []string) (int, error)
	// Survey returns up to limit resources of a kind with an id greater than after, by
	// id, in whatever state, tombstones too: how an audit walks all of them.
	Survey(ctx context.Context, t tenant.ID, s tenant.Slot, kind, after string, limit int) ([]Surveyed, error)
	// Suspect looks at up to limit users with an id greater than after, by id, and
	// asks for a comparison (Verify) of those that are clean and delivered. It
	// returns how many these are and where to go on; "" is after the last.
	Suspect(ctx context.Context, t tenant.ID, s tenant.Slot, after string, limit int, now time.Time) (next string, touched int, err error)
	// Adopt makes a user that is parked, or due and never delivered, and whose
	// RemoteID is known ("" for none) due, Adopting the account user that was
	// chosen; false if that is not how it stands any more. What then parks it brings
	// the known RemoteID back.
	Adopt(ctx context.Context, t tenant.ID, s tenant.Slot, ref Ref, known, chosen string, now time.Time) (bool, error)
	// Forget drops all delivery state of a slot whose connection is gone.
	Forget(ctx context.Context, t tenant.ID, s tenant.Slot) error
	// Purge removes tombstones that every slot has confirmed before the given
	// time and of which nothing waits to be relayed to the journal, up to limit, and
	// returns how many.
	Purge(ctx context.Context, before time.Time, limit int) (int, error)

	Shares
	Backlog
}
