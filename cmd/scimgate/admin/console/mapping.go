package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"scimgate/cmd/scimgate/admin"
	"scimgate/mapping"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// mappingData is the page of custom attributes and mapping rules.
type mappingData struct {
	Text      string     // of the editor
	Draft     bool       // a draft is kept
	Rules     []ruleRow  // what the editor holds, rule by rule
	Faults    []faultRow // of the whole document
	Versions  []versionRow
	Older     string // version after which there are more; "" where that is all
	Attribute attributeForm
	Preview   *previewData // nil: nothing was tried
	User      string       // whom rules are tried on; "": on all
	Refused   []string     // why they could not be tried
	Seen      *admin.Seen  // nil: nobody asked
}

// ruleRow is one rule, with what is wrong with it.
type ruleRow struct {
	Target, Type, From string
	Faults             []faultRow
}

// faultRow is one fault, and in what column of the expression it stands.
type faultRow struct {
	Column       int
	Reason, Hint string
}

// versionRow is a published version.
type versionRow struct {
	tenant.RulesVersion
	InForce bool
}

type attributeForm struct {
	Property, DisplayName, Type string
	Required                    bool
	Faults                      []string
}

func (v *visit) mapping() error {
	text := worked(v.tenant)
	if v.r.URL.Query().Get("from") == "starter" {
		text = mapping.Starter(v.userType().t)
	}
	return v.showMapping(http.StatusOK, mappingData{Text: pretty(text)})
}

// worked are the rules that somebody works on: the draft, else those in force.
func worked(t *tenant.Tenant) json.RawMessage {
	if t.Draft != nil {
		return t.Draft
	}
	return t.Rules
}

func (v *visit) showMapping(status int, data mappingData) error {
	if err := v.furnishMapping(&data); err != nil {
		return err
	}
	return v.render(status, "mapping", data)
}

// furnishMapping adds what the page shows whatever was done.
func (v *visit) furnishMapping(data *mappingData) error {
	versions, err := v.Service.RulesVersions(v.r.Context(), v.tenant.ID)
	if err != nil {
		return err
	}
	shown, next := part(v, versions, versionsShown, func(one tenant.RulesVersion) string { return strconv.FormatUint(one.Rev, 10) })
	for _, version := range shown {
		data.Versions = append(data.Versions, versionRow{version, version.Rev == versions[0].Rev && v.tenant.Rules != nil})
	}
	data.Older = next
	data.Draft = v.tenant.Draft != nil
	data.Rules = readRules(data.Text)
	if data.Text != "" {
		data.place(v.userType().faults(data.Text))
	}
	return nil
}

// readRules shows what an editor holds rule by rule; nothing where it cannot be read.
func readRules(text string) []ruleRow {
	var document struct {
		Rules []struct {
			Target, Type, Source, Expression string
			Value                            json.RawMessage
		}
	}
	if json.Unmarshal([]byte(text), &document) != nil {
		return nil
	}
	rows := make([]ruleRow, len(document.Rules))
	for i, r := range document.Rules {
		from := r.Source + r.Expression
		if from == "" {
			from = string(r.Value)
		}
		rows[i] = ruleRow{Target: r.Target, Type: r.Type, From: from}
	}
	return rows
}

// place puts each fault beside its rule.
func (d *mappingData) place(faults []mapping.Fault) {
	for _, f := range faults {
		row := faultRow{Column: f.Column, Reason: f.Reason, Hint: f.Hint}
		if f.Wanted != "" {
			row.Reason = f.String()
		}
		if f.Rule >= 0 && f.Rule < len(d.Rules) {
			d.Rules[f.Rule].Faults = append(d.Rules[f.Rule].Faults, row)
		} else {
			d.Faults = append(d.Faults, row)
		}
	}
}

// saveDraft keeps rules that are right; what is wrong with others stands where
// it is, and they stay in the editor.
func (v *visit) saveDraft() error {
	text := v.r.PostFormValue("rules")
	err := v.Service.PutDraft(v.r.Context(), v.tenant.ID, json.RawMessage(text))
	if faultsOf(err) != nil {
		return v.showMapping(http.StatusUnprocessableEntity, mappingData{Text: text})
	}
	if err != nil {
		return err
	}
	return v.done("mapping", "draftKept")
}

func (v *visit) publish() error {
	if _, err := v.Service.Publish(v.r.Context(), v.tenant.ID, admin.PublishInput{Author: v.author()}); err != nil {
		return err
	}
	return v.done("mapping", "published")
}

func (v *visit) createAttribute() error {
	form := attributeForm{
		Property: v.field("property"), DisplayName: v.field("displayName"),
		Type: v.field("type"), Required: v.ticked("required"),
	}
	if form.Faults = form.check(); form.Faults == nil {
		_, err := v.Service.CreateAttribute(v.r.Context(), v.tenant.ID, admin.AttributeInput{
			Property: form.Property, DisplayName: form.DisplayName, Type: form.Type, Required: form.Required,
		})
		switch {
		case err == nil:
			return v.done("mapping", "attributeMade")
		case errors.Is(err, tenant.ErrExists):
			form.Faults = []string{texts.of("mapping.fault.exists")}
		case faultsOf(err) == nil:
			return err
		}
		form.Faults = append(form.Faults, faultsOf(err)...)
	}
	return v.showMapping(http.StatusUnprocessableEntity, mappingData{Text: pretty(v.tenant.Draft), Attribute: form})
}

// check is what the API's schema asks of an attribute.
func (f attributeForm) check() (faults []string) {
	if !admin.ValidProperty(f.Property) {
		faults = append(faults, texts.of("mapping.fault.property"))
	}
	if f.Type != "String" && f.Type != "Integer" {
		faults = append(faults, texts.of("mapping.fault.type"))
	}
	if len(f.DisplayName) > maxName {
		faults = append(faults, texts.of("mapping.fault.name"))
	}
	return faults
}

func (v *visit) deleteAttribute() error {
	if err := v.Service.DeleteAttribute(v.r.Context(), v.tenant.ID, v.r.PathValue("property")); err != nil {
		return err
	}
	return v.done("mapping", "attributeGone")
}

// userType is what the account's users are made of.
func (v *visit) userType() userType { return userType{server.Definitions(v.tenant).Type("User")} }

// faults are what is wrong with rules, in their order.
func (u userType) faults(text string) []mapping.Fault {
	_, err := mapping.Compile([]byte(text), u.t)
	if told := new(mapping.Errors); errors.As(err, &told) {
		return told.Faults
	}
	return nil
}
