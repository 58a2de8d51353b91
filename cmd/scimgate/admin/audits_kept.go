package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"scimgate/connectors/delivery"
	"scimgate/tenant"
)

// What is known of a tenant's audits is kept in its notes: one note lists them, and
// what each of them found stands in notes of its own, sealed, because it names users
// of the account.
const (
	auditsNote = "audits"
	// keptOf bounds how many are kept of a tenant, and keptFor how long.
	keptOf  = 3
	keptFor = 7 * 24 * time.Hour
	// pageBytes is how large a page of findings may become before the next begins.
	pageBytes = 256 << 10
)

// keptAudit is one audit of a tenant, as its note has it.
type keptAudit struct {
	ID         string                 `json:"id"`
	Connection string                 `json:"connection"`
	Slot       tenant.Slot            `json:"slot"`
	Started    time.Time              `json:"started"`
	Seen       time.Time              `json:"seen"` // when it last told how far it is
	Ended      time.Time              `json:"ended,omitzero"`
	Progress   delivery.AuditProgress `json:"progress"`
	Reason     string                 `json:"reason,omitempty"` // why it failed
	Report     *delivery.AuditReport  `json:"report,omitempty"` // without Findings
	Pages      int                    `json:"pages,omitempty"`  // of findings
}

func pagesOf(auditID string) string            { return "audit/" + auditID + "/" }
func pageName(auditID string, page int) string { return fmt.Sprintf("%s%05d", pagesOf(auditID), page) }

// state is where it stands.
func (a *keptAudit) state(now time.Time) AuditState {
	switch {
	case a.Report != nil:
		return AuditDone
	case !a.Ended.IsZero() || now.Sub(a.Seen) > vanished:
		return AuditFailed
	default:
		return AuditRunning
	}
}

func readAudits(text []byte) (all []keptAudit, err error) {
	if text == nil {
		return nil, nil
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("decode the audits of a tenant: %w", err)
	}
	return all, nil
}

// editAudits changes a tenant's list of audits, oldest first.
func (s *Service) editAudits(ctx context.Context, id tenant.ID, edit func(all []keptAudit) ([]keptAudit, error)) error {
	return s.Notes.EditNote(ctx, id, auditsNote, func(was []byte) ([]byte, bool, error) {
		all, err := readAudits(was)
		if err != nil {
			return nil, false, err
		}
		if all, err = edit(all); err != nil {
			return nil, false, err
		}
		next, err := json.Marshal(all)
		return next, true, err
	})
}

// editAudit changes one, or answers tenant.ErrNotFound.
func (s *Service) editAudit(ctx context.Context, id tenant.ID, auditID string, edit func(a *keptAudit)) error {
	return s.editAudits(ctx, id, func(all []keptAudit) ([]keptAudit, error) {
		at := slices.IndexFunc(all, func(a keptAudit) bool { return a.ID == auditID })
		if at < 0 {
			return nil, tenant.ErrNotFound
		}
		edit(&all[at])
		return all, nil
	})
}

// keepAudit lists a new audit, unless one runs, and forgets the oldest.
func (s *Service) keepAudit(ctx context.Context, id tenant.ID, a keptAudit) error {
	var gone []keptAudit
	err := s.editAudits(ctx, id, func(all []keptAudit) ([]keptAudit, error) {
		if slices.ContainsFunc(all, func(other keptAudit) bool { return other.state(a.Started) == AuditRunning }) {
			return nil, ErrBusy
		}
		all = append(all, a)
		old := max(0, len(all)-keptOf)
		for old < len(all)-1 && a.Started.Sub(all[old].Started) > keptFor {
			old++
		}
		gone = all[:old]
		return all[old:], nil
	})
	for _, old := range gone {
		if err == nil {
			err = s.Notes.DropNotes(ctx, id, pagesOf(old.ID))
		}
	}
	return err
}

// keepReport notes how an audit ended: what it found first, page by page.
func (s *Service) keepReport(ctx context.Context, id tenant.ID, a keptAudit, report *delivery.AuditReport) error {
	ctx, cancel := context.WithTimeout(ctx, vanished)
	defer cancel()
	pages := 0
	if report != nil {
		var err error
		if pages, err = s.keepFindings(ctx, id, a.ID, report.Findings); err != nil {
			report, a.Reason = nil, "the gateway could not keep what was found"
		}
		if err != nil {
			s.Log.ErrorContext(ctx, "what an audit found cannot be kept", "tenant", id, "error", err)
		}
	}
	return s.editAudit(ctx, id, a.ID, func(kept *keptAudit) {
		kept.Ended, kept.Reason, kept.Pages, kept.Progress = time.Now().UTC(), a.Reason, pages, delivery.AuditProgress{}
		if report != nil {
			sums := *report
			sums.Findings = nil
			kept.Report = &sums
		}
	})
}

