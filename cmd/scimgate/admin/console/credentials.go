package console

import (
	"net/http"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

// credentialsData is the page of an account's tokens.
type credentialsData struct {
	Tokens []tokenRow
	Next   string // id of the token after which there are more; "" where that is all
	New    *admin.Minted
	Faults []string

	Others    []credentialRow
	Made      *admin.MadeCredential // just made, or with a secret just made, which is shown this once
	OddFaults []string              // of the form for other credentials
}

type tokenRow struct{ *tenant.Token }

// Mark says how it stands with the token: the key of a text under "token".
func (r tokenRow) Mark() string {
	switch left := r.Expires.Sub(now()); {
	case left <= 0:
		return "expired"
	case left < soon || r.Warning(now()) > 0:
		return "expiring"
	default:
		return "valid"
	}
}

// soon is when people are told that a token is about to expire.
const soon = 30 * 24 * time.Hour

// tokensShown is how many a page shows; nobody needs that many, but they pile up.
const tokensShown = 25

func (v *visit) credentials() error { return v.showCredentials(http.StatusOK, credentialsData{}) }

func (v *visit) showCredentials(status int, data credentialsData) error {
	tokens, err := v.Service.Tokens(v.r.Context(), v.tenant.ID)
	if err != nil {
		return err
	}
	tokens, data.Next = part(v, tokens, tokensShown, func(t *tenant.Token) string { return t.KeyID })
	for _, token := range tokens {
		data.Tokens = append(data.Tokens, tokenRow{token})
	}
	others, err := v.Service.Credentials(v.r.Context(), v.tenant.ID)
	for _, other := range others {
		data.Others = append(data.Others, credentialRow{other})
	}
	if err != nil {
		return err
	}
	return v.render(status, "credentials", data)
}

// createToken makes a token and shows its secret, here and never again, on the
// page that asked for it.
func (v *visit) createToken() error {
	in := admin.TokenInput{Label: v.field("label"), ExpiresInDays: v.number("days", 1, 3650, admin.DefaultTokenDays)}
	if len(in.Label) > maxName {
		return v.showCredentials(http.StatusUnprocessableEntity, credentialsData{Faults: []string{texts.of("credentials.fault.label")}})
	}
	minted, err := v.Service.CreateToken(v.r.Context(), v.tenant.ID, in)
	if err != nil {
		return err
	}
	if v.field("from") == "settings" {
		return v.showSettings(http.StatusOK, settingsData{New: minted})
	}
	return v.showCredentials(http.StatusOK, credentialsData{New: minted})
}

func (v *visit) revokeToken() error {
	if err := v.Service.RevokeToken(v.r.Context(), v.tenant.ID, v.r.PathValue("key")); err != nil {
		return err
	}
	return v.done("credentials", "tokenRevoked")
}

// rotateToken makes a token to replace another, and shows its secret this once.
func (v *visit) rotateToken() error {
	overlap := v.number("overlap", 0, 365, admin.DefaultOverlapDays)
	minted, err := v.Service.RotateToken(v.r.Context(), v.tenant.ID, v.r.PathValue("key"), admin.RotateInput{OverlapDays: &overlap})
	if err != nil {
		return err
	}
	return v.showCredentials(http.StatusOK, credentialsData{New: minted})
}

// extendToken gives a token another year, with the secret that it has.
func (v *visit) extendToken() error {
	end := now().AddDate(0, 0, admin.DefaultTokenDays)
	if _, err := v.Service.ChangeToken(v.r.Context(), v.tenant.ID, v.r.PathValue("key"), admin.TokenChange{Expires: &end}); err != nil {
		return err
	}
	return v.done("credentials", "tokenExtended")
}
