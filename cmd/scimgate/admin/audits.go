package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"

	"scimgate/connectors"
	"scimgate/connectors/delivery"
	"scimgate/tenant"
)

// Drift is who compares store and account; *delivery.Worker is one.
type Drift interface {
	Audit(ctx context.Context, id tenant.ID, connection string, progress func(delivery.AuditProgress)) (*delivery.AuditReport, error)
	Adopt(ctx context.Context, id tenant.ID, connection string, chosen []delivery.Finding) (delivery.Adoption, error)
}

// ErrBusy answers who asks for a second audit of a tenant, or for what one found
// before it has ended.
var ErrBusy = errors.New("an audit of this tenant is under way; wait for it to end")

// audits are those that this process runs. What is known of them is kept in the
// tenant's notes (audits_kept.go), for every process to show.
type audits struct {
	mu      sync.Mutex
	running map[*running]bool
	stopped bool
	working sync.WaitGroup
}

// running is an audit of this process.
type running struct {
	tenant   tenant.ID
	id       string
	cancel   context.CancelFunc
	progress delivery.AuditProgress // guarded by audits.mu
}

// heartbeat is how often a running audit tells how far it is; one that has not told
// for vanished ran in a process that is no more.
const (
	heartbeat = 2 * time.Second
	vanished  = time.Minute
)

// StartAudit begins an audit of the account behind a connection, "" for the first
// that can be asked. A tenant has one at a time.
func (s *Service) StartAudit(ctx context.Context, id tenant.ID, connection string) (AuditView, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return AuditView{}, err
	}
	c, err := s.auditable(ctx, t, connection)
	if err != nil {
		return AuditView{}, err
	}
	now := time.Now().UTC()
	a := keptAudit{ID: strings.ToLower(rand.Text()[:12]), Connection: c.ID, Slot: c.Slot, Started: now, Seen: now}
	under, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &running{tenant: id, id: a.ID, cancel: cancel}
	if !s.audits.begin(r) {
		cancel()
		return AuditView{}, ErrBusy
	}
	if err := s.keepAudit(ctx, id, a); err != nil {
		s.audits.end(r)
		return AuditView{}, err
	}
	note(ctx, "audit %s of connection %s", a.ID, c.ID)
	go s.runAudit(under, r, a)
	return a.view(now), nil
}

// auditable returns the connection of that id, or the first that can be asked.
func (s *Service) auditable(ctx context.Context, t *tenant.Tenant, id string) (tenant.Connection, error) {
	if id != "" && find(t, id) < 0 {
		return tenant.Connection{}, tenant.ErrNotFound
	}
	for _, c := range t.Connections {
		if id != "" && id != c.ID {
			continue
		}
		connector, err := s.Open(ctx, t, c)
		if err != nil {
			return tenant.Connection{}, invalid("connection " + c.ID + ": its settings cannot be used")
		}
		if _, ok := connector.(connectors.Auditor); ok {
			return c, nil
		}
	}
	return tenant.Connection{}, invalid("connection: there is none whose account can be asked what it holds")
}

func (s *Service) runAudit(ctx context.Context, r *running, a keptAudit) {
	defer s.audits.end(r)
	told := make(chan struct{})
	go func() { defer close(told); s.tellProgress(ctx, r) }()
	report, err := s.Drift.Audit(ctx, r.tenant, a.Connection, func(p delivery.AuditProgress) {
		s.audits.change(func() { r.progress = p })
	})
	a.Reason = s.whyFailed(ctx, r, err)
	r.cancel()
	<-told
	if err := s.keepReport(context.WithoutCancel(ctx), r.tenant, a, report); err != nil && !errors.Is(err, tenant.ErrNotFound) {
		s.Log.ErrorContext(ctx, "what an audit found cannot be kept", "tenant", r.tenant, "error", err)
	}
	if s.Audited != nil {
		s.Audited(report)
	}
}

// whyFailed is what an operator is told of an audit that did not end well; "" of one
// that did.
func (s *Service) whyFailed(ctx context.Context, r *running, err error) string {
	var told *connectors.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &told):
		return "the account: " + told.Error()
	case ctx.Err() != nil:
		return "the gateway was stopped"
	case errors.Is(err, tenant.ErrNotFound):
		return "the connection is gone"
	default:
		s.Log.ErrorContext(ctx, "an audit failed", "tenant", r.tenant, "error", err)
		return "the gateway failed; it is in its log"
	}
}

// tellProgress notes how far an audit is, now and then, until ctx ends. An audit of a
// tenant that is gone ends too.
func (s *Service) tellProgress(ctx context.Context, r *running) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var p delivery.AuditProgress
		s.audits.change(func() { p = r.progress })
		err := s.editAudit(ctx, r.tenant, r.id, func(a *keptAudit) { a.Seen, a.Progress = time.Now().UTC(), p })
		switch {
		case errors.Is(err, tenant.ErrNotFound):
			r.cancel()
		case err != nil && ctx.Err() == nil:
			s.Log.WarnContext(ctx, "the progress of an audit cannot be noted", "tenant", r.tenant, "error", err)
		}
	}
}

// StopAudits ends this process's audits and waits for them; no other can be started
// after.
func (s *Service) StopAudits() {
	s.audits.change(func() {
		s.audits.stopped = true
		for r := range s.audits.running {
			r.cancel()
		}
	})
	s.audits.working.Wait()
}

// begin takes in an audit of this process, unless it ends.
func (all *audits) begin(r *running) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.stopped {
		return false
	}
	if all.running == nil {
		all.running = map[*running]bool{}
	}
	all.running[r] = true
	all.working.Add(1)
	return true
}

func (all *audits) end(r *running) {
	r.cancel()
	all.change(func() { delete(all.running, r) })
	all.working.Done()
}

// progress is how far an audit of this process is, which knows it best.
func (all *audits) progress(id tenant.ID, auditID string) (p delivery.AuditProgress, ours bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for r := range all.running {
		if r.tenant == id && r.id == auditID {
			return r.progress, true
		}
	}
	return p, false
}

// forget ends the audits of a tenant that is gone.
func (all *audits) forget(id tenant.ID) {
	all.change(func() {
		for r := range all.running {
			if r.tenant == id {
				r.cancel()
			}
		}
	})
}

func (all *audits) change(what func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	what()
}
