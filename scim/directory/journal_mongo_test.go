package directory

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// waitingOf returns the events that wait in a user's document.
func waitingOf(t *testing.T, s *Mongo, ref Ref) []*event {
	t.Helper()
	raw, err := s.find(t.Context(), bson.M{"_id": resourceKey(acme, ref)})
	if err != nil {
		t.Fatal(err)
	}
	return eventsOf(raw)
}

// A change and its entry are one write of one document; a relay that is killed
// after each of its steps, and another that goes over the same again, leave each
// entry once.
func TestMongoRelayKilledInTheMiddle(t *testing.T) {
	s := openMongo(t)
	ctx := t.Context()
	ref := create(t, s, acme, noted(user(t, newID(), "ana", ""), "r-1"), 0)
	update(t, s, acme, ref, notedEdit(set("title", "x"), "r-2"), 0)
	if n := len(waitingOf(t, s, ref)); n != 2 {
		t.Fatalf("%d events in the document", n)
	}
	want := []string{"1 r-1 POST", "2 r-2 PATCH"}
	batch, err := s.tellers(ctx, "")
	if err != nil || len(batch) != 1 {
		t.Fatal(batch, err)
	}
	if _, err := s.copyEvents(ctx, batch, time.Hour); err != nil { // and here it is killed
		t.Fatal(err)
	}
	told(t, s, JournalQuery{}, want...)
	update(t, s, acme, ref, notedEdit(set("title", "y"), "r-3"), 0)
	want = append(want, "3 r-3 PATCH")
	told(t, s, JournalQuery{Ref: ref}, want...)
	if _, err := s.relay(ctx, batch, time.Hour); err != nil { // one that was slow, with what it read before
		t.Fatal(err)
	}
	if n := len(waitingOf(t, s, ref)); n != 1 {
		t.Errorf("%d events wait, not the newest alone", n)
	}
	told(t, s, JournalQuery{}, want...)
	relay(t, s)
	relay(t, s)
	if n := len(waitingOf(t, s, ref)); n != 0 {
		t.Errorf("%d events wait after the relay", n)
	}
	told(t, s, JournalQuery{}, want...)
	told(t, s, JournalQuery{Ref: ref}, want...)
	if batch, err = s.tellers(ctx, ""); len(batch) != 0 || err != nil {
		t.Errorf("still to be told: %v, %v", batch, err)
	}
}

// A relay that is overtaken by Erase leaves nothing behind.
func TestMongoRelayAfterErase(t *testing.T) {
	s := openMongo(t)
	create(t, s, acme, noted(user(t, newID(), "ana", ""), "r-1"), 0)
	batch, err := s.tellers(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(t.Context(), acme); err != nil {
		t.Fatal(err)
	}
	if _, err := s.relay(t.Context(), batch, time.Hour); err != nil {
		t.Fatal(err)
	}
	told(t, s, JournalQuery{})
}

// What cannot be told is not done: a document whose events nobody relays takes no
// change and no claim, and loses nothing.
func TestMongoJournalFull(t *testing.T) {
	s := openMongo(t)
	now := soon()
	ref := create(t, s, acme, noted(user(t, newID(), "ana", ""), "r-1"), 0)
	c := claim(t, s, ref, intent("one", Updating, now), now)
	events := make(bson.A, maxUntold-1)
	for i := range events {
		e := &event{key: resourceKey(acme, ref), tail: tailOf(now.UnixMilli(), uint64(i), changeMark), data: []byte(`{"change":{"method":"PUT"}}`)}
		events[i] = e.stored()
	}
	push := bson.M{"$push": bson.M{"evt": bson.M{"$each": events}}}
	if _, err := s.resources.UpdateOne(t.Context(), bson.M{"_id": resourceKey(acme, ref)}, push); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Update(t.Context(), acme, ref, slot0, notedEdit(set("title", "x"), "r-2")); !errors.Is(err, ErrJournalFull) {
		t.Errorf("a change: %v", err)
	}
	if err := s.Delete(t.Context(), acme, ref, slot0, nil); !errors.Is(err, ErrJournalFull) {
		t.Errorf("a deletion: %v", err)
	}
	if _, err := s.Claim(t.Context(), acme, 0, ref, intent("two", Updating, now), now); !errors.Is(err, ErrJournalFull) {
		t.Errorf("a claim: %v", err)
	}
	o := delivered("r1")
	o.Attempt = &Attempt{Op: ToUpdate, Outcome: WasDone}
	commit(t, s, c, o)
	if n := relay(t, s); n != maxUntold+1 {
		t.Errorf("%d relayed", n)
	}
	update(t, s, acme, ref, notedEdit(set("title", "x"), "r-2"), 0)
	if n := len(journal(t, s, acme, JournalQuery{Limit: 1000}).Entries); n != maxUntold+2 {
		t.Errorf("%d entries", n)
	}
}

// A walk relays more than fits in one of its steps.
func TestMongoRelaysMany(t *testing.T) {
	s := openMongo(t)
	for i := range relayAtOnce + 10 {
		create(t, s, acme, noted(user(t, newID(), fmt.Sprint(i), ""), "r"), 0)
	}
	if n := relay(t, s); n != relayAtOnce+10 {
		t.Errorf("%d relayed", n)
	}
}
