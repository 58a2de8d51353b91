package console

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"scimgate/cmd/scimgate/admin"
)

var toNext = regexp.MustCompile(`href="([^"]+)" rel="next"`)

// follow reads a list from page to page and returns what a pattern finds in it.
func (b *browser) follow(path string, pattern string) (found []string, pages int) {
	b.Helper()
	find := regexp.MustCompile(pattern)
	for at := path; ; pages++ {
		a := b.get(at)
		if a.status != http.StatusOK || pages > 20 {
			b.Fatalf("%s: %d", at, a.status)
		}
		for _, one := range find.FindAllStringSubmatch(a.text, -1) {
			found = append(found, one[1])
		}
		next := toNext.FindStringSubmatch(a.text)
		if next == nil {
			return found, pages + 1
		}
		at, _, _ = strings.Cut(strings.TrimPrefix(html.UnescapeString(next[1]), Prefix), "#")
		if strings.HasPrefix(at, "?") {
			at = path + at
		}
	}
}

// What piles up over the years is shown page by page, all of it and each once.
func TestLongListsGoOn(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	d.crowd(2*deliveriesShown + 3)
	for i := range 2*tokensShown + 1 {
		_, err := d.Service.CreateToken(t.Context(), "acme", admin.TokenInput{Label: fmt.Sprint("old", i)})
		d.must(err)
		_, err = d.Service.CreateInvite(t.Context(), "acme", admin.InviteInput{})
		d.must(err)
		d.must(d.Service.PutDraft(t.Context(), "acme", []byte(`{"rules":[]}`)))
		_, err = d.Service.Publish(t.Context(), "acme", admin.PublishInput{Author: "Kim"})
		d.must(err)
	}
	b := d.as(&person{Role: Operator})
	for path, test := range map[string]struct {
		pattern     string
		want, pages int
	}{
		"/accounts/acme/deliveries?state=due":      {`<th scope="row"><a href="/console/accounts/acme/users/(c\d+)"`, 2*deliveriesShown + 3, 3},
		"/accounts/acme/connections/appspace/plan": {`<th scope="row"><a href="/console/accounts/acme/users/(c\d+)"`, 2*deliveriesShown + 3, 4},
		"/accounts/acme/credentials":               {`tokens/([^/"]+)/revoke`, 2*tokensShown + 2, 3},
		"/accounts/acme/access":                    {`invites/([^/"]+)/revoke`, 2*tokensShown + 2, 2},
		"/accounts/acme/mapping":                   {`mapping/versions/([1-9]\d*)"`, 2*tokensShown + 2, 3},
	} {
		found, pages := b.follow(path, test.pattern)
		once := map[string]bool{}
		for _, id := range found {
			once[id] = true
		}
		if len(found) != test.want || len(once) != test.want || pages != test.pages {
			t.Errorf("%s: %d, %d of them different, on %d pages; want %d on %d", path, len(found), len(once), pages, test.want, test.pages)
		}
	}
	for _, path := range []string{"deliveries?state=due", "connections/appspace/plan?"} {
		if a := b.get("/accounts/acme/" + path + "&after=rubbish"); a.status != http.StatusNotFound {
			t.Errorf("%s after rubbish: %d", path, a.status)
		}
	}
	if a := b.get("/accounts/acme/credentials?after=revoked"); a.status != http.StatusOK || !strings.Contains(a.text, "old50") {
		t.Error("a list that has changed does not begin again")
	}
}
