package sandbox

import (
	"strings"

	"scimgate/scim"
	"scimgate/scim/value"
)

// demand is what the account asks of a user beyond SCIM itself, on every POST,
// PUT and PATCH. Of a group it asks nothing.
func demand(r *scim.Resource) error {
	if r.Kind != "User" {
		return nil
	}
	attributes, err := r.Attributes()
	if err != nil {
		return err
	}
	if err := demandAddress(attributes); err != nil {
		return err
	}
	return demandSimple(attributes)
}

// demandAddress wants userName to be an e-mail address, and the primary one of
// the user, if any is given.
func demandAddress(attributes *value.Object) error {
	name, _ := attributes.Get("userName")
	if !isAddress(name.Text()) {
		return scim.Errorf(scim.InvalidValue, "userName must be an e-mail address.")
	}
	emails, _ := attributes.Get("emails")
	address := mainAddress(emails.Items())
	if address != "" && value.Fold(address) != value.Fold(name.Text()) {
		return scim.Errorf(scim.InvalidValue, "userName must be the user's primary e-mail address.")
	}
	return nil
}

// mainAddress is the primary e-mail address, else the work one, else the first.
func mainAddress(emails []value.Value) string {
	best, rank := "", 0
	for _, email := range emails {
		if r := rankOf(email.Object()); r > rank {
			address, _ := email.Object().Get("value")
			best, rank = address.Text(), r
		}
	}
	return best
}

func rankOf(email *value.Object) int {
	primary, _ := email.Get("primary")
	kind, _ := email.Get("type")
	switch {
	case primary.True():
		return 3
	case value.Fold(kind.Text()) == "work":
		return 2
	default:
		return 1
	}
}

// isAddress asks for one @ with something on both sides and no space.
func isAddress(text string) bool {
	local, domain, ok := strings.Cut(text, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(text, " \t\r\n") && !strings.Contains(domain, "@")
}

// demandSimple wants custom attributes to be a String or an Integer.
func demandSimple(attributes *value.Object) error {
	custom, _ := attributes.Get(scim.AppspaceUserURN)
	if custom.Object() == nil {
		return nil
	}
	for _, m := range custom.Object().Members {
		if !isSimple(m.Value) {
			return scim.Errorf(scim.InvalidValue, "Custom attribute %q must be a String or an Integer.", m.Name)
		}
	}
	return nil
}

func isSimple(v value.Value) bool {
	return v.Kind() == value.String || v.Kind() == value.Number && !strings.ContainsAny(v.Text(), ".eE")
}
