package delivery

import (
	"math/rand/v2"
	"time"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Patrol is the slow audit in the background: a part of what is clean is compared
// with the account each hour, in rotation, and sent anew where it differs. It
// bounds how long a change behind our back stays, and a request that landed later
// than any time that we wait for (reliability-and-security.md 3.6, M6 and M7).
type Patrol struct {
	Share float64       // of a connection's users an hour: 0 is 0.01; negative: none
	Every time.Duration // between two steps: 0 is 1 min
}

func (p Patrol) filled() Patrol {
	if p.Share == 0 {
		p.Share = 0.01
	}
	p.Every = or(p.Every, time.Minute)
	return p
}

// patrol is the rotation of one life. What it chooses it only marks, as a request
// of unknown outcome would; the comparison is a push's, in its turn and at the
// connection's pace. Where it stands is kept in memory: a new process begins at a
// random place. Of several processes one walks, by a lease.
type patrol struct {
	*life
	worker *Worker
	routes map[beat]*route
	able   map[string]bool // by a connection's kind: it can be asked
}

// beat is a connection.
type beat struct {
	tenant tenant.ID
	slot   tenant.Slot
}

// route is how far a connection's rotation is.
type route struct {
	users   int
	counted time.Time
	after   string    // id of the last one chosen
	credit  float64   // how many may be chosen now
	stepped time.Time // when the credit was worked out
}

// mostAtOnce bounds one step: a rotation that had to wait does not make up for it.
const mostAtOnce = 256

// patrol runs until the life ends.
func (w *Worker) patrol(l *life) {
	if l.Patrol.Share < 0 {
		return
	}
	p := &patrol{life: l, worker: w, routes: map[beat]*route{}, able: map[string]bool{}}
	for rest(l.ctx, l.Patrol.Every) == nil {
		if err := p.round(); err != nil && l.ctx.Err() == nil {
			l.log.WarnContext(l.ctx, "the slow audit goes on in the next round", "error", err)
		}
	}
}

// patrolLease is who walks. No tenant has such an id.
const patrolLease tenant.ID = "-patrol-"

// mine reports whether this process walks.
func (p *patrol) mine() (bool, error) {
	if p.worker.Leases == nil {
		return true, nil
	}
	term, err := p.worker.Leases.AcquireLease(p.ctx, patrolLease, p.owner, 3*p.Patrol.Every)
	return term != "", err
}

// round takes a step for each connection.
func (p *patrol) round() error {
	if mine, err := p.mine(); err != nil || !mine {
		return err
	}
	const page = 256
	walked := map[beat]*route{}
	for after := tenant.ID(""); ; {
		tenants, err := p.worker.Tenants.Tenants(p.ctx, after, page)
		if err != nil {
			return err
		}
		for _, t := range tenants {
			after = t.ID
			for _, c := range t.Connections {
				if err := p.walk(t, c, walked); err != nil {
					return err
				}
			}
		}
		if len(tenants) < page {
			p.routes = walked
			return nil
		}
	}
}

func (p *patrol) walk(t *tenant.Tenant, c tenant.Connection, walked map[beat]*route) error {
	if !c.Sends() || !p.asks(t, c) {
		return nil
	}
	b := beat{t.ID, c.Slot}
	r := p.routes[b]
	if r == nil {
		r = &route{stepped: p.now()}
	}
	walked[b] = r
	if err := p.count(b, r); err != nil {
		return err
	}
	return p.step(b, r)
}

// asks reports whether the account behind a connection can be asked, which is a
// matter of its kind.
func (p *patrol) asks(t *tenant.Tenant, c tenant.Connection) bool {
	able, known := p.able[c.Kind]
	if known {
		return able
	}
	connector, err := p.worker.Open(p.ctx, t, c)
	if err != nil {
		return false
	}
	able = canAsk(connector)
	p.able[c.Kind] = able
	return able
}

// count finds out, now and then, how many users there are, and at first where to
// begin.
func (p *patrol) count(b beat, r *route) error {
	now := p.now()
	if !r.counted.IsZero() && now.Sub(r.counted) < time.Hour {
		return nil
	}
	q := directory.Query{Kind: "User", StartIndex: 1}
	page, err := p.worker.Work.List(p.ctx, b.tenant, q)
	if err != nil {
		return err
	}
	if first := r.counted.IsZero(); first && page.Total > 1 {
		if r.after, err = p.anybody(b, page.Total); err != nil {
			return err
		}
	}
	r.users, r.counted = page.Total, now
	return nil
}

func (p *patrol) anybody(b beat, total int) (id string, err error) {
	q := directory.Query{Kind: "User", StartIndex: 1 + rand.IntN(total), Count: 1}
	page, err := p.worker.Work.List(p.ctx, b.tenant, q)
	if err != nil || len(page.Resources) == 0 {
		return "", err
	}
	return page.Resources[0].ID, nil
}

// step chooses the next ones. Where deliveries are stuck, the account has other
// worries, and nobody would compare anything.
func (p *patrol) step(b beat, r *route) error {
	now := p.now()
	r.credit += float64(r.users) * p.Patrol.Share * now.Sub(r.stepped).Hours()
	r.credit = min(r.credit, mostAtOnce, float64(r.users))
	r.stepped = now
	if r.credit < 1 {
		return nil
	}
	due, err := p.worker.Work.NextDue(p.ctx, b.tenant, b.slot)
	if err != nil || !due.IsZero() && due.Before(now.Add(-p.Patrol.Every)) {
		return err
	}
	n := int(r.credit)
	next, touched, err := p.worker.Work.Suspect(p.ctx, b.tenant, b.slot, r.after, n, now)
	if err != nil {
		return err
	}
	if next == "" { // a rotation has ended before the n-th
		n = touched
	}
	r.after = next
	r.credit -= float64(n)
	if touched > 0 {
		p.worker.Wake(b.tenant)
	}
	return nil
}
