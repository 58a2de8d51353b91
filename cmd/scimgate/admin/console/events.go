package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// How often an account is looked at for whoever has its page open, and how long
// one stream of events lasts before the browser asks again, and is asked again
// who it is.
const (
	lookEvery  = time.Second
	streamTime = 5 * time.Minute
	anyhow     = 15 // looks after which a page is told to look itself, whatever we know
)

// events tells the browser when what it shows is no longer so: it then asks for
// its page again. No event holds anything of the account.
func (v *visit) events() error {
	select {
	case v.streams <- struct{}{}:
		defer func() { <-v.streams }()
	default:
		v.w.WriteHeader(http.StatusNoContent) // which tells the browser not to come back
		return nil
	}
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.WriteHeader(http.StatusOK)
	v.stream()
	return nil
}

// stream sends an event for each change until the browser goes, the stream has
// lasted long enough, or we stop.
func (v *visit) stream() {
	ctx, cancel := context.WithTimeout(v.r.Context(), streamTime)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	shown := v.r.URL.Query().Get("since")
	for looks := 1; ; looks++ {
		stamp, err := v.look(ctx)
		if err != nil || !v.send(stamp, stamp != shown || looks%anyhow == 0) {
			return
		}
		shown = stamp
		select {
		case <-ctx.Done():
			return
		case <-v.ended:
			return
		case <-tick.C:
		}
	}
}

// send writes an event, or a comment by which both ends know that the other is there.
func (v *visit) send(stamp string, changed bool) bool {
	answer := http.NewResponseController(v.w)
	_ = answer.SetWriteDeadline(time.Now().Add(10 * time.Second))
	text := ":\n\n"
	if changed {
		text = "event: changed\ndata: " + stamp + "\n\n"
	}
	_, err := fmt.Fprint(v.w, text)
	return err == nil && answer.Flush() == nil
}

// look is stamp, of the account as it is now.
func (v *visit) look(ctx context.Context) (string, error) {
	t, err := v.Service.Tenants.Tenant(ctx, v.tenant.ID)
	if err != nil {
		return "", err
	}
	h, err := v.health(ctx, t)
	if err != nil {
		return "", err
	}
	return v.stamp(ctx, t, h, v.r.URL.Query().Get("of"))
}

// of names what a page is about besides the account: one user or group,
// "users/<id>", or its audits, "drift/"; "" for nothing.
func (v *visit) of() string {
	section := v.sectionOf("")
	if id := v.r.PathValue("id"); id != "" || section == "drift" {
		return section + "/" + id
	}
	return ""
}

// stamp is different whenever something that a page shows is: the account, what is
// owed of it and, where the page is one user's, that user, or how far its audits are.
func (c *Console) stamp(ctx context.Context, t *tenant.Tenant, h *health, of string) (string, error) {
	sum := sha256.New()
	encoder := json.NewEncoder(sum)
	if err := encoder.Encode(struct {
		Version, Changes uint64
		Health           *health
	}{t.Version, c.changed(t.ID).Load(), h}); err != nil {
		return "", err
	}
	if section, id, ok := strings.Cut(of, "/"); ok && kindOf[section] != "" {
		owed, err := c.Service.DeliveriesOf(ctx, t, directory.Ref{Kind: kindOf[section], ID: id})
		if err != nil {
			return "", err
		}
		if err := encoder.Encode(owed); err != nil {
			return "", err
		}
	}
	if of == "drift/" {
		audits, err := c.Service.Audits(ctx, t.ID)
		if err != nil {
			return "", err
		}
		if err := encoder.Encode(audits); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// kindOf is the resource type of a section.
var kindOf = map[string]string{"users": "User", "groups": "Group"}
