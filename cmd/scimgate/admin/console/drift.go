package console

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"scimgate/cmd/scimgate/admin"
	"scimgate/connectors/delivery"
	"scimgate/scim/directory"
)

// driftData is the page of an account's audits, newest first.
type driftData struct {
	Audits []admin.AuditView
	Faults []string
}

// Running reports whether one is under way: an account has one at a time.
func (d driftData) Running() bool {
	return slices.ContainsFunc(d.Audits, func(a admin.AuditView) bool { return a.State == admin.AuditRunning })
}

func (v *visit) drift() error { return v.showDrift(http.StatusOK, nil) }

func (v *visit) showDrift(status int, faults []string) error {
	audits, err := v.Service.Audits(v.r.Context(), v.tenant.ID)
	if err != nil {
		return err
	}
	return v.render(status, "drift", driftData{audits, faults})
}

// startAudit begins to compare store and account.
func (v *visit) startAudit() error {
	view, err := v.Service.StartAudit(v.r.Context(), v.tenant.ID, v.field("connection"))
	if faults := faultsOf(err); faults != nil {
		return v.showDrift(http.StatusUnprocessableEntity, faults)
	}
	if err != nil {
		return err
	}
	return v.redirect(v.base() + "/drift/" + view.ID)
}

// findingsPerPage is how many findings a page shows: each is looked up by name.
const findingsPerPage = 50

// findingKinds are the kinds of findings in the order of the page's tabs.
var findingKinds = []delivery.FindingKind{
	delivery.Missing, delivery.Different, delivery.Conflict, delivery.Match, delivery.Extra, delivery.Duplicate,
}

// auditData is the page of one audit: what it found of one kind.
type auditData struct {
	admin.AuditView
	Kind    delivery.FindingKind
	Kinds   []delivery.FindingKind
	Rows    []findingRow
	Next    template.URL // query of the next page; "" where there is none
	Adopted *admin.Adopted
	Faults  []string
}

// Listed is how many findings there are of a kind.
func (d auditData) Listed(kind delivery.FindingKind) int { return d.Counts[string(kind)] }

// Mends reports whether any of what is shown can be sent again; Adopts whether the
// account's users can be taken over.
func (d auditData) Mends() bool { return slices.ContainsFunc(d.Rows, findingRow.Mends) }

// Adopts: see Mends.
func (d auditData) Adopts() bool { return d.Kind == delivery.Conflict || d.Kind == delivery.Match }

// findingRow is one finding, with the name of whom it is about.
type findingRow struct {
	admin.FindingView
	Section   string // where its page is
	Name      string // of the tenant's user or group; "" once it was deleted
	GroupName string // of a membership's group
}

// Mends reports whether it can be sent again.
func (r findingRow) Mends() bool { return delivery.Finding(r.FindingView).Mends() }

func (v *visit) audit() error { return v.showAudit(http.StatusOK, auditData{}) }

func (v *visit) showAudit(status int, data auditData) error {
	id, from := v.r.PathValue("audit"), v.from()
	view, err := v.Service.Audit(v.r.Context(), v.tenant.ID, id, "", 0, 0)
	if err != nil {
		return err
	}
	data.Kind, data.Kinds = v.chosenKind(view), findingKinds
	if data.AuditView, err = v.Service.Audit(v.r.Context(), v.tenant.ID, id, data.Kind, from, findingsPerPage+1); err != nil {
		return err
	}
	if len(data.Findings) > findingsPerPage {
		data.Findings = data.Findings[:findingsPerPage]
		next := url.Values{"kind": {string(data.Kind)}, "from": {strconv.Itoa(from + findingsPerPage)}}
		data.Next = template.URL(next.Encode()) //nolint:gosec // encoded
	}
	if data.Rows, err = together(data.Findings, v.finding); err != nil {
		return err
	}
	return v.render(status, "audit", data)
}

// finding is the row of one. A member may be a user, or a group.
func (v *visit) finding(f admin.FindingView) (row findingRow, err error) {
	row = findingRow{FindingView: f, Section: sectionOfKind["User"]}
	kinds := []string{f.About}
	if f.About == delivery.AboutMembership {
		kinds = []string{"User", "Group"}
	}
	for _, kind := range kinds {
		if row.Name != "" {
			break
		}
		if row.Name, err = v.nameOf(directory.Ref{Kind: kind, ID: f.ID}); err != nil {
			return row, err
		}
		if row.Name != "" || len(kinds) == 1 {
			row.Section = sectionOfKind[kind]
		}
	}
	row.GroupName, err = v.nameOf(directory.Ref{Kind: "Group", ID: f.Group})
	return row, err
}

// from is how many findings the page begins after.
func (v *visit) from() int {
	n, err := strconv.Atoi(v.r.URL.Query().Get("from"))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, delivery.MostFindings*len(findingKinds))
}

// chosenKind is the kind that is asked for, else the first of which there is any.
func (v *visit) chosenKind(view admin.AuditView) delivery.FindingKind {
	asked := delivery.FindingKind(v.r.FormValue("kind"))
	if slices.Contains(findingKinds, asked) {
		return asked
	}
	for _, kind := range findingKinds {
		if view.Counts[string(kind)] > 0 {
			return kind
		}
	}
	return delivery.Missing
}

// nameOf is the name of a resource; "" where it is gone.
func (v *visit) nameOf(ref directory.Ref) (string, error) {
	if ref.ID == "" {
		return "", nil
	}
	r, err := v.Service.Directory.Get(v.r.Context(), v.tenant.ID, ref)
	if isMissing(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return r.Display(), nil
}

// repair sends again what an audit found missing or different: one user, or all.
func (v *visit) repair() error {
	id, in := v.r.PathValue("audit"), admin.RepairInput{All: v.ticked("all")}
	if user := v.field("id"); user != "" {
		in.IDs = []string{user}
	}
	_, err := v.Service.Repair(v.r.Context(), v.tenant.ID, id, in)
	if faults := faultsOf(err); faults != nil {
		return v.showAudit(http.StatusUnprocessableEntity, auditData{Faults: faults})
	}
	if err != nil {
		return err
	}
	return v.done("drift/"+id, "repaired")
}

// adopt makes the account's users ours that somebody chose, and says of whom that
// was refused.
func (v *visit) adopt() error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	chosen := v.r.PostForm["id"]
	if len(chosen) == 0 {
		return v.showAudit(http.StatusUnprocessableEntity, auditData{Faults: []string{texts.of("drift.fault.none")}})
	}
	adopted, err := v.Service.Adopt(v.r.Context(), v.tenant.ID, v.r.PathValue("audit"), chosen[:min(len(chosen), findingsPerPage)])
	if faults := faultsOf(err); faults != nil {
		return v.showAudit(http.StatusUnprocessableEntity, auditData{Faults: faults})
	}
	if err != nil {
		return err
	}
	return v.showAudit(http.StatusOK, auditData{Adopted: &adopted})
}
