package console

import (
	"cmp"
	"net/http"
	"strconv"

	"scimgate/cmd/scimgate/admin"
	"scimgate/mapping"
	"scimgate/tenant"
)

// versionsShown is how many published versions a page lists.
const versionsShown = 20

// longestText bounds what a page shows of a document, in characters.
const longestText = 40_000

// versionData is the page of one version of the rules, or of the draft.
type versionData struct {
	Name    string // "7", "draft"
	Version *tenant.RulesVersion
	InForce bool
	Rev     uint64 // in force
	Changes []mapping.RuleDiff
	Text    string
}

// Draft reports whether it is no version yet.
func (d versionData) Draft() bool { return d.Name == draftName }

// draftName stands for the draft where a version's number would.
const draftName = "draft"

// version shows one version beside what is in force.
func (v *visit) version() error {
	ctx, id := v.r.Context(), v.tenant.ID
	data := versionData{Name: v.r.PathValue("rev"), Rev: v.tenant.RulesInForce().Rev}
	data.Version = &tenant.RulesVersion{Rules: v.tenant.Draft}
	if !data.Draft() {
		rev, err := strconv.ParseUint(data.Name, 10, 64)
		if err != nil {
			return errNotFound
		}
		if data.Version, err = v.Service.RulesVersion(ctx, id, rev); err != nil {
			return err
		}
		data.InForce = rev == data.Rev
	}
	diff, err := v.Service.DiffRules(ctx, id, "current", data.Name)
	if err != nil {
		return err
	}
	data.Changes, data.Text = diff.Changes, cut(pretty(data.Version.Rules), longestText)
	return v.render(http.StatusOK, "version", data)
}

// rollback puts an earlier version in force, unless somebody has published since
// the page was shown.
func (v *visit) rollback() error {
	rev, err := strconv.ParseUint(v.r.PathValue("rev"), 10, 64)
	if err != nil {
		return errNotFound
	}
	in := admin.PublishInput{Author: v.author()}
	if seen, err := strconv.ParseUint(v.field("inForce"), 10, 64); err == nil {
		in.Expected = &seen
	}
	if _, err := v.Service.Rollback(v.r.Context(), v.tenant.ID, rev, in); err != nil {
		return err
	}
	return v.done("mapping", "rolledBack")
}

// author is who publishes, for the history.
func (v *visit) author() string {
	return cmp.Or(v.person.Name, texts.of("role."+string(v.person.Role)))
}

// seen looks for properties that users have and nobody defined. It reads every
// user, so it is done when somebody asks.
func (v *visit) seen() error {
	seen, err := v.Service.SeenAttributes(v.r.Context(), v.tenant.ID)
	if err != nil {
		return err
	}
	return v.showMapping(http.StatusOK, mappingData{Text: pretty(worked(v.tenant)), Seen: seen})
}
