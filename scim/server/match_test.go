package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
)

// readResponse takes a response of a script apart.
func readResponse(text string) (status string, headers []string, body string) {
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimRight(head, "\n"), "\n")
	return lines[0], lines[1:], strings.TrimSpace(body)
}

func (p *player) compare(got *httptest.ResponseRecorder, status string, headers []string, body string) error {
	code, scimType, _ := strings.Cut(status, " ")
	if strconv.Itoa(got.Code) != code {
		return fmt.Errorf("status is %d, not %s", got.Code, code)
	}
	if got.Body.Len() > 0 && got.Header().Get("Content-Type") != "application/scim+json;charset=utf-8" {
		return fmt.Errorf("Content-Type is %q", got.Header().Get("Content-Type"))
	}
	if got.Code >= 400 {
		if err := compareError(got.Body.Bytes(), code, scimType); err != nil {
			return err
		}
	}
	for _, line := range headers {
		name, want, _ := strings.Cut(line, ":")
		if err := p.same(strings.TrimSpace(want), got.Header().Get(name)); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	return p.compareBody(got.Body.Bytes(), body, got.Code)
}

// compareError checks what every error looks like (RFC 7644 §3.12).
func compareError(body []byte, status, scimType string) error {
	var e struct {
		Schemas                  []string
		Status, ScimType, Detail string
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return fmt.Errorf("not a SCIM error: %w", err)
	}
	if len(e.Schemas) != 1 || e.Schemas[0] != "urn:ietf:params:scim:api:messages:2.0:Error" || e.Status != status || e.Detail == "" {
		return fmt.Errorf("not a SCIM error of status %s", status)
	}
	if e.ScimType != scimType {
		return fmt.Errorf("scimType is %q, not %q", e.ScimType, scimType)
	}
	return nil
}

func (p *player) compareBody(got []byte, want string, status int) error {
	if status == http.StatusNoContent && len(got) > 0 {
		return fmt.Errorf("204 with a body of %d bytes", len(got))
	}
	if status < http.StatusBadRequest && jsonNull.Match(got) {
		return fmt.Errorf("there is a null in the answer")
	}
	if want == "" {
		return nil
	}
	wanted, err := decode([]byte(want))
	if err != nil {
		return fmt.Errorf("the script's JSON: %w", err)
	}
	answered, err := decode(got)
	if err != nil {
		return err
	}
	return p.match(wanted, answered, "")
}

// jsonNull is a null as a value, which Entra takes amiss in any answer.
var jsonNull = regexp.MustCompile(`[:\[,]\s*null\b`)

func decode(text []byte) (any, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return v, d.Decode(&v)
}

func (p *player) match(want, got any, path string) error {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is not an object", path)
		}
		return p.matchObject(want, object, path)
	case []any:
		list, ok := got.([]any)
		if !ok {
			return fmt.Errorf("%s is not an array", path)
		}
		return p.matchList(want, list, path)
	case string:
		text, ok := got.(string)
		if !ok {
			return fmt.Errorf("%s is %v, not a text", path, got)
		}
		if err := p.same(want, text); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	default:
		if want != got {
			return fmt.Errorf("%s is %v, not %v", path, got, want)
		}
	}
	return nil
}

func (p *player) matchObject(want, got map[string]any, path string) error {
	_, more := want["{{more}}"]
	for name, w := range want {
		if name == "{{more}}" {
			continue
		}
		g, ok := got[name]
		switch {
		case w == "{{absent}}" && ok:
			return fmt.Errorf("%s.%s is there", path, name)
		case w == "{{absent}}", ok && w == "{{any}}":
			continue
		case !ok:
			return fmt.Errorf("%s.%s is missing", path, name)
		}
		if err := p.match(w, g, path+"."+name); err != nil {
			return err
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && !more {
			return fmt.Errorf("%s.%s was not expected", path, name)
		}
	}
	return nil
}

func (p *player) matchList(want, got []any, path string) error {
	if len(want) > 0 && want[0] == "{{among}}" {
		return p.matchAmong(want[1:], got, path)
	}
	if len(want) != len(got) {
		return fmt.Errorf("%s has %d elements, not %d", path, len(got), len(want))
	}
	for i := range want {
		if err := p.match(want[i], got[i], path+"."+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) matchAmong(want, got []any, path string) error {
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || p.match(w, g, path) == nil
		}
		if !found {
			return fmt.Errorf("%s has no element like %v", path, w)
		}
	}
	return nil
}

// same compares a text with one that may hold marks, and keeps new ids.
func (p *player) same(want, got string) error {
	var pattern strings.Builder
	var names []string
	last := 0
	for _, at := range marks.FindAllStringSubmatchIndex(want, -1) {
		pattern.WriteString(regexp.QuoteMeta(want[last:at[0]]))
		last = at[1]
		argument := ""
		if at[4] >= 0 {
			argument = want[at[4]:at[5]]
		}
		text, keeps := p.patternOf(want[at[2]:at[3]], argument)
		pattern.WriteString(text)
		if keeps {
			names = append(names, argument)
		}
	}
	pattern.WriteString(regexp.QuoteMeta(want[last:]))
	found := regexp.MustCompile(`^(?s:` + pattern.String() + `)$`).FindStringSubmatch(got)
	if found == nil {
		return fmt.Errorf("%q is not %q", clip(got), want)
	}
	for i, name := range names {
		p.kept[name] = found[i+1]
	}
	return nil
}

func (p *player) patternOf(mark, argument string) (pattern string, keeps bool) {
	switch mark {
	case "id":
		if known, ok := p.kept[argument]; ok {
			return regexp.QuoteMeta(known), false
		}
		return `([^/"]+)`, true
	case "base":
		return regexp.QuoteMeta(p.base()), false
	case "time":
		return `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`, false
	default:
		return `.+`, false
	}
}

func clip(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}
