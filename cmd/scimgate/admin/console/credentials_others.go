package console

import (
	"net/http"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

// credentialRow is a credential other than a token.
type credentialRow struct{ admin.CredentialView }

// Mark says how it stands with the credential: the key of a text under "token".
func (r credentialRow) Mark() string {
	live := len(r.Secrets) == 0 && r.Kind != tenant.ClientCredential
	for _, s := range r.Secrets {
		live = live || s.Expires.After(now())
	}
	switch {
	case r.Disabled:
		return "off"
	case !live:
		return "expired"
	case r.Warning > 0:
		return "expiring"
	default:
		return "valid"
	}
}

// createCredential makes an OAuth client, or trusts what an issuer signs.
func (v *visit) createCredential() error {
	in := admin.CredentialInput{Kind: tenant.CredentialKind(v.field("kind")), Label: v.field("label")}
	if len(in.Label) > maxName {
		return v.showCredentials(http.StatusUnprocessableEntity, credentialsData{OddFaults: []string{texts.of("credentials.fault.label")}})
	}
	switch in.Kind {
	case tenant.ClientCredential:
	case tenant.FederatedCredential, tenant.EntraCredential:
		in.Issued = &admin.IssuedInput{
			Issuer: v.field("issuer"), Keys: v.field("keys"), Audience: v.field("audience"), TenantID: v.field("tenantId"),
			Subject: v.field("subject"), ObjectID: v.field("objectId"),
		}
	default:
		return v.showCredentials(http.StatusUnprocessableEntity, credentialsData{OddFaults: []string{texts.of("credentials.fault.kind")}})
	}
	made, err := v.Service.CreateCredential(v.r.Context(), v.tenant.ID, in)
	return v.showMade(made, err)
}

// showMade shows what was made, with its secret, or what is wrong.
func (v *visit) showMade(made *admin.MadeCredential, err error) error {
	if faults := faultsOf(err); faults != nil {
		return v.showCredentials(http.StatusUnprocessableEntity, credentialsData{OddFaults: faults})
	}
	if err != nil {
		return err
	}
	return v.showCredentials(http.StatusOK, credentialsData{Made: made})
}

func (v *visit) switchCredential() error {
	disabled, what := v.field("to") == "off", "credentialOn"
	if disabled {
		what = "credentialOff"
	}
	_, err := v.Service.ChangeCredential(v.r.Context(), v.tenant.ID, v.r.PathValue("credential"), admin.CredentialChange{Disabled: &disabled})
	if err != nil {
		return err
	}
	return v.done("credentials", what)
}

func (v *visit) addSecret() error {
	made, err := v.Service.AddSecret(v.r.Context(), v.tenant.ID, v.r.PathValue("credential"), admin.SecretInput{})
	return v.showMade(made, err)
}

func (v *visit) dropSecret() error {
	_, err := v.Service.DropSecret(v.r.Context(), v.tenant.ID, v.r.PathValue("credential"), v.r.PathValue("secret"))
	if err != nil {
		return err
	}
	return v.done("credentials", "secretEnded")
}

func (v *visit) deleteCredential() error {
	if err := v.Service.DeleteCredential(v.r.Context(), v.tenant.ID, v.r.PathValue("credential")); err != nil {
		return err
	}
	return v.done("credentials", "credentialGone")
}
