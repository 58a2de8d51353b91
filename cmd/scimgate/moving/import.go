package moving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Keys tell whether they made what a file holds of credentials; *tenant.Keys do.
type Keys interface {
	Sealed(sealed []byte) bool
	Hashed(hash []byte) bool
}

// ErrKeys means that a file has credentials which the keys did not make: imported,
// they would let nobody in and open nothing.
var ErrKeys = errors.New("the file's credentials were made with another sealing key")

// credentials are what the lines of a file hold of them.
type credentials struct {
	keys          Keys
	foreign       bool // some were made with another key
	byData, known bool // some by a data key, which is there
}

// look looks at one line, and never refuses it.
func (c *credentials) look(l line) error {
	if l.DataKey != nil {
		c.known, c.foreign = true, c.foreign || !c.keys.Sealed(l.DataKey)
	}
	if l.Token != nil {
		c.foreign = c.foreign || !c.keys.Hashed(l.Token.Hash)
	}
	if l.Tenant != nil {
		for _, one := range l.Tenant.Connections {
			c.settings(one.Sealed)
			c.settings(one.Next)
		}
	}
	return nil
}

func (c *credentials) settings(sealed []byte) {
	switch {
	case len(sealed) == 0:
	case tenant.ByDataKey(sealed):
		c.byData = true
	default:
		c.foreign = c.foreign || !c.keys.Sealed(sealed)
	}
}

// open reports ErrKeys where some would not.
func (c *credentials) open() error {
	if c.foreign || c.byData && !c.known {
		return ErrKeys
	}
	return nil
}

// Import makes the tenant of a file, which it reads twice: first to see that it is
// whole, and that keys made its credentials (else ErrKeys). The tenant must not be
// there (tenant.ErrExists). It is paused, with all its connections, until what the
// store then holds was read back and is what the file says. After a failure nothing of
// it is left. Connections without credentials stay paused.
func Import(ctx context.Context, s Stores, keys Keys, from io.ReadSeeker, tell func(int)) (Header, Summary, error) {
	sealed := credentials{keys: keys}
	header, end, err := read(from, sealed.look)
	if err = errors.Join(err, sealed.open()); err != nil {
		return header, Summary{}, err
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return header, Summary{}, err
	}
	i := &importer{Stores: s, id: header.Tenant, tell: tell, making: newCrew()}
	change, err := i.begin(ctx)
	if err != nil {
		return header, Summary{}, err
	}
	_, _, err = read(from, func(l line) error { return i.take(ctx, l) })
	if err = errors.Join(err, i.wait()); err == nil {
		err = i.verify(ctx, end)
	}
	if err != nil {
		return header, Summary{}, errors.Join(err, i.undo(ctx), i.failed(ctx, change, err))
	}
	end.SHA256 = ""
	return header, end, errors.Join(i.open(ctx), i.done(ctx, change, end))
}

type importer struct {
	Stores

	id   tenant.ID
	as   *tenant.Tenant // as the file has it; nil before it was made
	made int
	tell func(int)

	making *errgroup.Group // resources: a store takes many at once as fast as a few
}

// atOnce is how many resources are made at once.
const atOnce = 32

func (i *importer) wait() error {
	err := i.making.Wait()
	i.making = newCrew()
	return err
}

func newCrew() *errgroup.Group {
	crew := new(errgroup.Group)
	crew.SetLimit(atOnce)
	return crew
}

func (i *importer) take(ctx context.Context, l line) error {
	switch {
	case l.Tenant != nil:
		return i.tenant(ctx, l.Tenant)
	case l.Header != nil:
		return nil
	case i.as == nil:
		return errors.New("the file has no tenant")
	case l.Rules != nil:
		return i.Tenants.SaveRules(ctx, i.id, tenant.RulesVersion{Rev: l.Rules.Rev, Rules: l.Rules.Rules, Author: l.Rules.Author, Published: l.Rules.Published})
	case l.Ledger != nil:
		return i.Ledger.AddToLedger(ctx, i.id, l.Ledger)
	case l.DataKey != nil:
		return i.dataKey(ctx, l.DataKey)
	case l.Token != nil:
		k := l.Token
		return i.token(ctx, &tenant.Token{Tenant: i.id, KeyID: k.KeyID, Hash: k.Hash, Label: k.Label, Created: k.Created, Expires: k.Expires, LastUsed: k.LastUsed})
	case l.Resource != nil:
		return i.resources(ctx, l.Resource)
	case l.Members != nil:
		return errors.Join(i.wait(), i.members(ctx, l.Members))
	default:
		return errors.New("the file has an empty line")
	}
}

