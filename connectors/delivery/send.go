package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// put makes the account hold the claimed resource, active or not: a user that was
// disabled before it was ever delivered is created disabled, as Entra does.
func (p *push) put(ctx context.Context, to *prepared, c *directory.Claim) (*directory.Done, error) {
	object, err := objectOf(to, c), error(nil)
	if object.Attributes, err = to.project(c.Resource, false); err != nil {
		return nil, err
	}
	done := &directory.Done{
		RemoteID: object.RemoteID, Sent: object.Sent, SentHash: hashOf(object.Attributes),
		Away: away(object.Attributes), Name: nameIn(c.Resource.Kind, object.Attributes),
	}
	if object.RemoteID == "" {
		if err := p.newcomer(ctx, to, c, &object); err != nil {
			return nil, err
		}
		done.Away, done.Name = away(object.Attributes), nameIn(c.Resource.Kind, object.Attributes)
	} else if held(c, done.SentHash) {
		return done, nil
	}
	if done.Away {
		if err := p.depart(ctx, to, c, p.takeover || active(c)); err != nil {
			return nil, err
		}
	}
	object.Sent = slices.DeleteFunc(slices.Clone(object.Sent), to.rules.Leaves)
	receipt, err := to.Put(ctx, object)
	if err != nil {
		return nil, connectors.AsError(err)
	}
	p.result.sent = true
	done.RemoteID, done.Sent = receipt.RemoteID, receipt.Sent
	return done, p.moved(ctx, c, receipt.RemoteID)
}

// project is what the account should hold of a resource. A group's members are no
// part of it.
func (to *prepared) project(r *scim.Resource, creating bool) (*value.Object, error) {
	attributes, err := r.Attributes()
	if err != nil {
		return nil, &postponed{class: classOurs, reason: "the stored resource is damaged", err: err}
	}
	if r.Kind == groupKind {
		return to.rules.ProjectGroup(attributes, creating)
	}
	return to.rules.Project(attributes, creating)
}

// What SentHash says of a resource that has left.
const (
	suspended = "suspended"
	deleted   = "deleted"
)

// remove makes a deleted resource leave the account by the tenant's policy. What
// never came needs not leave.
func (p *push) remove(ctx context.Context, to *prepared, c *directory.Claim) (*directory.Done, error) {
	object := objectOf(to, c)
	if object.RemoteID == "" && !c.Doubt {
		return &directory.Done{SentHash: c.Delivery.SentHash}, nil
	}
	if object.RemoteID == "" {
		var err error
		if object.Earlier, err = p.untaken(ctx, c.Delivery.Intent.Names()); err != nil {
			return nil, err
		}
	}
	leave, done := to.Suspend, &directory.Done{RemoteID: object.RemoteID, Sent: object.Sent, SentHash: suspended, Away: true}
	leaves := active(c)
	if to.tenant.Settings.OnDelete == tenant.Delete || c.Resource.Kind == groupKind {
		leave, done = to.Delete, &directory.Done{SentHash: deleted}
		leaves = c.Delivery.RemoteID != ""
	}
	if held(c, done.SentHash) {
		return done, nil
	}
	if err := p.depart(ctx, to, c, leaves); err != nil {
		return nil, err
	}
	if err := leave(ctx, object); err != nil {
		return nil, connectors.AsError(err)
	}
	p.result.sent = true
	return done, p.moved(ctx, c, "")
}

// nameOf is the attribute by which an account knows a kind.
func nameOf(kind string) string {
	if kind == groupKind {
		return "displayName"
	}
	return "userName"
}

func nameIn(kind string, projection *value.Object) string {
	v, _ := projection.Get(nameOf(kind))
	return v.Text()
}

func objectOf(to *prepared, c *directory.Claim) connectors.Object {
	r, d := c.Resource, c.Delivery
	return connectors.Object{
		Kind: r.Kind, ID: r.ID, Version: r.Version, RulesRev: to.tenant.RulesRev,
		RemoteID: d.RemoteID, Sent: d.Sent, Doubt: c.Doubt, Adopting: d.Adopting, Adopt: adoptIn(to.tenant, c.Slot),
	}
}

// held reports whether the account holds for certain what hash stands for.
func held(c *directory.Claim, hash string) bool {
	d := c.Delivery
	return d.Delivered > 0 && d.SentHash == hash && !c.Doubt && d.Verify == nil
}

// hashOf tells projections apart, unless they differ in order alone: rules that
// were put in another order send nobody again.
func hashOf(projection *value.Object) string {
	sum := sha256.Sum256(value.AppendSorted(nil, value.Of(projection)))
	return hex.EncodeToString(sum[:16])
}
