package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"scimgate/cmd/scimgate/admin"
)

// What a process answers and delivers is drawn in its console.
func TestTrafficIsCounted(t *testing.T) {
	o := openOffice(t, "")
	o.connect()
	minted, err := o.Admin.CreateToken(t.Context(), "acme", admin.TokenInput{})
	o.must(err)
	o.hire(20)
	for _, token := range []string{minted.Secret, minted.Secret, "wrong"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", o.PublicURL+"/t/acme/identity/scim/Users", nil)
		o.must(err)
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		o.must(err)
		o.must(res.Body.Close())
	}
	o.settle("all are delivered")
	page := o.console("/accounts/acme/traffic")
	for _, word := range []string{`Answered <strong>2</strong>`, `Refused (4xx) <strong>1</strong>`, "Half took at most", `class="s-longest"`} {
		if !strings.Contains(page, word) {
			t.Errorf("no word of %q in\n%s", word, page)
		}
	}
}

// console is a page as an operator sees it.
func (o *office) console(path string) string {
	o.Helper()
	jar, err := cookiejar.New(nil)
	o.must(err)
	client := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	res, err := client.PostForm(o.AdminURL+"/console/sign-in/key", url.Values{"key": {"operator-key-of-the-tests"}})
	o.must(err)
	o.must(res.Body.Close())
	res, err = client.Get(o.AdminURL + "/console" + path)
	o.must(err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	o.must(err)
	if res.StatusCode != http.StatusOK {
		o.Fatal(fmt.Sprint(path, ": ", res.StatusCode, string(text)))
	}
	return string(text)
}
