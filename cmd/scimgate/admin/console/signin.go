package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"

	"scimgate/ratelimit"
)

// attempts is how often one network address may try to sign in: a person's
// mistakes, no machine's guesses.
var attempts = ratelimit.Limit{Rate: 1.0 / 6, Burst: 10}

// signInData is what the sign-in page shows.
type signInData struct {
	Next  string // path to go on to
	OIDC  bool   // there is an identity provider
	Key   bool   // the operator's key opens
	Fault string // key of a text; "" is none
}

func (v *visit) signInPage() error {
	if v.person != nil {
		return v.redirect("/")
	}
	return v.render(http.StatusOK, "sign-in", v.signInData(""))
}

func (v *visit) signInData(fault string) signInData {
	return signInData{Next: localPath(v.r.FormValue("next")), OIDC: v.OIDC != nil, Key: v.Key != "", Fault: fault}
}

// signInByKey lets in whoever has the operator's key. How long the comparison
// takes says nothing of either key.
func (v *visit) signInByKey() error {
	if err := v.attempt(); err != nil {
		return err
	}
	shown, key := sha256.Sum256([]byte(strings.TrimSpace(v.r.PostFormValue("key")))), sha256.Sum256([]byte(v.Key))
	if v.Key == "" || subtle.ConstantTimeCompare(shown[:], key[:]) != 1 {
		v.Log.WarnContext(v.r.Context(), "console: a wrong operator key")
		return v.render(http.StatusUnauthorized, "sign-in", v.signInData("signIn.fault.key"))
	}
	if err := v.begin(person{Role: Operator}); err != nil {
		return err
	}
	return v.redirect(localPath(v.r.PostFormValue("next")))
}

// attempt charges the visitor's network address for one attempt to sign in.
func (v *visit) attempt() error {
	host, _, err := net.SplitHostPort(v.r.RemoteAddr)
	if err != nil {
		host = v.r.RemoteAddr
	}
	d, err := v.Limits.Take(v.r.Context(), "console/"+host, attempts, 1)
	if err == nil && (!d.Allowed || d.Wait > 0) {
		return errTooOften
	}
	return nil // a limiter that is away lets nobody be locked out
}

func (v *visit) signOut() error {
	if err := v.endSession(v.r.Context()); err != nil {
		return err
	}
	http.SetCookie(v.w, v.cookie(v.cookieName(), "", -1))
	return v.redirect("/sign-in?done=signedOut")
}

// localPath is a path of the console that may be gone on to, else its beginning:
// never another site.
func localPath(next string) string {
	path, ok := strings.CutPrefix(next, Prefix+"/")
	if !ok || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return "/" + path
}

// home leads to where a person works.
func (v *visit) home() error {
	switch {
	case v.person == nil:
		return errSignIn
	case v.person.may(overseers, ""):
		return v.redirect("/accounts")
	default:
		return v.redirect("/accounts/" + string(v.person.Tenant))
	}
}

// themes are the ways the console can look; the first follows the browser.
var themes = []string{"auto", "light", "dark"}

const themeCookie = "scimgate_theme"

func (v *visit) theme() string {
	if cookie, err := v.r.Cookie(themeCookie); err == nil {
		for _, t := range themes {
			if t == cookie.Value {
				return t
			}
		}
	}
	return themes[0]
}

// setTheme turns to the next theme, and returns to the page.
func (v *visit) setTheme() error {
	for _, t := range themes {
		if v.r.PostFormValue("theme") == t {
			http.SetCookie(v.w, v.cookie(themeCookie, t, 365*24*3600))
		}
	}
	return v.redirect(localPath(v.r.PostFormValue("back")))
}
