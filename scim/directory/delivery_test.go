package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"scimgate/tenant"
)

// machine is one resource at one slot under random hands: changes, claims of
// several workers, commits late and early, verifications, resyncs. After each
// step the record is stored and read again, and the invariants of the protocol
// must hold (reliability-and-security.md 3.6).
type machine struct {
	data    []byte
	work    string
	version uint64
	deleted bool

	now    time.Time
	claims []claimed // ever made
	nonces []string
	steps  int
}

type claimed struct {
	intent  string
	version uint64
}

func (m *machine) load(t *rapid.T) record {
	d, err := loadRecord(m.work, m.data, m.version, m.deleted)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (m *machine) store(t *rapid.T, next record) {
	data, err := next.encode()
	if err != nil {
		t.Fatal(err)
	}
	m.data, m.work = data, workKey(acme, next.Delivery)
	if back := m.load(t); !reflect.DeepEqual(back, next) {
		t.Fatalf("stored %+v, read %+v", next, back)
	}
}

func (m *machine) change(t *rapid.T) {
	if m.deleted {
		return
	}
	m.version++
	m.deleted = rapid.IntRange(0, 9).Draw(t, "delete") == 0
	m.work = workKey(acme, accepted(m.deleted, m.now))
	if d := m.load(t); d.Attempts != 0 || d.Crashes != 0 || d.Failure != nil || d.State != Due || !d.Due.Equal(m.now) {
		t.Fatalf("a change left %+v", d)
	}
}

func (m *machine) claim(t *rapid.T) {
	was := m.load(t)
	m.steps++
	in := Intent{
		ID: fmt.Sprint("i", m.steps), Op: rapid.SampledFrom([]Op{Creating, Updating, Removing}).Draw(t, "op"),
		QuietUntil: m.now.Add(10 * time.Second), Version: 99, Ended: true,
		Name: rapid.SampledFrom([]string{"", "ana", "ben"}).Draw(t, "name"),
	}
	next, err := was.claim(in, fmt.Sprint("n", m.steps), m.now)
	quiet := was.Intent != nil && was.Intent.Op == Creating && was.Intent.QuietUntil.After(m.now)
	if dueNow := was.State == Due && !was.Due.After(m.now); (err == nil) != (dueNow && !quiet) {
		t.Fatalf("claim of %+v: %v", was, err)
	}
	if err != nil {
		if !errors.Is(err, ErrNotDue) {
			t.Fatal(err)
		}
		m.store(t, next)
		return
	}
	if next.Intent.ID != in.ID || next.Intent.Version != m.version || next.Intent.Ended {
		t.Fatalf("claimed with %+v", next.Intent)
	}
	for _, name := range was.Intent.Names() {
		if !slices.Contains(next.Intent.Names(), name) {
			t.Fatalf("claimed with the names %v, and %s is forgotten", next.Intent.Names(), name)
		}
	}
	doubt := was.Intent != nil && was.Intent.Op != Creating
	if fresh := next.Verify != nil && next.Verify.Nonce == fmt.Sprint("n", m.steps); fresh != doubt {
		t.Fatalf("doubt %v, verify %+v", doubt, next.Verify)
	}
	if doubt {
		m.nonces = append(m.nonces, next.Verify.Nonce)
	}
	m.claims = append(m.claims, claimed{in.ID, m.version})
	m.store(t, next)
}

func (m *machine) commit(t *rapid.T) {
	if len(m.claims) == 0 {
		return
	}
	was := m.load(t)
	c := rapid.SampledFrom(m.claims).Draw(t, "claim")
	o := rapid.SampledFrom([]Outcome{
		{Done: &Done{RemoteID: "r"}},
		{Park: &Failure{At: m.now}},
		{Retry: &Retry{At: m.now.Add(time.Second)}},
		{Retry: &Retry{At: m.now, Spare: true}},
		{Retry: &Retry{At: m.now, Unknown: true}},
		{Retry: &Retry{At: m.now, Unknown: true, Op: Creating}},
		{Retry: &Retry{At: m.now, Spare: true, Departure: Withheld}},
		{Retry: &Retry{At: m.now, Spare: true, Unknown: true, Departure: Withheld}},
	}).Draw(t, "outcome")
	next, err := was.commit(c.intent, o, m.now)
	if mine := was.Intent != nil && was.Intent.ID == c.intent; mine != (err == nil) {
		t.Fatalf("commit of %s over %+v: %v", c.intent, was.Intent, err)
	}
	if err != nil {
		return
	}
	newer := m.version > c.version
	switch {
	case o.Done != nil && (next.Delivered < c.version || next.Delivered > m.version):
		t.Fatalf("delivered %d of %d, claimed %d", next.Delivered, m.version, c.version)
	case o.Park != nil && (next.State == Parked) == (newer || was.Again):
		t.Fatalf("parked: %+v, newer %v, again %v", next, newer, was.Again)
	case newer && (next.State != Due || next.Attempts != 0):
		t.Fatalf("a newer version is left as %+v", next)
	case o.Retry != nil && (next.Intent != nil) != o.Retry.Unknown:
		t.Fatalf("retry left intent %+v", next.Intent)
	case o.Retry != nil && (next.State == Held) == (newer || was.Again || o.Retry.Departure != Withheld):
		t.Fatalf("held: %+v, newer %v, again %v", next, newer, was.Again)
	case o.Retry != nil && !newer && next.Attempts != was.Attempts+1 && !o.Retry.Spare:
		t.Fatalf("an attempt was not counted")
	}
	m.store(t, next)
}

func (m *machine) verify(t *rapid.T) {
	if len(m.nonces) == 0 {
		return
	}
	was := m.load(t)
	nonce, ok := rapid.SampledFrom(m.nonces).Draw(t, "nonce"), rapid.Bool().Draw(t, "ok")
	next, err := was.verified(nonce, ok, m.now)
	if may := was.Intent == nil && was.Verify != nil && was.Verify.Nonce == nonce; may != (err == nil) {
		t.Fatalf("verified %+v: %v", was, err)
	}
	if err == nil && !ok && (next.Delivered != 0 || next.State != Due) {
		t.Fatalf("a difference was found, and left as %+v", next)
	}
	if err == nil {
		m.store(t, next)
	}
}

func (m *machine) resync(t *rapid.T) {
	next, changed := m.load(t).resync(m.now)
	if !changed {
		return
	}
	if next.State != Due || next.Due.After(m.now) {
		t.Fatalf("resync left %+v", next)
	}
	m.store(t, next)
}

// decide releases or discards what is Held.
func (m *machine) decide(t *rapid.T) {
	was := m.load(t)
	next, changed := was.release(m.now)
	if rapid.Bool().Draw(t, "discard") {
		next, changed = was.discard()
	}
	switch held := was.State == Held; {
	case !changed:
		if held && was.Intent == nil {
			t.Fatalf("still held: %+v", was)
		}
		return
	case !held:
		t.Fatalf("decided %+v, which was not held", was)
	case next.State == Due && next.Departure != Granted && next.Verify == nil:
		t.Fatalf("released: %+v", next)
	}
	m.store(t, next)
}

func (m *machine) suspect(t *rapid.T) {
	was := m.load(t)
	m.steps++
	nonce := fmt.Sprint("s", m.steps)
	next, changed := was.suspect(nonce, m.now)
	if clean := was.State == Clean && was.RemoteID != "" && was.Departure != Refused; changed != clean {
		t.Fatalf("suspected %v: %+v", changed, was)
	}
	if changed {
		m.nonces = append(m.nonces, nonce)
		m.store(t, next)
	}
}

func (m *machine) adopt(t *rapid.T) {
	was := m.load(t)
	next, changed := was.adopt("", "chosen", m.now)
	open := was.State == Parked || was.State == Due && was.Delivered == 0 && was.Intent == nil
	if may := !m.deleted && open && was.RemoteID == ""; changed != may {
		t.Fatalf("adopted %v: %+v", changed, was)
	}
	if changed {
		m.store(t, next)
	}
}

func (m *machine) check(t *rapid.T) {
	d := m.load(t)
	switch {
	case d.Adopting && (d.RemoteID == "" || d.State != Due && d.State != Held): // whoever is to leave there is counted too
		t.Fatalf("adopting, but %+v", d)
	case d.RemoteID == "chosen" && !d.Adopting:
		t.Fatalf("adopted without a push: %+v", d)
	case d.Delivered > m.version:
		t.Fatalf("dv %d > v %d", d.Delivered, m.version)
	case d.State == Clean && m.version > 0 && (d.Delivered != m.version || d.Intent != nil || d.Verify != nil || d.Again):
		t.Fatalf("clean, but %+v of version %d", d, m.version)
	case d.Intent != nil && d.State == Parked && (!d.Intent.Ended || len(d.Intent.Earlier) == 0 || d.RemoteID != ""):
		t.Fatalf("parked with %+v", d.Intent)
	case d.Intent != nil && d.State == Held && !d.Intent.Ended:
		t.Fatalf("an intent stands in what is %s", d.State)
	case d.Intent != nil && d.Intent.Version > m.version:
		t.Fatalf("the intent names version %d of %d", d.Intent.Version, m.version)
	}
}

func TestProtocol(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{now: time.Unix(1_800_000_000, 0).UTC()}
		m.change(t)
		t.Repeat(map[string]func(*rapid.T){
			"":        m.check,
			"change":  m.change,
			"claim":   m.claim,
			"commit":  m.commit,
			"verify":  m.verify,
			"resync":  m.resync,
			"suspect": m.suspect,
			"adopt":   m.adopt,
			"decide":  m.decide,
			"time":    func(*rapid.T) { m.now = m.now.Add(3 * time.Second) },
		})
	})
}

