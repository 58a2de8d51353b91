package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// health is how an account does, at a glance.
type health struct {
	On                bool // SCIM is answered
	Connections       int
	Paused            int // of them
	Due, Parked, Held count
	Late              bool      // something is due that failed before
	LastUsed          time.Time // of any token or other credential, to the minute; zero: never, or not known
}

// count is a number that is not counted beyond countTo.
type count struct {
	N    int
	More bool
}

// countTo bounds what is counted for a glance.
const countTo = 200

// Mark is the one word that an account's state comes to: the key of a text under
// "health", and of an icon.
func (h *health) Mark() string {
	switch {
	case !h.On:
		return "off"
	case h.Connections == 0:
		return "unconnected"
	case h.Parked.N > 0 || h.Held.N > 0 || h.Late:
		return "attention"
	case h.Paused > 0:
		return "paused"
	case h.Due.N > 0:
		return "busy"
	default:
		return "well"
	}
}

// health looks at an account.
func (c *Console) health(ctx context.Context, t *tenant.Tenant) (*health, error) {
	h := &health{On: !t.Settings.Paused, Connections: len(t.Connections)}
	for _, connection := range t.Connections {
		if connection.Paused {
			h.Paused++
		}
		if err := c.countOwed(ctx, t.ID, connection, h); err != nil {
			return nil, err
		}
	}
	tokens, err := c.Service.Tenants.Tokens(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	for _, token := range tokens {
		if token.LastUsed.After(h.LastUsed) {
			h.LastUsed = token.LastUsed
		}
	}
	others, err := c.Service.Tenants.Credentials(ctx, t.ID)
	for _, other := range others {
		if other.LastUsed.After(h.LastUsed) {
			h.LastUsed = other.LastUsed
		}
	}
	return h, err
}

// Count is how much is in a state.
func (h *health) Count(state string) *count {
	switch directory.State(state) {
	case directory.Parked:
		return &h.Parked
	case directory.Held:
		return &h.Held
	default:
		return &h.Due
	}
}

// countOwed counts what waits for a person by the index alone; what is due is looked
// at, because it may have failed before.
func (c *Console) countOwed(ctx context.Context, id tenant.ID, connection tenant.Connection, h *health) error {
	due, err := c.Service.Directory.Deliveries(ctx, id, connection.Slot, directory.Due, countTo+1)
	if err != nil {
		return err
	}
	h.Due.add(len(due))
	h.Late = h.Late || slices.ContainsFunc(due, func(i directory.Item) bool { return i.Delivery.Attempts > 0 })
	for _, state := range []directory.State{directory.Parked, directory.Held} {
		n, err := c.Service.Directory.Count(ctx, id, connection.Slot, state, countTo+1)
		if err != nil {
			return err
		}
		h.Count(string(state)).add(n)
	}
	return nil
}

// states are those that the page of deliveries shows, in its order.
var states = []directory.State{directory.Due, directory.Parked, directory.Held}

// String is the number, with a plus where there are more.
func (n count) String() string {
	if n.More {
		return fmt.Sprintf("%d+", n.N)
	}
	return strconv.Itoa(n.N)
}

func (n *count) add(more int) {
	n.N += more
	if n.N > countTo {
		n.N, n.More = countTo, true
	}
}

// accountsPerPage is how many accounts are looked at for one page.
const accountsPerPage = 50

// accountRow is an account in the list.
type accountRow struct {
	Tenant *tenant.Tenant
	Health *health
}

// Name is what people call the account.
func (r accountRow) Name() string { return nameOf(r.Tenant) }

func nameOf(t *tenant.Tenant) string {
	if t.DisplayName != "" {
		return t.DisplayName
	}
	return string(t.ID)
}

type accountsData struct {
	Rows   []accountRow
	Next   tenant.ID // the list goes on after it; "" where it ends
	Faults []string
	ID     string // as it was sent
	Name   string
}

func (v *visit) accounts() error { return v.showAccounts(http.StatusOK, accountsData{}) }

func (v *visit) showAccounts(status int, data accountsData) error {
	ctx := v.r.Context()
	tenants, err := v.Service.Tenants.Tenants(ctx, tenant.ID(v.r.URL.Query().Get("after")), accountsPerPage+1)
	if err != nil {
		return err
	}
	if len(tenants) > accountsPerPage {
		tenants = tenants[:accountsPerPage]
		data.Next = tenants[accountsPerPage-1].ID
	}
	data.Rows, err = together(tenants, func(t *tenant.Tenant) (accountRow, error) {
		h, err := v.health(ctx, t)
		return accountRow{t, h}, err
	})
	if err != nil {
		return err
	}
	return v.render(status, "accounts", data)
}

// maxName bounds names for people, as the API does.
const maxName = 200

func (v *visit) createAccount() error {
	in := admin.TenantInput{ID: v.field("id"), DisplayName: v.field("name")}
	if len(in.DisplayName) > maxName {
		return v.refuseAccount(in, texts.of("accounts.fault.name"))
	}
	t, err := v.Service.CreateTenant(v.r.Context(), in)
	switch {
	case errors.Is(err, tenant.ErrExists):
		return v.refuseAccount(in, texts.of("accounts.fault.exists"))
	case faultsOf(err) != nil:
		return v.refuseAccount(in, faultsOf(err)...)
	case err != nil:
		return err
	}
	return v.redirect("/accounts/" + string(t.ID) + "/settings?done=accountMade")
}

func (v *visit) refuseAccount(in admin.TenantInput, faults ...string) error {
	return v.showAccounts(http.StatusUnprocessableEntity, accountsData{Faults: faults, ID: in.ID, Name: in.DisplayName})
}

// accountHome is the first thing that an account's administrator needs.
func (v *visit) accountHome() error { return v.redirect(v.base() + "/settings") }
