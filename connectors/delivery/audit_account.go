package delivery

import (
	"context"
	"slices"
	"strings"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// stranger is a user or group of the account that is none of ours, as far as was known
// when it was read.
type stranger struct {
	remote, name string
	entry        int32 // of ours that it resembles; -1 is none
	external     uint64
	protected    bool
	fits         bool // the connection's rule adopts it
}

// readAccount reads the account by pages, and compares whom it knows.
func (a *audit) readAccount(ctx context.Context) error {
	for cursor, more := "", true; more; more = cursor != "" {
		var page connectors.Listing
		err := a.ask(ctx, func() (err error) {
			page, err = a.list(ctx, cursor)
			return err
		})
		if err != nil {
			return err
		}
		for i := range page.Held {
			if err := a.meet(ctx, &page.Held[i]); err != nil {
				return err
			}
		}
		a.tell("account", a.held, page.Total)
		cursor = page.Next
	}
	return nil
}

// meet looks at one of the account's. A page may show again what an earlier one had.
func (a *audit) meet(ctx context.Context, h *connectors.Holding) error {
	if at, ok := a.ours.byRemote[h.RemoteID]; ok {
		e := &a.ours.entries[at]
		if e.seen {
			return nil
		}
		e.seen = true
		a.held++
		if e.owed || e.state == directory.Parked {
			e.owed = true
			return nil
		}
		return a.compare(ctx, e, h)
	}
	if !a.known[h.RemoteID] {
		a.known[h.RemoteID] = true
		a.held++
		a.strangers = append(a.strangers, a.stranger(h))
	}
	return nil
}

// stranger finds out which of ours one of the account's resembles.
func (a *audit) stranger(h *connectors.Holding) stranger {
	s := stranger{remote: h.RemoteID, name: h.UserName, entry: -1, protected: h.Protected}
	at, named := a.ours.byName[a.ours.hash(value.Fold(h.UserName))]
	other, same := int32(-1), false
	if h.ExternalID != "" {
		s.external = a.ours.hash(h.ExternalID)
		other, same = a.ours.byExternal[s.external]
	}
	if !named && !same {
		return s
	}
	if !named {
		at = other
	}
	s.entry = at
	s.fits = !h.Protected && a.fits(named, same && other == at)
	a.ours.entries[at].rival = true
	return s
}

// fits is the connection's rule.
func (a *audit) fits(named, same bool) bool {
	return named && same || named && a.adopts == tenant.AdoptUserName || same && a.adopts == tenant.AdoptExternalID
}

// mostChecks is how many that no page showed are looked up one by one: a page may
// skip somebody while others leave. Of the rest the list is believed; a
// repair of what is not missing changes nothing.
const mostChecks = 1000

// checkUnseen finds those of ours that the account does not hold.
func (a *audit) checkUnseen(ctx context.Context) error {
	checks := 0
	for i := range a.ours.entries {
		e := &a.ours.entries[i]
		if e.seen || e.deleted || e.owed || e.rival && (e.remote == "" || e.state == directory.Parked) {
			continue
		}
		if e.remote == "" || e.state == directory.Parked || checks == mostChecks {
			a.find(Finding{Kind: Missing, ID: e.id, RemoteID: e.remote})
			continue
		}
		checks++
		a.tell("check", checks, 0)
		if err := a.lookAgain(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (a *audit) lookAgain(ctx context.Context, e *entry) error {
	held, err := a.look(ctx, e.id, e.remote)
	if err != nil {
		return err
	}
	if held != nil {
		e.seen = true
		a.held++
		return a.compare(ctx, e, held)
	}
	if _, ok, err := a.expected(ctx, e); err != nil || !ok {
		e.owed = true
		return err
	}
	a.find(Finding{Kind: Missing, ID: e.id, RemoteID: e.remote})
	return nil
}

// checkStrangers tells what each stranger is. Whoever came while the account was
// read is ours by now.
func (a *audit) checkStrangers(ctx context.Context) error {
	if len(a.strangers) == 0 {
		return nil
	}
	ours := map[string]bool{}
	err := a.survey(ctx, func(s directory.Surveyed) error {
		if id := s.Delivery.RemoteID; a.known[id] && !s.Delivery.Adopting {
			ours[id] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	twins := a.twins()
	for _, s := range a.strangers {
		if !ours[s.remote] {
			a.judge(s, twins[s.external] > 1)
		}
	}
	return nil
}

// twins counts the strangers of each externalId.
func (a *audit) twins() map[uint64]int {
	all := map[uint64]int{}
	for _, s := range a.strangers {
		if s.external != 0 {
			all[s.external]++
		}
	}
	return all
}

func (a *audit) judge(s stranger, twin bool) {
	f := Finding{Kind: Extra, RemoteID: s.remote, UserName: s.name, Protected: s.protected}
	if s.entry < 0 {
		if twin {
			f.Kind = Duplicate
		}
		a.find(f)
		return
	}
	e := &a.ours.entries[s.entry]
	f.ID = e.id
	switch {
	case e.fresh && s.fits:
		f.Kind = Match
	case e.fresh:
		f.Kind = Conflict
	case e.owed && !e.seen:
		return // under way: it will be ours, gone, or a conflict
	case e.seen && e.state != directory.Parked:
		f.Kind = Duplicate
	default:
		f.Kind = Conflict
	}
	a.find(f)
}

// report sums up; groups is nil where there are none.
func (a *audit) report(groups *groupAudit) *AuditReport {
	r := &AuditReport{Tally: a.tally(), Counts: a.counts, Findings: a.found}
	if groups != nil {
		r.Groups = &groups.GroupsTally
		r.Groups.Tally = groups.tally()
		r.Findings = append(r.Findings, groups.found...)
		for kind, n := range groups.counts {
			r.Counts[kind] += n
		}
	}
	slices.SortStableFunc(r.Findings, func(x, y Finding) int { return strings.Compare(x.order(), y.order()) })
	return r
}

// order is by kind, users first, and then by id.
func (f Finding) order() string {
	about := map[string]string{AboutUser: "0", AboutGroup: "1", AboutMembership: "2"}[f.About]
	return strings.Join([]string{string(f.Kind), about, f.Group, f.ID, f.RemoteID}, " ")
}

func (a *audit) tally() Tally {
	t := Tally{Held: a.held, Same: a.same}
	for _, e := range a.ours.entries {
		if e.deleted {
			continue
		}
		t.Stored++
		switch {
		case e.fresh && !e.rival:
			t.New++
		case e.owed && !e.fresh && e.state != directory.Parked:
			t.Owed++
		}
	}
	return t
}