// tenant makes the tenant, paused: nobody may find or deliver half of it.
func (i *importer) tenant(ctx context.Context, t *tenant.Tenant) error {
	if t.ID != i.id {
		return errors.New("the file holds another tenant than it says")
	}
	paused := *t
	paused.Settings.Paused = true
	paused.Connections = nil
	for _, c := range t.Connections {
		c.Paused = true
		paused.Connections = append(paused.Connections, c)
	}
	if err := i.Tenants.CreateTenant(ctx, &paused); err != nil {
		return err
	}
	i.as = t
	return nil
}

// dataKey stores the data key, in the place of one that an attempt to make the
// tenant may have left.
func (i *importer) dataKey(ctx context.Context, sealed []byte) error {
	was, err := i.Tenants.DataKey(ctx, i.id)
	if err != nil && !errors.Is(err, tenant.ErrNotFound) {
		return err
	}
	return i.Tenants.SwapDataKey(ctx, i.id, was, sealed)
}

func (i *importer) token(ctx context.Context, k *tenant.Token) error {
	if err := i.Tenants.CreateToken(ctx, k); err != nil {
		return fmt.Errorf("token %s: %w", k.KeyID, err)
	}
	return nil
}

func (i *importer) resources(ctx context.Context, l *resourceLine) error {
	if i.made++; i.made%1000 == 0 {
		i.tell(i.made)
		if err := i.wait(); err != nil {
			return err
		}
	}
	i.making.Go(func() error { return i.resource(ctx, l) })
	return nil
}

// resource makes a resource, owed to every connection, and gives each the id that
// its account knows it by, so that nobody is looked for or made twice there.
func (i *importer) resource(ctx context.Context, l *resourceLine) error {
	ref := directory.Ref{Kind: l.Kind, ID: l.ID}
	r := scim.StoredResource(l.Kind, l.ID, 0, l.Body)
	if err := i.Directory.Create(ctx, i.id, r, i.as.SlotsOf(l.Kind)); err != nil {
		return fmt.Errorf("%s %s: %w", l.Kind, l.ID, err)
	}
	for slot, remote := range l.Remote {
		if _, err := i.Directory.Adopt(ctx, i.id, slot, ref, "", remote, time.Now()); err != nil {
			return fmt.Errorf("%s %s: %w", l.Kind, l.ID, err)
		}
	}
	return nil
}

func (i *importer) members(ctx context.Context, l *membersLine) error {
	_, err := i.Directory.Update(ctx, i.id, directory.Ref{Kind: "Group", ID: l.Group}, i.as.SlotsOf("Group"), func(r *scim.Resource) (bool, error) {
		r.Members = &scim.MemberChange{Add: l.IDs}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("members of Group %s: %w", l.Group, err)
	}
	return nil
}

// verify reads back what the store holds now.
func (i *importer) verify(ctx context.Context, want Summary) error {
	if i.as == nil {
		return errors.New("the file has no tenant")
	}
	c := new(content)
	err := walk(ctx, i.Stores, i.id, c, func(*scim.Resource) error { return nil }, func(string, []string) error { return nil })
	if err != nil {
		return err
	}
	got := c.summary()
	if want.SHA256 = ""; got != want {
		return fmt.Errorf("the store holds %d users, %d groups, %d members, and the file %d, %d, %d: they are not the same",
			got.Users, got.Groups, got.Members, want.Users, want.Groups, want.Members)
	}
	return nil
}

// open ends the pauses that the import made.
func (i *importer) open(ctx context.Context) error {
	_, err := i.Tenants.UpdateTenant(ctx, i.id, func(t *tenant.Tenant) error {
		t.Settings.Paused = i.as.Settings.Paused
		for n := range t.Connections {
			t.Connections[n].Paused = i.as.Connections[n].Paused || len(t.Connections[n].Sealed) == 0
		}
		return nil
	})
	return err
}

// undo removes what was made. What was there before is not touched.
func (i *importer) undo(ctx context.Context) error {
	if i.as == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := errors.Join(i.Directory.Erase(ctx, i.id), i.Tenants.DeleteTenant(ctx, i.id)); err != nil {
		return fmt.Errorf("a part of the tenant is left behind, paused: %w", err)
	}
	return nil
}
