package console

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// hostile are values that somebody may put wherever a value goes.
var hostile = map[string]string{
	"script":    `<script>alert(1)</script>`,
	"attribute": `" onmouseover="alert(1)" x="`,
	"image":     `<img src=x onerror=alert(1)>`,
	"template":  `{{.Person.Name}}${alert(1)}`,
	"formula":   `=cmd|'/c calc'!A1`,
	"override":  "\u202egnp.exe\u2066",
	"four":      "\U0001F9E8\U000E0041",
	"close":     `</textarea></pre></title><svg onload=alert(1)>`,
	"link":      `javascript:alert(1)`,
}

// Whatever stands in a value is text on every page, and kept apart from the words
// around it.
func TestHostileValues(t *testing.T) {
	for name, evil := range hostile {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.furnish(evil)
			operator := d.as(&person{Role: Operator, Name: evil})
			shown := 0
			for _, r := range routes {
				if r.method != http.MethodGet || r.who == everybody || strings.HasSuffix(r.path, "/events") {
					continue
				}
				a := operator.get(d.fill(r.path))
				if a.status >= 500 {
					t.Errorf("%s: %d", r.path, a.status)
				}
				shown += strings.Count(a.text, html.EscapeString(evil))
				if strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") && a.header.Get("Content-Type") == "text/plain; charset=utf-8" {
					a.text = "" // a file, which no browser renders
				}
				checkPage(t, r.path, a)
			}
			if shown < 20 {
				t.Errorf("shown only %d times", shown)
			}
			for _, search := range []string{"?q=", "?filter=yes&q=", "?after=", "?done=", "?show=requests&after="} {
				for _, path := range []string{"/users", "/groups"} {
					checkPage(t, path+search, operator.get("/accounts/acme"+path+search+url.QueryEscape(evil)))
				}
			}
			checkPage(t, "/sign-in", d.browser().get("/sign-in?next="+url.QueryEscape(evil)))
			checkPage(t, "rules", operator.post("/accounts/acme/mapping/draft", url.Values{"rules": {evil}}))
			checkPage(t, "attribute", operator.post("/accounts/acme/attributes", url.Values{"property": {evil}, "displayName": {evil}}))
			checkPage(t, "preview", operator.post("/accounts/acme/mapping/preview", url.Values{"rules": {evil}, "user": {evil}}))
			checkPage(t, "explain", operator.get("/accounts/acme/mapping/explain?user=u1&target="+url.QueryEscape(evil)))
			checkPage(t, "azure", operator.get("/accounts/acme/azure?mapIn="+url.QueryEscape(evil)+"&path=title&attribute="+url.QueryEscape(evil)))
			checkPage(t, "import", operator.post("/accounts/acme/azure/import", url.Values{"export": {evil}}))
			checkPage(t, "account", operator.post("/accounts", url.Values{"id": {evil}, "name": {evil}}))
			checkPage(t, "connection", operator.post("/accounts/acme/connections", url.Values{"baseURL": {evil}}))
			if strings.Contains(d.log.String(), evil) {
				t.Errorf("it is in the log: %s", d.log)
			}
		})
	}
}

// checkPage requires that a page has no markup but ours, and its headers.
func checkPage(t *testing.T, path string, a answered) {
	t.Helper()
	for _, tag := range tags.FindAllString(a.text, -1) {
		lower := strings.ToLower(tag)
		inline := strings.HasPrefix(lower, "<script") && !strings.Contains(lower, ` src="/console/assets/`)
		if inline || strings.HasPrefix(lower, "<style") || strings.HasPrefix(lower, "<img") || handler.MatchString(unquoted(lower)) || strings.Contains(lower, `href="javascript`) {
			t.Errorf("%s has %s", path, tag)
		}
	}
	policy := a.header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("%s: policy %q", path, policy)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%s: headers %v", path, a.header)
	}
}

var (
	tags    = regexp.MustCompile(`<[^>]*>`)
	handler = regexp.MustCompile(`\s(on[a-z]+|style|srcdoc)\s*=`)
	quoted  = regexp.MustCompile(`"[^"]*"`)
)

// unquoted is a tag without the values of its attributes.
func unquoted(tag string) string { return quoted.ReplaceAllString(tag, `""`) }
