package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

//go:embed templates/*.html
var templateFiles embed.FS

// page is what every template sees: Data is the page's own.
type page struct {
	Name    string // of the template
	Section string // of the account; "" outside
	Person  *person
	Tenant  *tenant.Tenant
	Health  *health // of the account
	Nav     []string
	Path    string // of this page
	Theme   string
	Done    string // key of a text: what was just done
	Events  string // address that tells when the page is no longer so; "" for none
	Data    any
}

// May says what the person may do with the account.
func (p page) May() bool { return p.Person != nil && p.Person.may(editors, account) }

// Operator reports whether an operator looks.
func (p page) Operator() bool { return p.Person != nil && p.Person.Role == Operator }

// Overseer reports whether the person sees every account.
func (p page) Overseer() bool { return p.Person != nil && p.Person.may(overseers, "") }

// Base is where the account's pages are.
func (p page) Base() string { return Prefix + "/accounts/" + string(p.Tenant.ID) }

// render writes a page, whole or not at all.
func (v *visit) render(status int, name string, data any) error {
	out, err := v.compose(name, data)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = out.WriteTo(v.w)
	return nil
}

// compose makes the text of a page.
func (v *visit) compose(name string, data any) (*bytes.Buffer, error) {
	p := page{
		Name: name, Section: v.sectionOf(name), Person: v.person, Tenant: v.tenant, Nav: v.nav(),
		Path: v.path(), Theme: v.theme(), Data: data,
	}
	if done := v.r.URL.Query().Get("done"); v.r.Method == http.MethodGet && texts.has("done."+done) {
		p.Done = "done." + done
	}
	if err := v.addHealth(&p); err != nil {
		return nil, err
	}
	out := new(bytes.Buffer)
	return out, templates()[name].ExecuteTemplate(out, "layout", p)
}

// path is where this page can be had again: an action's answer cannot.
func (v *visit) path() string {
	switch {
	case v.r.Method == http.MethodGet:
		return v.r.URL.RequestURI()
	case v.tenant != nil:
		return Prefix + v.base()
	default:
		return Prefix + "/"
	}
}

// addHealth adds how the page's account does, and where to hear that it changed.
func (v *visit) addHealth(p *page) (err error) {
	if v.tenant == nil {
		return nil
	}
	ctx := v.r.Context()
	if p.Health, err = v.health(ctx, v.tenant); err != nil {
		return err
	}
	stamp, err := v.stamp(ctx, v.tenant, p.Health, v.of())
	p.Events = p.Base() + "/events?" + url.Values{"since": {stamp}, "of": {v.of()}}.Encode()
	return err
}

// sectionOf is the section of the account that a page belongs to: its own, or by
// the first part of the path below the account.
func (v *visit) sectionOf(name string) string {
	switch {
	case v.tenant == nil:
		return ""
	case texts.has("section." + name):
		return name
	case v.route.section != "":
		return v.route.section
	}
	rest := strings.TrimPrefix(v.route.path, account+"/")
	first, _, _ := strings.Cut(rest, "/")
	return inSection[first]
}

// inSection says where a part of a section belongs that has a page of its own.
var inSection = map[string]string{
	"users": "users", "groups": "groups", "mapping": "mapping", "attributes": "mapping", "connections": "connection", "drift": "drift",
}

// nav are the sections that a person may have, in the order of the routes.
func (v *visit) nav() []string {
	var sections []string
	for _, r := range v.table {
		if v.tenant != nil && v.person != nil && r.section != "" && v.person.may(r.who, r.path) {
			sections = append(sections, r.section)
		}
	}
	return sections
}

// templates are the pages, each with the layout and the parts that all share.
var templates = sync.OnceValue(func() map[string]*template.Template {
	shared := template.Must(template.New("").Funcs(functions).ParseFS(templateFiles, "templates/layout.html", "templates/parts.html"))
	names, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic("console: " + err.Error()) // the folder is embedded: only a broken build lacks it, as with template.Must below
	}
	all := map[string]*template.Template{}
	for _, file := range names {
		name := strings.TrimSuffix(file.Name(), ".html")
		if !slices.Contains([]string{"layout", "parts"}, name) {
			all[name] = template.Must(template.Must(shared.Clone()).ParseFS(templateFiles, "templates/"+file.Name()))
		}
	}
	return all
})

// functions are what templates can call.
var functions = template.FuncMap{
	"t":       func(key string, args ...any) string { return texts.of(key, args...) },
	"asset":   assetURL,
	"icon":    icon,
	"when":    when,
	"ago":     func(at time.Time) string { return ago(at, now()) },
	"instant": func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
	"pretty":  pretty,
	"plain":   plain,
	"cut":     cut,
	"number":  number,

	"property": admin.ValidProperty,
	"pair":     func(a, b any) []any { return []any{a, b} },
	"trio":     func(a, b, c any) []any { return []any{a, b, c} },
	"mark":     func(state string) mark { return marks[state] },
	"counted":  func(n fmt.Stringer) string { return n.String() },
	"themes":   func() []string { return themes },
	"states":   func() []directory.State { return states },
	"shows":    func() []string { return shows },

	"class":    func(class string) string { return cause(class) + ".title" },
	"advice":   func(class string) string { return cause(class) + ".advice" },
	"leniency": func(name string) string { return texts.or("leniency."+name, name) },
	"hasFaults": func(rows []ruleRow) bool {
		return slices.ContainsFunc(rows, func(r ruleRow) bool { return r.Faults != nil })
	},
	"sectionIcon": func(section string) template.HTML { return icon(sectionIcons[section]) },
}

// cause is where the texts of a class of failure are: its own, else those for all.
func cause(class string) string {
	if texts.has("cause." + class + ".title") {
		return "cause." + class
	}
	return "cause.other"
}

// when is an instant for people, in UTC.
func when(at time.Time) string {
	if at.IsZero() {
		return texts.of("time.never")
	}
	return at.UTC().Format("2 Jan 2006, 15:04") + " UTC"
}

// ago is how far an instant is, in the largest unit.
func ago(at, from time.Time) string {
	if at.IsZero() {
		return texts.of("time.never")
	}
	d, key := from.Sub(at), "ago"
	if d < 0 {
		d, key = -d, "in"
	}
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := int((d + unit.is/2) / unit.is); n >= 1 {
			name := unit.name
			if n > 1 {
				name += "s"
			}
			return texts.of("time."+key, n, texts.of("time.unit."+name))
		}
	}
	return texts.of("time.now")
}
