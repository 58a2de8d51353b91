package mapping

import (
	"slices"
	"strings"

	"scimgate/scim/value"
)

// settleName makes userName and the work e-mail what Appspace knows a user by
// (design 6.13): userName if it is an e-mail address, else the primary e-mail. It
// looks at what the rules made; where they made none, at the resource's own.
func settleName(p, attributes *value.Object) error {
	name := mapped(p, attributes, "userName").Text()
	if !isAddress(name) {
		name = primaryEmail(mapped(p, attributes, "emails").Items())
	}
	if !isAddress(name) {
		return &Error{
			Rule: -1, Target: "userName",
			Reason: "userName is not an e-mail address, and no primary e-mail stands in for it: the account knows its users by e-mail address",
		}
	}
	p.Set("userName", value.NewText(name))
	emails, _ := p.Get("emails")
	if i := workEmail(emails.Items()); i < 0 || emailAt(emails.Items(), i) != name {
		p.Set("emails", value.List(withWork(emails.Items(), i, name)...))
	}
	return nil
}

func mapped(p, attributes *value.Object, name string) value.Value {
	v, ok := p.Get(name)
	if !ok {
		v, _ = attributes.Get(name)
	}
	return v
}

// primaryEmail is the address of the e-mail that is marked primary. Entra marks
// none in a PATCH: then it is the work e-mail, or the only one there is.
func primaryEmail(items []value.Value) string {
	i := slices.IndexFunc(items, isPrimary)
	if i < 0 {
		i = workEmail(items)
	}
	if i < 0 && len(items) == 1 {
		i = 0
	}
	if i < 0 {
		return ""
	}
	return emailAt(items, i)
}

// workEmail is the index of the work e-mail, of two the primary or else the
// first (design 6.9); -1 if there is none.
func workEmail(items []value.Value) int {
	work := -1
	for i, item := range items {
		kind, _ := item.Object().Get("type")
		if !strings.EqualFold(kind.Text(), "work") {
			continue
		}
		if isPrimary(item) {
			return i
		}
		if work < 0 {
			work = i
		}
	}
	return work
}

func isPrimary(item value.Value) bool {
	primary, _ := item.Object().Get("primary")
	return primary.True()
}

func emailAt(items []value.Value, i int) string {
	v, _ := items[i].Object().Get(valueSub)
	return v.Text()
}

// withWork returns a copy of items in which the work e-mail, at i, is address;
// with i < 0 it is added, as the primary one unless another is.
func withWork(items []value.Value, i int, address string) []value.Value {
	items = slices.Clone(items)
	if i >= 0 {
		changed := value.NewObject(slices.Clone(items[i].Object().Members)...)
		changed.Set(valueSub, value.NewText(address))
		items[i] = value.Of(changed)
		return items
	}
	added := value.NewObject(
		value.Member{Name: valueSub, Value: value.NewText(address)},
		value.Member{Name: "type", Value: value.NewText("work")})
	if !slices.ContainsFunc(items, isPrimary) {
		added.Set("primary", value.Truth(true))
	}
	return append(items, value.Of(added))
}

// isAddress reports whether s can be an e-mail address: something, one @, and a
// domain of labels. Whether mail arrives there is for the account to know.
func isAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || strings.Contains(domain, "@") || len(s) > 254 || strings.ContainsFunc(s, notInAddress) {
		return false
	}
	return domain != "" && domain[0] != '.' && domain[len(domain)-1] != '.' && !strings.Contains(domain, "..")
}

func notInAddress(c rune) bool {
	return c <= ' ' || c == 0x7f || strings.ContainsRune(`"(),:;<>[]\`, c)
}
