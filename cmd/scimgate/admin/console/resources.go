package console

import (
	"encoding/base64"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// userType is the resource type of an account's users.
type userType struct{ t *scim.ResourceType }

// resourcesPerPage is how many users or groups a page shows, and candidates how many
// a search may have to look at: a page does not keep anybody waiting.
const (
	resourcesPerPage = 50
	candidates       = 1_000
)

// resourcesData is a page of users or of groups.
type resourcesData struct {
	Kind     string // "users", "groups": the section
	Search   string
	Advanced bool // Search is a SCIM filter as it is
	Rows     []resourceRow
	Total    int
	Next     template.URL // query of the next page, escaped; "" where there is none
	Faults   []string
}

// resourceRow is one user or group in a list.
type resourceRow struct {
	ID, Name, Display, Title string
	Active                   bool
	Changed                  time.Time
	Deliveries               []admin.Owed
}

func (v *visit) users() error  { return v.resources("users", "User") }
func (v *visit) groups() error { return v.resources("groups", "Group") }

func (v *visit) resources(section, kind string) error {
	query := v.r.URL.Query()
	data := resourcesData{Kind: section, Search: strings.TrimSpace(query.Get("q")), Advanced: query.Get("filter") != ""}
	after, err := v.openCursor(query.Get("after"))
	if err != nil {
		return err
	}
	page, err := v.Service.Resources(v.r.Context(), v.tenant.ID, admin.ResourceQuery{
		Kind: kind, Filter: data.filter(kind), After: after, Limit: resourcesPerPage, Examine: candidates,
	})
	if data.Faults = faultsOf(err); data.Faults != nil {
		if !data.Advanced { // the filter is ours
			data.Faults = []string{texts.of("resources.tooMany", number(candidates))}
		}
		return v.render(http.StatusUnprocessableEntity, "resources", data)
	}
	if err != nil {
		return err
	}
	if data.Rows, err = v.rows(page.Resources); err != nil {
		return err
	}
	data.Total = page.Total
	if data.Next, err = v.nextPage(page.Next, query); err != nil {
		return err
	}
	return v.render(http.StatusOK, "resources", data)
}

// searched are the attributes that a search by word looks at: an index has each.
var searched = map[string][]string{
	"User":  {"userName", "displayName", "name.familyName", "emails.value"},
	"Group": {"displayName"},
}

// filter is the SCIM filter of a search.
func (d resourcesData) filter(kind string) string {
	if d.Advanced || d.Search == "" {
		return d.Search
	}
	terms := make([]string, 0, len(searched[kind]))
	for _, path := range searched[kind] {
		terms = append(terms, path+" sw "+string(value.Append(nil, value.NewText(d.Search))))
	}
	return strings.Join(terms, " or ")
}

func (v *visit) rows(resources []*scim.Resource) ([]resourceRow, error) {
	return together(resources, func(r *scim.Resource) (resourceRow, error) {
		row, err := rowOf(r)
		if err != nil {
			return resourceRow{}, err
		}
		row.Deliveries, err = v.Service.DeliveriesOf(v.r.Context(), v.tenant, directory.Ref{Kind: r.Kind, ID: r.ID})
		return row, err
	})
}

func rowOf(r *scim.Resource) (resourceRow, error) {
	attributes, err := r.Attributes()
	if err != nil {
		return resourceRow{}, err
	}
	text := func(name string) string {
		v, _ := attributes.Get(name)
		return v.Text()
	}
	row := resourceRow{
		ID: r.ID, Name: text("userName"), Display: text("displayName"), Title: text("title"),
		Active: r.Active(), Changed: r.LastModified,
	}
	if row.Name == "" {
		row.Name = row.Display
	}
	return row, nil
}

// cursorField names the cursors of lists to the keys: a position holds a name,
// which has no place in an address.
const cursorField = "console/cursor"

func (v *visit) nextPage(position string, query url.Values) (template.URL, error) {
	if position == "" {
		return "", nil
	}
	sealed, err := v.Service.Keys.Seal([]byte(position), v.tenant.ID, cursorField)
	query.Del("done")
	query.Set("after", base64.RawURLEncoding.EncodeToString(sealed))
	return template.URL(query.Encode()), err //nolint:gosec // encoded
}

// openCursor reads where a list goes on; one that is not ours is not found.
func (v *visit) openCursor(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", errNotFound
	}
	position, err := v.Service.Keys.Open(sealed, v.tenant.ID, cursorField)
	if err != nil {
		return "", errNotFound
	}
	return string(position), nil
}

// userData is the page of one user or group.
type userData struct {
	*admin.Found
	Kind     string // section
	ID       string
	Row      resourceRow // empty once it was deleted
	Compared []compared
	More     int    // attributes beyond those
	Raw      int    // characters of a document that are shown
	After    string // more members follow this one
	Story    []event
}

// What the page of a resource shows, unless somebody asks for all: of those who hold
// hundreds of values it would be long.
const (
	attributesShown = 100
	rawShown        = 8_000 // characters of each document
	storyShown      = 40
)

func (v *visit) user() error  { return v.resource("users", "User") }
func (v *visit) group() error { return v.resource("groups", "Group") }

func (v *visit) resource(section, kind string) error {
	data := userData{Kind: section, ID: v.r.PathValue("id")}
	ref := directory.Ref{Kind: kind, ID: data.ID}
	var err error
	if data.Found, err = v.Service.Resource(v.r.Context(), v.tenant.ID, ref, v.r.URL.Query().Get("after")); err != nil {
		return err
	}
	if data.Of != nil {
		if data.Row, err = rowOf(data.Of); err != nil {
			return err
		}
		data.compare(v.r.URL.Query().Get("all") != "")
		if err := v.tellMakers(&data); err != nil {
			return err
		}
	}
	if data.Story, err = v.story(ref); err != nil {
		return err
	}
	if kind == "Group" && len(data.Ends) == admin.EndsAtOnce {
		data.After = data.Ends[len(data.Ends)-1].ID
	}
	return v.render(http.StatusOK, "user", data)
}

// compare puts side by side what was sent and what the account gets.
func (d *userData) compare(all bool) {
	d.Compared, d.Raw = compare(d.Resource, d.Projection), math.MaxInt
	if !all {
		d.More, d.Raw = max(len(d.Compared)-attributesShown, 0), rawShown
		d.Compared = d.Compared[:len(d.Compared)-d.More]
	}
}

// tellMakers says which rule made what the account gets of a user.
func (v *visit) tellMakers(data *userData) error {
	if data.Projection == nil {
		return nil
	}
	attributes, err := data.Of.Attributes()
	if err != nil {
		return err
	}
	tellMakers(data.Compared, data.Rules, attributes)
	return nil
}

// ledgerData is the page of leniencies.
type ledgerData struct{ Entries []tenant.LedgerEntry }

func (v *visit) ledger() error {
	entries, err := v.Service.Counted(v.r.Context(), v.tenant.ID)
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "ledger", ledgerData{entries})
}
