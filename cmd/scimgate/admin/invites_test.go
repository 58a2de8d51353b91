package admin

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/tenant"
)

func TestInvitesOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants", `{"id":"globex"}`)
	made := d.api(201, "POST", "/tenants/acme/invites", `{"for":"Kim","expiresInHours":4}`)
	url, _ := made["url"].(string)
	secret, ok := strings.CutPrefix(url, "https://scim.example.com/console/invite/")
	if !ok || len(secret) != 43 {
		t.Fatalf("url %q", url)
	}
	listed := d.api(200, "GET", "/tenants/acme/invites", "")["items"].([]any)
	if one := listed[0].(map[string]any); len(listed) != 1 || one["for"] != "Kim" || one["id"] != made["id"] || one["url"] != nil {
		t.Errorf("listed %v", listed)
	}
	expires, err := time.Parse(time.RFC3339, made["expires"].(string))
	if left := time.Until(expires); err != nil || left > 4*time.Hour || left < 4*time.Hour-time.Minute {
		t.Errorf("expires %v, %v", made["expires"], err)
	}
	id := made["id"].(string)
	d.refused(404, "DELETE", "/tenants/globex/invites/"+id, "", "no such")
	d.refused(404, "GET", "/tenants/nope/invites", "", "no such")
	d.refused(404, "POST", "/tenants/nope/invites", `{}`, "no such")
	d.refused(422, "POST", "/tenants/acme/invites", `{"expiresInHours":721}`, "")
	if found, err := d.ReadInvite(t.Context(), secret); err != nil || found.ID != "acme" {
		t.Errorf("read: %v, %v", found, err)
	}
	d.api(204, "DELETE", "/tenants/acme/invites/"+id, "")
	if _, _, err := d.TakeInvite(t.Context(), secret); !errors.Is(err, tenant.ErrNotFound) {
		t.Errorf("revoked, and taken: %v", err)
	}
}

// However many open one link at once, one becomes administrator.
func TestAnInviteIsTakenOnce(t *testing.T) {
	d := newDesk(t)
	d.acme()
	made, err := d.CreateInvite(t.Context(), "acme", InviteInput{For: "Kim"})
	d.must(err)
	secret := made.URL[strings.LastIndex(made.URL, "/")+1:]
	var in atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, invite, err := d.TakeInvite(t.Context(), secret); err == nil && got.ID == "acme" && invite.For == "Kim" {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 {
		t.Errorf("%d got in", in.Load())
	}
}
