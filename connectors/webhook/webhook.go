package webhook

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// hook is an open webhook.
type hook struct {
	url, token string // token may be ""
	client     *http.Client
	issuer     issuer
}

// Put implements connectors.Connector. The receiver knows the resource by our own
// id, so nobody has to be looked for and no user of another hand can be met.
func (h *hook) Put(ctx context.Context, o connectors.Object) (connectors.Receipt, error) {
	k, err := kindOf(o)
	if err != nil {
		return connectors.Receipt{}, err
	}
	if err := h.tell(ctx, k, o, state(k, o)); err != nil {
		err.Creating = err.Unknown && isNew(o)
		return connectors.Receipt{}, err
	}
	return connectors.Receipt{RemoteID: o.ID, Sent: names(o.Attributes)}, nil
}

func names(attributes *value.Object) []string {
	all := make([]string, 0, attributes.Len())
	for _, m := range attributes.Members {
		if !m.Value.Unassigned() {
			all = append(all, m.Name)
		}
	}
	slices.Sort(all)
	return all
}

// Suspend implements connectors.Connector.
func (h *hook) Suspend(ctx context.Context, o connectors.Object) error {
	return h.leave(ctx, o, object(deactivate, version(o)))
}

// Delete implements connectors.Connector. A delete event has no payload (RFC 9967
// §2.4.4).
func (h *hook) Delete(ctx context.Context, o connectors.Object) error {
	return h.leave(ctx, o, object(remove))
}

// leave tells that a resource has left, if the receiver may have heard of it.
func (h *hook) leave(ctx context.Context, o connectors.Object, event value.Member) error {
	k, err := kindOf(o)
	if err != nil {
		return err
	}
	if o.RemoteID == "" && !o.Doubt {
		return nil
	}
	if err := h.tell(ctx, k, o, value.NewObject(event)); err != nil {
		return err
	}
	return nil
}

func (h *hook) tell(ctx context.Context, k kind, o connectors.Object, events *value.Object) *connectors.Error {
	return h.deliver(ctx, h.issuer.about(k, o, events))
}

func (h *hook) deliver(ctx context.Context, s statement) *connectors.Error {
	set, err := h.issuer.issue(s, time.Now())
	if err != nil {
		return &connectors.Error{Fault: connectors.Transient, Reason: "the event could not be signed", Err: err}
	}
	return h.push(ctx, set)
}

// Matches implements connectors.Connector.
func (*hook) Matches(context.Context, connectors.Object) (bool, error) {
	return false, connectors.ErrCannotAsk
}

// Check implements connectors.Connector. The verification event changes nothing,
// so that it may be sent at any time, and its outcome leaves nothing unknown.
func (h *hook) Check(ctx context.Context) error {
	e := h.deliver(connectors.WithSendBy(ctx, time.Time{}), statement{
		id:      uuid.NewString(),
		subject: value.NewObject(text("format", "opaque"), text("id", h.issuer.audience)),
		events:  value.NewObject(object(verification)),
	})
	if e != nil {
		e.Unknown = false
		return e
	}
	return nil
}
