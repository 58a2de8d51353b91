package moving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Stores are what a tenant is moved out of, or into.
type Stores struct {
	Tenants   tenant.Store
	Ledger    tenant.Ledger
	Directory interface {
		directory.Store
		directory.Deliveries
	}
}

// pageSize is how much is asked of a store at once, and how many members a line has.
const pageSize = 200

// mostOwed is how much of what is owed is looked at.
const mostOwed = 10_000

// kinds in the order in which they need each other.
var kinds = []string{"User", "Group"}

// Export writes a tenant. Nobody should change it meanwhile: pause it, or stop the
// gateway. tell is told now and then how many resources are done. Of deletions that
// are owed to an account, which are not in the file, it returns how many it saw.
func Export(ctx context.Context, s Stores, id tenant.ID, out io.Writer, secrets bool, tell func(int)) (Summary, int, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return Summary{}, 0, err
	}
	change, err := beginExport(ctx, s, id, secrets)
	if err != nil {
		return Summary{}, 0, err
	}
	sum, owed, err := export(ctx, s, t, out, secrets, tell)
	return sum, owed, errors.Join(err, endExport(ctx, s, change, sum, err))
}

func export(ctx context.Context, s Stores, t *tenant.Tenant, out io.Writer, secrets bool, tell func(int)) (Summary, int, error) {
	id, w := t.ID, newWriter(out)
	if err := w.write(line{Header: &Header{Format: format, Tenant: id, Exported: time.Now().UTC(), Secrets: secrets}}); err != nil {
		return Summary{}, 0, err
	}
	if err := exportTenant(ctx, s, w, t, secrets); err != nil {
		return Summary{}, 0, err
	}
	owed, err := leaving(ctx, s, t)
	if err != nil {
		return Summary{}, 0, err
	}
	c := new(content)
	err = walk(ctx, s, id, c, func(r *scim.Resource) error {
		if done := c.Users + c.Groups; done > 0 && done%1000 == 0 {
			tell(done)
		}
		return exportResource(ctx, s, w, t, r)
	}, func(group string, ids []string) error {
		return w.write(line{Members: &membersLine{Group: group, IDs: ids}})
	})
	if err != nil {
		return Summary{}, 0, err
	}
	return c.summary(), owed, w.end(c.summary())
}

func exportTenant(ctx context.Context, s Stores, w *writer, t *tenant.Tenant, secrets bool) error {
	shown := *t
	shown.Connections = nil
	for _, c := range t.Connections {
		if !secrets {
			c.Sealed, c.Next = nil, nil
		}
		shown.Connections = append(shown.Connections, c)
	}
	if err := w.write(line{Tenant: &shown}); err != nil {
		return err
	}
	versions, err := s.Tenants.RulesVersions(ctx, t.ID)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if err := w.write(line{Rules: &rulesLine{Rev: v.Rev, Rules: v.Rules, Author: v.Author, Published: v.Published}}); err != nil {
			return err
		}
	}
	ledger, err := s.Ledger.Ledger(ctx, t.ID)
	if err == nil && len(ledger) > 0 {
		err = w.write(line{Ledger: ledger})
	}
	if err != nil || !secrets {
		return err
	}
	if err := exportDataKey(ctx, s, w, t.ID); err != nil {
		return err
	}
	return exportTokens(ctx, s, w, t.ID)
}

func exportDataKey(ctx context.Context, s Stores, w *writer, id tenant.ID) error {
	sealed, err := s.Tenants.DataKey(ctx, id)
	if errors.Is(err, tenant.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return w.write(line{DataKey: sealed})
}

func exportTokens(ctx context.Context, s Stores, w *writer, id tenant.ID) error {
	tokens, err := s.Tenants.Tokens(ctx, id)
	for _, k := range tokens {
		if err == nil {
			err = w.write(line{Token: &tokenLine{k.KeyID, k.Hash, k.Label, k.Created, k.Expires, k.LastUsed}})
		}
	}
	return err
}

// exportResource writes a resource with the ids that accounts know it by.
func exportResource(ctx context.Context, s Stores, w *writer, t *tenant.Tenant, r *scim.Resource) error {
	remote := map[tenant.Slot]string{}
	for _, slot := range t.SlotsOf(r.Kind) {
		item, err := s.Directory.Delivery(ctx, t.ID, slot, directory.Ref{Kind: r.Kind, ID: r.ID})
		if err != nil {
			return err
		}
		if item.Delivery.RemoteID != "" {
			remote[slot] = item.Delivery.RemoteID
		}
	}
	return w.write(line{Resource: &resourceLine{Kind: r.Kind, ID: r.ID, Body: r.Body(), Remote: remote}})
}

// leaving counts deletions that are owed to accounts, as far as one list shows them.
func leaving(ctx context.Context, s Stores, t *tenant.Tenant) (n int, err error) {
	for _, slot := range t.Slots() {
		for _, state := range []directory.State{directory.Due, directory.Parked, directory.Held} {
			items, err := s.Directory.Deliveries(ctx, t.ID, slot, state, mostOwed)
			if err != nil {
				return 0, fmt.Errorf("what is owed: %w", err)
			}
			for _, item := range items {
				if item.Deleted {
					n++
				}
			}
		}
	}
	return n, nil
}

// walk shows every resource of a tenant and then every membership, and sums them up.
func walk(ctx context.Context, s Stores, id tenant.ID, c *content, each func(*scim.Resource) error, members func(group string, ids []string) error) error {
	var groups []string
	for _, kind := range kinds {
		for after := new(string); after != nil; {
			page, err := s.Directory.List(ctx, id, directory.Query{Kind: kind, StartIndex: 1, Count: pageSize, After: after, Uncounted: true})
			if err != nil {
				return err
			}
			for _, r := range page.Resources {
				if kind == "Group" {
					groups = append(groups, r.ID)
				}
				if err := each(r); err != nil {
					return err
				}
				c.resource(r)
			}
			if after = nil; page.Next != "" {
				after = &page.Next
			}
		}
	}
	for _, group := range groups {
		if err := walkMembers(ctx, s, id, c, group, members); err != nil {
			return err
		}
	}
	return nil
}

func walkMembers(ctx context.Context, s Stores, id tenant.ID, c *content, group string, take func(string, []string) error) error {
	for after := ""; ; {
		page, err := s.Directory.Members(ctx, id, group, after, pageSize)
		if err != nil || len(page) == 0 {
			return err
		}
		ids := make([]string, len(page))
		for i, m := range page {
			ids[i] = m.ID
		}
		if err := take(group, ids); err != nil {
			return err
		}
		c.members(group, ids)
		after = ids[len(ids)-1]
	}
}
