package directory

import (
	"context"
	"errors"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// What a Journal answers beside success.
var (
	// ErrPosition means that JournalQuery.After is no position of the journal.
	ErrPosition = errors.New("directory: no position of the journal")
	// ErrJournalFull means that too much of a resource's journal waits to be
	// brought to its place. Nothing was changed; to a client it is a 503.
	ErrJournalFull = errors.New("directory: too much of the journal waits to be relayed")
)

// Entry is one line of the Journal: a request and what it made of one resource,
// or one attempt to deliver a version. Request joins them. It holds no value of
// any resource and no name.
type Entry struct {
	ID      string    // its position, which orders a tenant's entries of one time
	At      time.Time // to the millisecond; never before the change that it is about
	Ref     Ref
	Version uint64     // made, or pushed; of a request that changed nothing, what there was, or 0
	Request string     // that made Version; "" if it is not known
	Change  *scim.Note // either this
	Attempt *Attempt   // or this
}

// class is what JournalQuery.Class compares.
func (e *Entry) class() string {
	if e.Attempt != nil {
		return e.Attempt.Class
	}
	return e.Change.Class
}

// Attempt is what the Journal tells of one attempt at a connection.
type Attempt struct {
	Connection string         `json:"connection,omitempty" doc:"Id of the connection"`
	Slot       tenant.Slot    `json:"slot" doc:"Place of the connection"`
	Op         AttemptOp      `json:"op" enum:"create,update,suspend,delete,verify" doc:"verify compares account and store"`
	Outcome    AttemptOutcome `json:"outcome" enum:"done,part,retry,parked,held,resent" doc:"What became of it"`
	Class      string         `json:"class,omitempty" doc:"Of the failure" example:"transient"`
	Status     int            `json:"status,omitempty" doc:"HTTP status of the answer that failed it, if there was one"`
	Unknown    bool           `json:"unknown,omitempty" doc:"Whether the account has it nobody knows; it will be compared"`
	Idle       bool           `json:"idle,omitempty" doc:"Nothing had to be sent"`
	RulesRev   uint64         `json:"rulesRev" doc:"Version of the rules in force"`
	Millis     int64          `json:"durationMs" doc:"Milliseconds, from the claim to the outcome"`
}

// AttemptOp is what an attempt was about to do at the account.
type AttemptOp string

// The operations.
const (
	ToCreate  AttemptOp = "create"
	ToUpdate  AttemptOp = "update"
	ToSuspend AttemptOp = "suspend"
	ToDelete  AttemptOp = "delete"
	ToVerify  AttemptOp = "verify"
)

// AttemptOutcome is what became of an attempt.
type AttemptOutcome string

// The outcomes.
const (
	WasDone    AttemptOutcome = "done"
	WasInPart  AttemptOutcome = "part" // of a group: some of its members, more follow
	WillRetry  AttemptOutcome = "retry"
	WasParked  AttemptOutcome = "parked"
	WasHeld    AttemptOutcome = "held"   // for somebody's approval; nothing was sent
	WasRenewed AttemptOutcome = "resent" // of verify: the account held something else
)

// JournalQuery asks for entries of a tenant in the order of time.
type JournalQuery struct {
	Ref     Ref       // of this resource alone; zero: of all
	Since   time.Time // at this time or later; zero: from the beginning
	Until   time.Time // before this time; zero: to the end
	Class   string    // whose failure or refusal is of this class; "": all
	Request string    // of this request; "": all
	Newest  bool      // newest first
	After   string    // what follows this position; "" begins
	Limit   int       // at least 1
}

// JournalPage is the answer to a JournalQuery. What was looked at for one page is
// bounded, so that it may hold fewer entries than the limit, and none, though
// others follow.
type JournalPage struct {
	Entries []Entry
	Next    string // JournalQuery.After of the next page; "" if this is the last
}

// Bearer is a resource that has a name, or had it when it was deleted.
type Bearer struct {
	Ref      Ref
	Version  uint64
	Deleted  bool
	Modified time.Time
}

// Journal keeps what happened. A change's entry is written by the very write that
// makes the change (scim.Resource.Note), an attempt's by that of its commit
// (Outcome.Attempt): there is neither without the other.
//
// All methods may be called concurrently, also by several processes, and repeated.
// Store.Erase removes a tenant's journal.
type Journal interface {
	// ReadJournal answers a query. A resource's own story is complete; that of a
	// tenant too, unless more than some thousand resources wait to be relayed.
	// ErrPosition if After is none.
	ReadJournal(ctx context.Context, t tenant.ID, q JournalQuery) (*JournalPage, error)
	// AddToJournal adds entries that no write of the store brings: of what changed
	// nothing. What is about a resource that there is not, and never was, is left out.
	AddToJournal(ctx context.Context, t tenant.ID, entries []Entry) error
	// RelayJournal brings what waits beside the resources to its place, and returns
	// how many entries. They may be removed keep after they were made, by the server
	// itself where it can; ExpireJournal does not rely on it.
	RelayJournal(ctx context.Context, keep time.Duration) (int, error)
	// ExpireJournal removes up to limit entries that are older than before, and
	// returns how many.
	ExpireJournal(ctx context.Context, before time.Time, limit int) (int, error)
	// Named returns who has a name (userName, a group's displayName), and whoever
	// had it when deleted: the living one first, then by Modified, newest first.
	Named(ctx context.Context, t tenant.ID, kind, name string) ([]Bearer, error)
}
