package alerts

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

// Every is how long a Watch rests between two looks.
const Every = 5 * time.Minute

// Watch looks after all tenants. Its fields are set before Run.
type Watch struct {
	Service *admin.Service
	Leases  tenant.Leases // nil: this is the only process
	Owner   string        // names this process to Leases
	Send    func(context.Context, Message) error
	Now     func() time.Time
	Log     *slog.Logger

	Tallies tenant.Tallies
	Traffic Traffic // of this process; nil: it answers nothing

	told map[string]condition // what was raised and not cleared
}

// Message is one alert as it is sent. It holds nothing of any user.
type Message struct {
	Alert   Kind      `json:"alert"`
	State   string    `json:"state"` // "raised" or "cleared"
	Tenant  tenant.ID `json:"tenant"`
	Subject string    `json:"subject,omitempty"` // id of the credential or connection
	Text    string    `json:"text"`
	URL     string    `json:"url"` // of the console
	At      time.Time `json:"at"`
}

// Run looks until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	ticker := time.NewTicker(Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			w.bring(context.WithoutCancel(ctx))
			return
		case <-ticker.C:
			w.Look(ctx)
		}
	}
}

// round is one look at everything.
type round struct {
	all     map[string]condition
	unknown map[tenant.ID]bool // could not be looked at: what was told of them stays
	stores  bool               // the stores were looked at, and not by another process
}

// Look looks at every tenant once, and tells what has begun and what has ended.
func (w *Watch) Look(ctx context.Context) {
	if w.told == nil {
		w.told = map[string]condition{}
	}
	w.bring(ctx)
	r := round{all: map[string]condition{}, unknown: map[tenant.ID]bool{}, stores: w.mine(ctx)}
	for after := tenant.ID(""); ; {
		page, err := w.Service.Tenants.Tenants(ctx, after, 100)
		if err != nil {
			w.Log.WarnContext(ctx, "alerts: the tenants cannot be looked at", "error", err)
			return
		}
		for _, t := range page {
			w.lookAt(ctx, t, &r)
			after = t.ID
		}
		if len(page) == 0 {
			break
		}
	}
	w.settle(ctx, r)
}

func (w *Watch) lookAt(ctx context.Context, t *tenant.Tenant, r *round) {
	if !r.stores {
		return
	}
	w.tryNext(ctx, t)
	found, err := w.look(ctx, t)
	if err != nil {
		w.Log.WarnContext(ctx, "alerts: a tenant cannot be looked at", "tenant", t.ID, "error", err)
		r.unknown[t.ID] = true
	}
	for _, c := range found {
		r.all[c.key()] = c
	}
}

// tryNext has an account asked again whether it accepts settings that wait.
func (w *Watch) tryNext(ctx context.Context, t *tenant.Tenant) {
	for _, c := range t.Connections {
		if c.Next == nil {
			continue
		}
		if _, err := w.Service.TryNext(ctx, t.ID, c.ID); err != nil {
			w.Log.WarnContext(ctx, "alerts: new settings could not be tried", "tenant", t.ID, "error", err)
		}
	}
}

// mine reports whether this process is the one that looks at the stores.
func (w *Watch) mine(ctx context.Context) bool {
	if w.Leases == nil {
		return true
	}
	term, err := w.Leases.AcquireLease(ctx, "-alerts", w.Owner, 2*Every+Every/2) // "-…" is no tenant's id
	return err == nil && term != ""
}

// settle tells what is new, and what is over. What could not be sent is tried again
// at the next look.
func (w *Watch) settle(ctx context.Context, r round) {
	for _, key := range slices.Sorted(maps.Keys(r.all)) {
		c := r.all[key]
		if before, known := w.told[key]; known && before.level == c.level {
			continue
		}
		if w.tell(ctx, c, "raised") {
			w.told[key] = c
		}
	}
	for _, key := range slices.Sorted(maps.Keys(w.told)) {
		c := w.told[key]
		_, holds := r.all[key]
		switch {
		case holds || r.unknown[c.tenant]:
		case !r.stores: // another process looks after it now
			delete(w.told, key)
		case w.tell(ctx, c, "cleared"):
			delete(w.told, key)
		}
	}
}

// tell logs and sends one message, and reports whether it was sent.
func (w *Watch) tell(ctx context.Context, c condition, state string) bool {
	m := Message{
		Alert: c.kind, State: state, Tenant: c.tenant, Subject: c.subject, Text: c.text,
		URL: w.Service.ConsoleURL + "/accounts/" + string(c.tenant) + "/" + c.section, At: w.Now().UTC().Truncate(time.Second),
	}
	level := slog.LevelWarn
	if state == "cleared" {
		level = slog.LevelInfo
	}
	w.Log.Log(ctx, level, "alert", "alert", m.Alert, "state", state, "tenant", m.Tenant, "subject", m.Subject, "text", m.Text, "url", m.URL)
	if w.Send == nil {
		return true
	}
	if err := w.Send(ctx, m); err != nil {
		w.Log.WarnContext(ctx, "an alert could not be sent; it is sent again", "alert", m.Alert, "tenant", m.Tenant, "error", err)
		return false
	}
	return true
}
