package console

import (
	"encoding/json"
	"net/http"
	"time"

	"scimgate/cmd/scimgate/admin"
)

// ndjson is what a script asks a preview for: a line of JSON now and then, and one
// at the end that holds the page.
const ndjson = "application/x-ndjson"

// everySoOften is how long progress keeps silent.
const everySoOften = 200 * time.Millisecond

// previewLine is one of the lines.
type previewLine struct {
	Text string `json:"text,omitempty"` // how far it is, in words
	Page string `json:"page,omitempty"` // what a browser without a script would have got
}

// lineWriter writes lines. Who does not read them any more has ended the request.
type lineWriter struct {
	*json.Encoder
	flush func() error
	last  time.Time
}

func (w *lineWriter) write(l previewLine) {
	_ = w.Encode(l)
	_ = w.flush()
}

// progress tells how far a preview is, not too often.
func (w *lineWriter) progress(p admin.Progress) {
	if time.Since(w.last) >= everySoOften {
		w.last = time.Now()
		w.write(previewLine{Text: texts.of("mapping.preview.progress", number(p.Users), number(p.Total), number(p.Changed), number(p.Failed))})
	}
}

// streamPreview runs a preview and tells of it line by line. What is refused before
// the first line is answered as without a script.
func (v *visit) streamPreview(in admin.PreviewInput, text string) error {
	answer := http.NewResponseController(v.w)
	_ = answer.SetWriteDeadline(time.Now().Add(previewTime + previewWait))
	lines := &lineWriter{Encoder: json.NewEncoder(v.w), flush: answer.Flush}
	v.w.Header().Set("Content-Type", ndjson)
	data, err := v.runPreview(in, previewTime, lines.progress)
	if err != nil && lines.last.IsZero() {
		return v.refusePreview(err, text)
	}
	var page string
	if err == nil {
		page, err = v.previewPage(mappingData{Text: v.textOr(text), Preview: data, User: in.UserID})
	}
	if err != nil {
		v.Log.ErrorContext(v.r.Context(), "a preview broke off", "tenant", v.tenant.ID, "error", err)
		lines.write(previewLine{Text: texts.of("mapping.preview.broken")})
		return nil
	}
	lines.write(previewLine{Page: page})
	return nil
}

func (v *visit) previewPage(data mappingData) (string, error) {
	if err := v.furnishMapping(&data); err != nil {
		return "", err
	}
	page, err := v.compose("mapping", data)
	if err != nil {
		return "", err
	}
	return page.String(), nil
}
