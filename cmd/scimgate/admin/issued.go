package admin

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"time"

	"scimgate/connectors"
	"scimgate/tenant"
)

// entraAudience is what Entra's own tokens are for, whichever custom application of
// whichever customer they are sent by.
const entraAudience = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"

// IssuedInput pins what an issuer must have signed, as Azure shows it.
type IssuedInput struct {
	Issuer   string `json:"issuer,omitempty" doc:"Claim iss; of entra by default https://sts.windows.net/{tenantId}/" maxLength:"500" example:"https://login.microsoftonline.com/{tenantId}/v2.0"`
	Keys     string `json:"keys,omitempty" doc:"URL of the issuer's keys; known of Entra's" maxLength:"500"`
	Audience string `json:"audience,omitempty" doc:"Claim aud, with or without /.default; of entra by default that of all custom applications" maxLength:"500"`
	TenantID string `json:"tenantId,omitempty" doc:"Claim tid: the customer's directory; read from an issuer of Entra's" maxLength:"100"`
	Subject  string `json:"subject,omitempty" doc:"Claim sub" maxLength:"500"`
	ObjectID string `json:"objectId,omitempty" doc:"Claim oid" maxLength:"100"`
	AppID    string `json:"appId,omitempty" doc:"Claim appid or azp" maxLength:"100"`
}

var (
	guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	// ofEntra is an issuer of workload identities, and whose it is.
	ofEntra = regexp.MustCompile(`^(https://login\.(?:microsoftonline\.com|microsoftonline\.us|partner\.microsoftonline\.cn)/([0-9a-f-]{36}))/v2\.0$`)
)

// issued reads pins, fills in what is known of Entra, and finds out whether the
// keys can be had.
func (s *Service) issued(ctx context.Context, kind tenant.CredentialKind, in *IssuedInput) (*tenant.Issued, error) {
	if kind == tenant.ClientCredential {
		return nil, invalid("issued: a client has a secret, and nothing that is signed")
	}
	if in == nil {
		return nil, invalid("issued: say what the issuer must have signed")
	}
	pins := &tenant.Issued{
		Issuer: in.Issuer, Keys: in.Keys, TenantID: in.TenantID, Subject: in.Subject, ObjectID: in.ObjectID, AppID: in.AppID,
	}
	if kind == tenant.EntraCredential {
		completeEntra(pins, in.Audience)
	} else {
		completeFederated(pins, in.Audience)
	}
	if faults := faultsOfIssued(kind, pins); faults != nil {
		return nil, &InvalidError{Faults: faults}
	}
	return pins, s.checkKeys(ctx, pins.Keys)
}

func completeEntra(p *tenant.Issued, audience string) {
	p.Audiences = []string{entraAudience}
	if audience != "" {
		p.Audiences = []string{audience}
	}
	if p.Issuer == "" {
		p.Issuer = "https://sts.windows.net/" + p.TenantID + "/"
	}
	if p.Keys == "" {
		p.Keys = "https://login.microsoftonline.com/" + p.TenantID + "/discovery/keys"
	}
}

// completeFederated takes both forms of an audience: Azure shows one, and its tokens
// hold the other.
func completeFederated(p *tenant.Issued, audience string) {
	if bare := strings.TrimSuffix(audience, "/.default"); bare != "" {
		p.Audiences = []string{bare, bare + "/.default"}
	}
	m := ofEntra.FindStringSubmatch(p.Issuer)
	if m == nil {
		return
	}
	if p.Keys == "" {
		p.Keys = m[1] + "/discovery/v2.0/keys"
	}
	if p.TenantID == "" {
		p.TenantID = m[2]
	}
}

// faultsOfIssued is all that is wrong with pins. Without the directory any customer
// of Entra's would be let in, without the subject any of a customer's applications.
func faultsOfIssued(kind tenant.CredentialKind, p *tenant.Issued) (faults []string) {
	m := ofEntra.FindStringSubmatch(p.Issuer)
	for _, c := range []struct {
		bad   bool
		fault string
	}{
		{kind == tenant.EntraCredential && !guid.MatchString(p.TenantID), "issued.tenantId: give the id of the customer's directory, in lower case"},
		{kind == tenant.EntraCredential && !strings.Contains(p.Issuer, "/"+p.TenantID), "issued.issuer: is another directory's"},
		{kind == tenant.EntraCredential && !strings.Contains(p.Keys, "/"+p.TenantID+"/"), "issued.keys: must be those of the directory, not of all (no /common)"},
		{m != nil && m[2] != p.TenantID, "issued.tenantId: the issuer is another directory's"},
		{!secure(p.Issuer), "issued.issuer: must be an https URL, exactly as the token names it"},
		{!secure(p.Keys), "issued.keys: must be the https URL of the issuer's keys"},
		{kind == tenant.FederatedCredential && p.Subject == "", "issued.subject: give the subject that Azure shows"},
		{len(p.Audiences) == 0, "issued.audience: give the audience that Azure shows"},
	} {
		if c.bad {
			faults = append(faults, c.fault)
		}
	}
	return faults
}

// secure reports whether a URL is read by nobody on the way.
func secure(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && u.User == nil && u.Fragment == "" && u.RawQuery == "" &&
		(u.Scheme == "https" || u.Scheme == "http" && connectors.IsLoopback(u.Hostname()))
}

func (s *Service) checkKeys(ctx context.Context, keys string) error {
	if s.IssuerKeys == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := s.IssuerKeys(ctx, keys); err != nil {
		return invalid("issued.keys: the issuer's keys cannot be had from there; its host must be among issuers.hosts: " + err.Error())
	}
	return nil
}
