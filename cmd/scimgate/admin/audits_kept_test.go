package admin

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"scimgate/connectors/delivery"
)

// replica is another process on the same stores.
func (d *drifting) replica() *Service {
	s := d.Service
	return &Service{
		Tenants: s.Tenants, Notes: s.Notes, Directory: s.Directory, Keys: s.Keys, Resolver: s.Resolver,
		Open: s.Open, Drift: s.Drift, Wake: s.Wake, Log: s.Log,
	}
}

// What one process audits, every process shows, and lets be repaired; while it runs no
// other process begins a second one; what it found names nobody in the store.
func TestAuditsAreKnownToAllProcesses(t *testing.T) {
	d := newDrifting(t)
	d.acme()
	d.delivered("gone", "r2")
	d.holds("x3", "stranger@example.com", "", false)
	d.gate = make(chan struct{})
	other := d.replica()
	started := d.api(202, "POST", "/tenants/acme/audits", `{}`)["id"].(string)
	if views, err := other.Audits(t.Context(), "acme"); err != nil || len(views) != 1 || views[0].ID != started || views[0].State != AuditRunning {
		t.Errorf("%+v, %v", views, err)
	}
	if _, err := other.StartAudit(t.Context(), "acme", ""); !errors.Is(err, ErrBusy) {
		t.Errorf("a second one: %v", err)
	}
	close(d.gate)
	var view AuditView
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(time.Millisecond) {
		var err error
		if view, err = other.Audit(t.Context(), "acme", started, "", 0, 100); err != nil || time.Now().After(deadline) {
			t.Fatal(view, err)
		}
		if view.State != AuditRunning {
			break
		}
	}
	if len(view.Findings) != 2 || view.Findings[0].UserName != "stranger@example.com" || view.Findings[1].ID != "gone" || view.Counts["missing"] != 1 {
		t.Errorf("%+v", view)
	}
	note, err := d.Notes.Note(t.Context(), "acme", pageName(started, 0))
	if err != nil || note == nil || bytes.Contains(note, []byte("stranger")) {
		t.Errorf("kept as %q, %v", note, err)
	}
	if done, err := other.Repair(t.Context(), "acme", started, RepairInput{All: true}); err != nil || done.Resources != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	d.dueNow("gone")
	d.api(204, "DELETE", "/tenants/acme", "")
	d.acme()
	if views, err := other.Audits(t.Context(), "acme"); err != nil || len(views) != 0 {
		t.Errorf("of a tenant of the same name: %+v, %v", views, err)
	}
}

// An audit whose process is gone is no hindrance, and says what became of it. What is
// older than a week is forgotten.
func TestAuditsOfAProcessThatIsGone(t *testing.T) {
	d := newDrifting(t)
	d.acme()
	now := time.Now().UTC()
	d.must(d.keepAudit(t.Context(), "acme", keptAudit{ID: "old", Connection: "appspace", Started: now.Add(-keptFor - time.Hour), Seen: now.Add(-keptFor - time.Hour)}))
	_, err := d.keepFindings(t.Context(), "acme", "old", []delivery.Finding{{Kind: delivery.Extra, UserName: "x"}})
	d.must(err)
	d.must(d.keepAudit(t.Context(), "acme", keptAudit{ID: "died", Connection: "appspace", Started: now, Seen: now.Add(-2 * vanished)}))
	views, err := d.Audits(t.Context(), "acme")
	if err != nil || len(views) != 1 || views[0].ID != "died" || views[0].State != AuditFailed || views[0].Reason == "" {
		t.Errorf("%+v, %v", views, err)
	}
	if note, err := d.Notes.Note(t.Context(), "acme", pageName("old", 0)); note != nil || err != nil {
		t.Errorf("still kept: %q, %v", note, err)
	}
	if view := d.audited(); view["state"] != "done" {
		t.Errorf("%v", view)
	}
}

// Many findings are kept in pages, and read from any one on.
func TestFindingsByPages(t *testing.T) {
	d := newDrifting(t)
	d.acme()
	var found []delivery.Finding
	for i := range 5000 {
		found = append(found, delivery.Finding{Kind: delivery.Extra, About: delivery.AboutUser, RemoteID: fmt.Sprint("r", i), UserName: fmt.Sprintf("%060d@example.com", i)})
	}
	a := keptAudit{ID: "many", Connection: "appspace", Started: time.Now(), Seen: time.Now()}
	d.must(d.keepAudit(t.Context(), "acme", a))
	d.must(d.keepReport(t.Context(), "acme", a, &delivery.AuditReport{Findings: found, Counts: map[delivery.FindingKind]int{delivery.Extra: 5000}}))
	kept, err := d.oneAudit(t.Context(), "acme", "many")
	if err != nil || kept.Pages < 2 || kept.Report.Findings != nil {
		t.Fatalf("%+v, %v", kept, err)
	}
	view, err := d.Audit(t.Context(), "acme", "many", delivery.Extra, 4990, 100)
	if err != nil || len(view.Findings) != 10 || view.Findings[9].RemoteID != "r4999" {
		t.Errorf("%+v, %v", view, err)
	}
	if view, err = d.Audit(t.Context(), "acme", "many", delivery.Missing, 0, 100); err != nil || len(view.Findings) != 0 {
		t.Errorf("%+v, %v", view, err)
	}
}

// Memberships are told again: those of ours who are missing, or too many.
func TestRepairOfMemberships(t *testing.T) {
	d := newDrifting(t)
	d.acme()
	d.delivered("ana", "r1")
	a := &finishedAudit{findings: []delivery.Finding{
		{Kind: delivery.Missing, About: delivery.AboutMembership, ID: "ana", Group: "g1", RemoteID: "r1"},
		{Kind: delivery.Extra, About: delivery.AboutMembership, ID: "ben", Group: "g1", RemoteID: "r2"},
		{Kind: delivery.Extra, About: delivery.AboutMembership, Group: "g2", RemoteID: "x"},
		{Kind: delivery.Different, About: delivery.AboutGroup, ID: "g2"},
		{Kind: delivery.Extra, About: delivery.AboutUser, RemoteID: "y"},
	}}
	for _, test := range []struct {
		in        RepairInput
		resources int
		shares    int
		refused   bool
	}{
		{RepairInput{All: true}, 1, 2, false},
		{RepairInput{IDs: []string{"g1"}}, 0, 2, false},
		{RepairInput{IDs: []string{"ana", "g2"}}, 1, 1, false},
		{RepairInput{IDs: []string{"ana", "nobody"}}, 0, 0, true},
		{RepairInput{IDs: []string{"y"}}, 0, 0, true},
	} {
		chosen, err := a.mends(test.in)
		resources, groups := parted(chosen)
		shares := 0
		for _, of := range groups {
			shares += len(of)
		}
		if len(resources) != test.resources || shares != test.shares || (err != nil) != test.refused {
			t.Errorf("%+v: %v, %v, %v", test.in, resources, groups, err)
		}
	}
}