func TestWorkKey(t *testing.T) {
	at := time.Unix(1_790_000_000, 123_456_789).UTC()
	for _, d := range []Delivery{
		{State: Due, Priority: Leaving, Due: at},
		{State: Due, Priority: Staying, Due: at.Add(1)},
		{State: Parked, Priority: Staying, Due: at},
		{State: Held, Priority: Leaving, Due: at},
	} {
		var back Delivery
		who, err := parseWork(workKey("a-b", d), &back)
		if err != nil || who != "a-b" || back.State != d.State || back.Priority != d.Priority || !back.Due.Equal(d.Due) {
			t.Errorf("%+v comes back as %+v of %q, %v", d, back, who, err)
		}
	}
	for _, bad := range []string{"x", "d acme 0", "d acme 00 1", "d acme 0 x", "d a b 0 1"} {
		if _, err := parseWork(bad, &Delivery{}); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
	times := []time.Time{{}, time.Unix(0, 0), time.Unix(1, 0), at, at.Add(1), time.Date(2261, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	for i, a := range times[1:] {
		if x, y := workTime(dueMark, acme, 0, times[i]), workTime(dueMark, acme, 0, a); x > y || len(x) != len(y) {
			t.Errorf("%q does not come before %q", x, y)
		}
	}
	if key := resourceKey("acme", Ref{"User", "a/b"}); key != "acme/User/a/b" {
		t.Error(key)
	} else if who, ref := splitKey(key); who != tenant.ID("acme") || ref != (Ref{"User", "a/b"}) {
		t.Errorf("%q is split into %s and %v", key, who, ref)
	}
}

// What a newer build notes of a delivery survives an attempt by this one, but for
// what it noted of an intent that is no longer there.
func TestRecordOfANewerBuild(t *testing.T) {
	now := time.Unix(1_800_000_000, 0).UTC()
	work := workKey(acme, Delivery{State: Due, Due: now, Priority: Staying})
	d, err := loadRecord(work, []byte(`{"state":"due","delivered":1,"priority":1,"attempts":0,"crashes":0,"rulesRev":2,"remoteId":"r1","lane":"fast",
	 "intent":{"id":"old","op":"update","quietUntil":"2026-01-01T00:00:00Z","fence":7}}`), 2, false)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(d record) map[string]any {
		t.Helper()
		data, err := d.encode()
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]any{}
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	d, err = d.claim(Intent{ID: "mine", Op: Updating, QuietUntil: now.Add(time.Minute)}, "nonce", now)
	if err != nil {
		t.Fatal(err)
	}
	if all := encoded(d); all["lane"] != "fast" || all["intent"].(map[string]any)["fence"] != nil {
		t.Errorf("claimed: %v", all)
	}
	d, err = d.commit("mine", Outcome{Done: &Done{RemoteID: "r1"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	if all := encoded(d); all["lane"] != "fast" || all["intent"] != nil || all["delivered"] != 2.0 {
		t.Errorf("committed: %v", all)
	}
}

// The names of attempts that nobody knows the outcome of are kept, each once, until
// somebody has looked for them.
func TestNamesInDoubt(t *testing.T) {
	now := time.Unix(1_000_000, 0).UTC()
	d := record{Delivery: accepted(false, now), version: 1}
	attempt := func(name string, retry Retry) {
		t.Helper()
		var err error
		if d, err = d.claim(Intent{ID: name, Op: Creating, Name: name}, "nonce", now); err != nil {
			t.Fatal(err)
		}
		retry.At, retry.Unknown = now, true
		if d, err = d.commit(name, Outcome{Retry: &retry}, now); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name   string
		absent bool
		want   []string
	}{
		{"", false, nil},
		{"ana", false, []string{"ana"}},
		{"", false, []string{"ana"}},
		{"ben", false, []string{"ana", "ben"}},
		{"ana", false, []string{"ana", "ben"}},
		{"eva", true, []string{"eva"}},
	} {
		attempt(step.name, Retry{Op: Creating, Absent: step.absent})
		if got := d.Intent.Names(); !slices.Equal(got, step.want) || d.doubtful() != (step.want != nil) {
			t.Errorf("after %q the names in doubt are %v, doubtful %v", step.name, got, d.doubtful())
		}
	}
}
