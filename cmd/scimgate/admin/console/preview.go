package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/mapping"
)

// previewWait bounds a preview for whose page somebody waits; previewTime one that
// tells how far it is, which can be left at any time.
const (
	previewWait = 20 * time.Second
	previewTime = 10 * time.Minute
)

// What a page shows of a preview.
const (
	previewedUsers   = 20 // of each list
	previewedChanges = 10 // of a user
)

// previewData is what would become of users.
type previewData struct {
	admin.Progress                // how far it came
	Late           bool           // time was up before all users were looked at
	Done           *admin.Preview // nil where it is late
	Sample         []previewRow
	Failures       []admin.UserPreview
}

// previewRow is one user who would change.
type previewRow struct {
	admin.UserPreview
	Shown []mapping.Change
	More  int // changes beyond these
}

// preview tries rules on users. A browser that can asks for lines of JSON, and is
// told how far it is; without, the page comes when it is done or time is up.
func (v *visit) preview() error {
	in := admin.PreviewInput{UserID: v.field("user")}
	text := v.r.PostFormValue("rules")
	if text != "" {
		in.Rules = json.RawMessage(text)
	}
	if v.r.Header.Get("Accept") == ndjson {
		return v.streamPreview(in, text)
	}
	data, err := v.runPreview(in, previewWait, nil)
	if err != nil {
		return v.refusePreview(err, text)
	}
	return v.showMapping(http.StatusOK, mappingData{Text: v.textOr(text), Preview: data, User: in.UserID})
}

// textOr is what the editor holds: what was sent, else the draft.
func (v *visit) textOr(text string) string {
	if text == "" {
		return pretty(v.tenant.Draft)
	}
	return text
}

// runPreview tries rules for a while.
func (v *visit) runPreview(in admin.PreviewInput, most time.Duration, tell func(admin.Progress)) (*previewData, error) {
	ctx, cancel := context.WithTimeout(v.r.Context(), most)
	defer cancel()
	data := &previewData{}
	p, err := v.Service.Preview(ctx, v.tenant.ID, in, func(p admin.Progress) {
		if data.Progress = p; tell != nil {
			tell(p)
		}
	})
	switch {
	case err == nil:
		data.done(p)
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && faultsOf(err) == nil:
		data.Late = true
	default:
		return nil, err
	}
	return data, nil
}

func (d *previewData) done(p *admin.Preview) {
	d.Done = p
	d.Progress = admin.Progress{Users: p.Users, Total: p.Users, Changed: p.Changed, Failed: p.Failed}
	d.Failures = p.Failures[:min(len(p.Failures), previewedUsers)]
	for _, user := range p.Sample[:min(len(p.Sample), previewedUsers)] {
		shown := user.Changes[:min(len(user.Changes), previewedChanges)]
		d.Sample = append(d.Sample, previewRow{UserPreview: user, Shown: shown, More: len(user.Changes) - len(shown)})
	}
}

// refusePreview shows why rules could not be tried, with the rules.
func (v *visit) refusePreview(err error, text string) error {
	data := mappingData{Text: v.textOr(text), User: v.field("user")}
	refused := new(admin.InvalidError)
	switch {
	case isMissing(err):
		data.Refused = []string{texts.of("mapping.preview.nobody")}
	case !errors.As(err, &refused):
		return err
	case refused.Rules == nil: // else they stand beside their rules
		data.Refused = refused.Faults
	}
	return v.showMapping(http.StatusUnprocessableEntity, data)
}