// keepFindings writes pages, and returns how many.
func (s *Service) keepFindings(ctx context.Context, id tenant.ID, auditID string, found []delivery.Finding) (pages int, err error) {
	for len(found) > 0 {
		page, n := []byte("["), 0
		for n < len(found) && (n == 0 || len(page) < pageBytes) {
			one, err := json.Marshal(found[n])
			if err != nil {
				return pages, err
			}
			if n > 0 {
				page = append(page, ',')
			}
			page = append(page, one...)
			n++
		}
		name := pageName(auditID, pages)
		sealed, err := s.Vault().Seal(ctx, append(page, ']'), id, name)
		if err == nil {
			err = s.Notes.EditNote(ctx, id, name, func([]byte) ([]byte, bool, error) { return sealed, true, nil })
		}
		if err != nil {
			return pages, err
		}
		found, pages = found[n:], pages+1
	}
	return pages, nil
}

// eachFinding calls f with what an audit found, in order, while f says so.
func (s *Service) eachFinding(ctx context.Context, id tenant.ID, a *keptAudit, f func(delivery.Finding) (more bool)) error {
	for page := range a.Pages {
		name := pageName(a.ID, page)
		sealed, err := s.Notes.Note(ctx, id, name)
		if err != nil {
			return err
		}
		if sealed == nil { // a newer audit took its place just now
			return tenant.ErrNotFound
		}
		text, err := s.Vault().Open(ctx, sealed, id, name)
		if err != nil {
			return err
		}
		var found []delivery.Finding
		if err := json.Unmarshal(text, &found); err != nil {
			return fmt.Errorf("decode what an audit found: %w", err)
		}
		for _, one := range found {
			if !f(one) {
				return nil
			}
		}
	}
	return nil
}

// auditsOf lists those of a tenant that are kept, oldest first. What is too old is
// forgotten.
func (s *Service) auditsOf(ctx context.Context, id tenant.ID) ([]keptAudit, error) {
	text, err := s.Notes.Note(ctx, id, auditsNote)
	if err != nil {
		return nil, err
	}
	all, err := readAudits(text)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	old := func(a keptAudit) bool { return now.Sub(a.Started) > keptFor && a.state(now) != AuditRunning }
	if !slices.ContainsFunc(all, old) {
		return all, nil
	}
	for _, a := range all {
		if old(a) {
			err = s.Notes.DropNotes(ctx, id, pagesOf(a.ID))
		}
		if err != nil {
			return nil, err
		}
	}
	err = s.editAudits(ctx, id, func(now []keptAudit) ([]keptAudit, error) { return slices.DeleteFunc(now, old), nil })
	return slices.DeleteFunc(all, old), err
}

// Audits lists a tenant's audits, newest first, whichever process ran them.
func (s *Service) Audits(ctx context.Context, id tenant.ID) ([]AuditView, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	all, err := s.auditsOf(ctx, id)
	views := []AuditView{}
	for i := range slices.Backward(all) {
		views = append(views, s.auditView(id, &all[i]))
	}
	return views, err
}

// auditView is what is shown of an audit now.
func (s *Service) auditView(id tenant.ID, a *keptAudit) AuditView {
	if p, ours := s.audits.progress(id, a.ID); ours {
		a.Progress = p
	}
	return a.view(time.Now())
}

func (s *Service) oneAudit(ctx context.Context, id tenant.ID, auditID string) (*keptAudit, error) {
	all, err := s.auditsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(a keptAudit) bool { return a.ID == auditID })
	if at < 0 {
		return nil, tenant.ErrNotFound
	}
	return &all[at], nil
}

// Audit returns one audit with its findings of a kind, "" for all, from one on.
func (s *Service) Audit(ctx context.Context, id tenant.ID, auditID string, kind delivery.FindingKind, offset, limit int) (AuditView, error) {
	a, err := s.oneAudit(ctx, id, auditID)
	if err != nil {
		return AuditView{}, err
	}
	view := s.auditView(id, a)
	if limit == 0 {
		return view, nil
	}
	err = s.eachFinding(ctx, id, a, func(f delivery.Finding) bool {
		if kind != "" && f.Kind != kind {
			return true
		}
		if offset--; offset < 0 {
			view.Findings = append(view.Findings, FindingView(f))
		}
		return len(view.Findings) < limit
	})
	return view, err
}

// finishedAudit is one that has ended well, with all that it found.
type finishedAudit struct {
	keptAudit
	tenant   tenant.ID
	findings []delivery.Finding
}

// finished returns an audit that has ended well.
func (s *Service) finished(ctx context.Context, id tenant.ID, auditID string) (*finishedAudit, error) {
	a, err := s.oneAudit(ctx, id, auditID)
	if err != nil {
		return nil, err
	}
	switch a.state(time.Now()) {
	case AuditRunning:
		return nil, ErrBusy
	case AuditFailed:
		return nil, invalid("this audit found nothing, because it failed; start another")
	case AuditDone:
	}
	done := &finishedAudit{keptAudit: *a, tenant: id}
	err = s.eachFinding(ctx, id, a, func(f delivery.Finding) bool {
		done.findings = append(done.findings, f)
		return true
	})
	return done, err
}
