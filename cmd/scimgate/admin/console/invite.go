package console

import (
	"net/http"

	"scimgate/cmd/scimgate/admin"
)

// inviteData is what the page of an invitation shows to whoever has the link.
type inviteData struct {
	Account string
	Secret  string
}

// invitePage asks before it uses the invitation up: what previews links, or scans
// them, only looks.
func (v *visit) invitePage() error {
	secret := v.r.PathValue("secret")
	t, err := v.Service.ReadInvite(v.r.Context(), secret)
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "invite", inviteData{Account: nameOf(t), Secret: secret})
}

// takeInvite makes its holder the account's administrator, once.
func (v *visit) takeInvite() error {
	t, invite, err := v.Service.TakeInvite(v.r.Context(), v.r.PathValue("secret"))
	if err != nil {
		return err
	}
	if err := v.begin(person{Role: Administrator, Tenant: t.ID, Name: invite.For}); err != nil {
		return err
	}
	return v.redirect("/accounts/" + string(t.ID) + "/settings?done=welcome")
}

// accessData is the page of an account's invitations.
type accessData struct {
	Invites []admin.Invite
	Next    string            // id of the one after which there are more; "" where that is all
	New     *admin.Invitation // just made
	OIDC    *OIDC
	Faults  []string
	For     string
}

// invitesShown is how many a page shows.
const invitesShown = 50

func (v *visit) access() error { return v.showAccess(http.StatusOK, accessData{}) }

func (v *visit) showAccess(status int, data accessData) error {
	all, err := v.Service.Invites(v.r.Context(), v.tenant.ID)
	if err != nil {
		return err
	}
	data.OIDC = v.OIDC
	data.Invites, data.Next = part(v, all, invitesShown, func(i admin.Invite) string { return i.ID })
	return v.render(status, "access", data)
}

func (v *visit) createInvite() error {
	in := admin.InviteInput{For: v.field("for"), ExpiresInHours: v.number("hours", 1, 720, admin.DefaultInviteHours)}
	if len(in.For) > maxName {
		return v.showAccess(http.StatusUnprocessableEntity, accessData{Faults: []string{texts.of("access.fault.for")}, For: in.For})
	}
	invitation, err := v.Service.CreateInvite(v.r.Context(), v.tenant.ID, in)
	if err != nil {
		return err
	}
	return v.showAccess(http.StatusOK, accessData{New: invitation})
}

func (v *visit) revokeInvite() error {
	if err := v.Service.RevokeInvite(v.r.Context(), v.tenant.ID, v.r.PathValue("invite")); err != nil {
		return err
	}
	return v.done("access", "inviteRevoked")
}
