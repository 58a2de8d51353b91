package console

import (
	"net/http"
	"strings"

	"scimgate/cmd/scimgate/admin"
	"scimgate/mapping"
)

// explainData is the page that tells how a user's attributes come about.
type explainData struct {
	User, Target string
	Draft        bool     // explain the draft
	HasDraft     bool     // there is one
	Targets      []string // to choose from
	UserID, Name string   // of the user, once found
	Told         []explanation
	More         bool // there are more attributes than are shown
	Faults       []string
}

// explanation is one attribute's.
type explanation struct {
	*mapping.Explanation
	Cut bool // there are more steps than are shown
}

// Mark is the key of a text under "explain.outcome", and of a look.
func (e explanation) Mark() string { return string(e.Outcome) }

// What a page shows of explanations.
const (
	explained     = 60  // attributes
	stepsOfOne    = 60  // steps of an attribute, and
	stepsAtOnce   = 400 // of all
	stepsPerDepth = 12  // how deep they nest
)

func (v *visit) explain() error {
	query := v.r.URL.Query()
	data := explainData{
		User: strings.TrimSpace(query.Get("user")), Target: strings.TrimSpace(query.Get("target")),
		Draft: query.Get("draft") != "", HasDraft: v.tenant.Draft != nil,
	}
	rules, err := mapping.Compile(v.tenant.Rules, v.userType().t)
	if err != nil {
		return err
	}
	data.Targets = rules.Targets()
	if data.User == "" {
		return v.render(http.StatusOK, "explain", data)
	}
	told, err := v.Service.Explain(v.r.Context(), v.tenant.ID, admin.ExplainInput{
		UserID: data.User, Target: data.Target, Draft: data.Draft,
	})
	switch {
	case isMissing(err):
		data.Faults = []string{texts.of("explain.nobody")}
	case faultsOf(err) != nil:
		data.Faults = faultsOf(err)
	case err != nil:
		return err
	}
	if data.Faults != nil {
		return v.render(http.StatusUnprocessableEntity, "explain", data)
	}
	data.tell(told)
	return v.render(http.StatusOK, "explain", data)
}

// tell takes in what there is to tell, as much as a page holds.
func (d *explainData) tell(told *admin.Explained) {
	d.UserID, d.Name = told.UserID, told.UserName
	d.More = len(told.Explanations) > explained
	left := stepsAtOnce
	for _, x := range told.Explanations[:min(len(told.Explanations), explained)] {
		budget := min(left, stepsOfOne)
		had := budget
		one := explanation{Explanation: x}
		one.Steps = pruned(x.Steps, &budget, stepsPerDepth)
		one.Cut = budget <= 0
		left -= had - budget
		d.Told = append(d.Told, one)
	}
}

// pruned are the first steps, as many as the budget says.
func pruned(steps []*mapping.Step, budget *int, depth int) []*mapping.Step {
	var kept []*mapping.Step
	for _, s := range steps {
		if *budget--; *budget < 0 || depth == 0 {
			break
		}
		one := *s
		one.Steps = pruned(s.Steps, budget, depth-1)
		kept = append(kept, &one)
	}
	return kept
}
