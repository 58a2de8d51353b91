package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
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

// audits are those of this process, which alone knows of them: what they found is
// kept in memory, and a new process has none.
type audits struct {
	mu      sync.Mutex
	kept    []*audit // oldest first
	stopped bool
	working sync.WaitGroup
}

// keptOf and keptInAll bound what is remembered: of a tenant, and of all.
const (
	keptOf    = 3
	keptInAll = 200
)

// audit is one under way, or one that has ended. What can change is guarded by
// audits.mu.
type audit struct {
	id         string
	tenant     tenant.ID
	connection tenant.Connection
	started    time.Time
	ended      time.Time // zero while it runs
	progress   delivery.AuditProgress
	report     *delivery.AuditReport // nil until it has ended well
	reason     string                // why it did not
	cancel     context.CancelFunc
}

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
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a := &audit{id: strings.ToLower(rand.Text()[:12]), tenant: id, connection: c, started: time.Now().UTC(), cancel: cancel}
	if !s.audits.add(a) {
		cancel()
		return AuditView{}, ErrBusy
	}
	note(ctx, "audit %s of connection %s", a.id, c.ID)
	go s.runAudit(running, a)
	return s.audits.view(a), nil
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

func (s *Service) runAudit(ctx context.Context, a *audit) {
	defer s.audits.working.Done()
	defer a.cancel()
	report, err := s.Drift.Audit(ctx, a.tenant, a.connection.ID, func(p delivery.AuditProgress) {
		s.audits.change(func() { a.progress = p })
	})
	reason := ""
	var told *connectors.Error
	switch {
	case errors.As(err, &told):
		reason = "the account: " + told.Error()
	case ctx.Err() != nil:
		reason = "the gateway was stopped"
	case errors.Is(err, tenant.ErrNotFound):
		reason = "the connection is gone"
	case err != nil:
		reason = "the gateway failed; it is in its log"
		s.Log.ErrorContext(ctx, "an audit failed", "tenant", a.tenant, "error", err)
	}
	s.audits.change(func() { a.report, a.reason, a.ended = report, reason, time.Now().UTC() })
	if s.Audited != nil {
		s.Audited(report)
	}
}

// StopAudits ends all audits and waits for them; no other can be started after.
func (s *Service) StopAudits() {
	s.audits.change(func() {
		s.audits.stopped = true
		for _, a := range s.audits.kept {
			a.cancel()
		}
	})
	s.audits.working.Wait()
}

// Audits lists a tenant's audits, newest first.
func (s *Service) Audits(ctx context.Context, id tenant.ID) ([]AuditView, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	return s.audits.of(id), nil
}

// Audit returns one audit with its findings of a kind, "" for all, from one on.
func (s *Service) Audit(id tenant.ID, auditID string, kind delivery.FindingKind, offset, limit int) (AuditView, error) {
	a, err := s.audits.one(id, auditID)
	if err != nil {
		return AuditView{}, err
	}
	view := s.audits.view(a)
	if view.State == AuditDone { // from here on it does not change
		view.Findings = viewFindings(a.report.Findings, kind, offset, limit)
	}
	return view, nil
}

// finished returns an audit that has ended well.
func (s *Service) finished(id tenant.ID, auditID string) (*audit, error) {
	a, err := s.audits.one(id, auditID)
	if err != nil {
		return nil, err
	}
	switch s.audits.view(a).State {
	case AuditRunning:
		return nil, ErrBusy
	case AuditFailed:
		return nil, invalid("this audit found nothing, because it failed; start another")
	default:
		return a, nil
	}
}

// add keeps a new audit, unless the tenant has one that runs.
func (all *audits) add(a *audit) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.stopped || slices.ContainsFunc(all.kept, func(other *audit) bool { return other.tenant == a.tenant && other.ended.IsZero() }) {
		return false
	}
	all.kept = append(all.kept, a)
	all.trim(a.tenant)
	all.working.Add(1)
	return true
}

// trim forgets the oldest of a tenant, and of all, where there are too many.
func (all *audits) trim(id tenant.ID) {
	var kept []*audit
	of := 0
	for _, a := range slices.Backward(all.kept) {
		if a.tenant == id {
			of++
		}
		few := (a.tenant != id || of <= keptOf) && len(kept) < keptInAll
		if few || a.ended.IsZero() {
			kept = append(kept, a)
		}
	}
	slices.Reverse(kept)
	all.kept = kept
}

// forget drops all of a tenant: whoever takes its name later must not see them.
func (all *audits) forget(id tenant.ID) {
	all.change(func() {
		all.kept = slices.DeleteFunc(all.kept, func(a *audit) bool {
			if a.tenant == id {
				a.cancel()
			}
			return a.tenant == id
		})
	})
}

func (all *audits) change(what func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	what()
}

func (all *audits) one(id tenant.ID, auditID string) (*audit, error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	at := slices.IndexFunc(all.kept, func(a *audit) bool { return a.tenant == id && a.id == auditID })
	if at < 0 {
		return nil, tenant.ErrNotFound
	}
	return all.kept[at], nil
}

func (all *audits) of(id tenant.ID) []AuditView {
	all.mu.Lock()
	defer all.mu.Unlock()
	views := []AuditView{}
	for _, a := range slices.Backward(all.kept) {
		if a.tenant == id {
			views = append(views, viewAudit(a))
		}
	}
	return views
}

func (all *audits) view(a *audit) AuditView {
	all.mu.Lock()
	defer all.mu.Unlock()
	return viewAudit(a)
}
