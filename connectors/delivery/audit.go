package delivery

import (
	"context"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"scimgate/connectors"
	"scimgate/mapping"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// FindingKind is a way in which account and store can disagree.
type FindingKind string

// The kinds.
const (
	Missing   FindingKind = "missing"   // we hold it, the account does not
	Extra     FindingKind = "extra"     // the account holds it, we do not: for a person to look at, never touched
	Different FindingKind = "different" // both hold it, and not alike
	Duplicate FindingKind = "duplicate" // the account has another user beside the one that is ours, or two with one externalId
	Conflict  FindingKind = "conflict"  // the account has a user where ours has to go, and it was not made here
	Match     FindingKind = "match"     // the same, and the connection's rule has the first delivery adopt it
)

// What a Finding is about.
const (
	AboutUser       = "User"
	AboutGroup      = "Group"
	AboutMembership = "Membership"
)

// Finding is one disagreement. It holds no value but the userName of an account
// user that is not ours (of a group, its displayName), without which nobody could
// judge it.
type Finding struct {
	Kind      FindingKind
	About     string   // AboutUser, AboutGroup, AboutMembership
	ID        string   // ours; "" of what is not. Of a membership, the member's
	Group     string   // of a membership: our group's id
	RemoteID  string   // the account's; "" where nothing is known. Of a membership, the member's
	UserName  string   // of Extra, Duplicate, Conflict and Match, as the account has it
	Paths     []string // of Different
	Protected bool     // an administrator of the account, who is never adopted
}

// Mends reports whether sending anew what we hold ends the disagreement. A member of
// ours whom we do not have in the group can be taken out; a stranger never is.
func (f Finding) Mends() bool {
	return f.Kind == Missing || f.Kind == Different || f.Kind == Extra && f.About == AboutMembership && f.ID != ""
}

// MostFindings is how many findings of a kind are listed; all are counted.
const MostFindings = 10_000

// AuditReport is what an audit came to.
type AuditReport struct {
	Tally                 // of the users
	Groups   *GroupsTally // nil where the connection is sent no groups, or the account cannot be asked for them
	Counts   map[FindingKind]int
	Findings []Finding // by kind, at most MostFindings of each
}

// Tally counts resources of a kind.
type Tally struct {
	Stored int // that we hold
	Held   int // that the account holds
	Same   int // of ours, those that the account holds as they are
	New    int // of ours, those that were never delivered and that the account does not have
	Owed   int // of ours, those due, under way or changed meanwhile: not compared
}

// GroupsTally counts the groups.
type GroupsTally struct {
	Tally

	Compared    int // groups whose members were compared
	Unread      int // groups that are too large for the account to show their members
	Memberships int // that we hold of those compared, of members who are in the account
}

// AuditProgress tells how far an audit is.
type AuditProgress struct {
	Stage string // "store", "account", "check", "members"
	Done  int
	Total int // 0 where nobody knows yet
}

// Audit compares all users of a tenant, and its groups with their members where they
// are sent, with what the account behind a connection holds, and changes nothing. It
// reads the store once, the account once by pages, at most Tuning.Audit requests a
// second, and the store again where they meet: what changes meanwhile is not compared
// but counted as Owed. It keeps about 400 bytes in memory for each user that either
// side has, and 100 more while it compares who is in the groups.
//
// The error is tenant.ErrNotFound, connectors.ErrCannotAsk, ctx's, a fault of the
// store, or the *connectors.Error that the account gave once too often. The
// Worker need not be running.
func (w *Worker) Audit(ctx context.Context, id tenant.ID, connection string, progress func(AuditProgress)) (*AuditReport, error) {
	a, err := w.openAudit(ctx, id, connection)
	if err != nil {
		return nil, err
	}
	a.progress = progress
	if err := a.run(ctx); err != nil {
		return nil, err
	}
	groups, ok := a.ofGroups()
	if !ok {
		return a.report(nil), nil
	}
	if err := groups.run(ctx); err != nil {
		return nil, err
	}
	if err := groups.checkMembers(ctx); err != nil {
		return nil, err
	}
	return a.report(groups), nil
}

// run compares the resources of the audit's kind.
func (a *audit) run(ctx context.Context) error {
	for _, stage := range []func(context.Context) error{a.readStore, a.readAccount, a.checkUnseen, a.checkStrangers} {
		if err := stage(ctx); err != nil {
			return err
		}
	}
	return nil
}

// audit is one under way, of one kind of resource.
type audit struct {
	kind       string // "User" or "Group"
	list       func(ctx context.Context, cursor string) (connectors.Listing, error)
	withGroups bool // the connection is sent them
	work       Work
	tenant     *tenant.Tenant
	slot       tenant.Slot
	adopts     tenant.Adopt
	rules      *mapping.Rules
	account    connectors.Auditor
	pace       *rate.Limiter
	backoff    Backoff
	now        func() time.Time
	progress   func(AuditProgress)

	ours      ledger
	strangers []stranger
	known     map[string]bool // remote ids of strangers
	held      int
	same      int
	found     []Finding
	counts    map[FindingKind]int
}

func (a *audit) ref(id string) directory.Ref { return directory.Ref{Kind: a.kind, ID: id} }

func (w *Worker) openAudit(ctx context.Context, id tenant.ID, connection string) (*audit, error) {
	t, err := w.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	c, ok := connectionNamed(t, connection)
	if !ok {
		return nil, tenant.ErrNotFound
	}
	account, err := w.asker(ctx, t, c)
	if err != nil {
		return nil, err
	}
	rules, err := w.Rules(t)
	if err != nil {
		return nil, &connectors.Error{Fault: Unusable, Reason: "the tenant's mapping rules cannot be used", Err: err}
	}
	tune := w.Tune.filled()
	return &audit{
		kind: "User", list: account.List, withGroups: c.Groups, account: account,
		work: w.Work, tenant: t, slot: c.Slot, adopts: c.Adopt, rules: rules,
		pace: rate.NewLimiter(rate.Limit(tune.Audit), 1), backoff: tune.Backoff, now: w.clock(),
		ours: newLedger(), known: map[string]bool{}, counts: map[FindingKind]int{},
	}, nil
}

// asker opens a connection whose account can be read as a whole.
func (w *Worker) asker(ctx context.Context, t *tenant.Tenant, c tenant.Connection) (connectors.Auditor, error) {
	connector, err := w.Open(ctx, t, c)
	if errors.Is(err, tenant.ErrDataKey) {
		return nil, err
	}
	if err != nil {
		return nil, &connectors.Error{Fault: Unusable, Reason: "the connection's settings cannot be used", Err: err}
	}
	if account, ok := connector.(connectors.Auditor); ok {
		return account, nil
	}
	return nil, connectors.ErrCannotAsk
}

func canAsk(c connectors.Connector) bool {
	_, ok := c.(connectors.Auditor)
	return ok
}

func connectionNamed(t *tenant.Tenant, id string) (tenant.Connection, bool) {
	for _, c := range t.Connections {
		if c.ID == id {
			return c, true
		}
	}
	return tenant.Connection{}, false
}

// asks is how often a question is asked before an audit gives up.
const asks = 5

// ask asks the account, paced, and again where it was not itself.
func (a *audit) ask(ctx context.Context, question func() error) error {
	for try := 1; ; try++ {
		if err := a.pace.Wait(ctx); err != nil {
			return err
		}
		err := question()
		if err == nil {
			return nil
		}
		e := connectors.AsError(err)
		passing := e.Fault == connectors.Throttled || e.Fault == connectors.Transient
		if try == asks || !passing || ctx.Err() != nil {
			return err
		}
		if err := rest(ctx, max(e.RetryAfter, a.backoff.Least<<try)); err != nil {
			return err
		}
	}
}

func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *audit) tell(stage string, done, total int) {
	if a.progress != nil {
		a.progress(AuditProgress{Stage: stage, Done: done, Total: total})
	}
}

// find notes a finding.
func (a *audit) find(f Finding) {
	if f.About == "" {
		f.About = a.kind
	}
	a.counts[f.Kind]++
	if a.counts[f.Kind] <= MostFindings {
		a.found = append(a.found, f)
	}
}
