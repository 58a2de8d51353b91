package connectortest

import (
	"slices"
	"sync"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// repeats are the promises of a healthy account: whatever is called again leaves
// it as it is.
var repeats = []test{
	{"a created user is there once, as sent", func(s *scene) {
		r := s.put(ana())
		if held := s.only(); held.ID != r.RemoteID || !held.Active || s.text("title") != "Cook" {
			s.Errorf("held %+v, receipt %+v", held, r)
		}
		if !slices.IsSorted(r.Sent) || len(r.Sent) == 0 {
			s.Errorf("sent %v", r.Sent)
		}
	}},
	{"Put again changes nothing", func(s *scene) {
		first := s.put(ana())
		second := s.put(known(ana(), first))
		if first.RemoteID != second.RemoteID || !slices.Equal(first.Sent, second.Sent) {
			s.Errorf("%+v, then %+v", first, second)
		}
		s.only()
	}},
	{"Put follows every change, and clears what is gone", func(s *scene) {
		r := s.put(ana())
		changed := with(with(ana(), "displayName", value.NewText("Ana E.")), "title", value.Value{})
		for range 2 { // the second time, the title is gone already
			s.put(known(changed, r))
		}
		if s.text("displayName") != "Ana E." || s.text("title") != "" {
			s.Errorf("held %q, %q", s.text("displayName"), s.text("title"))
		}
	}},
	{"a user inactive from the start is created so", func(s *scene) {
		s.put(with(ana(), "active", value.Truth(false)))
		if s.only().Active {
			s.Error("the user is active")
		}
	}},
	{"Suspend and Suspend again", func(s *scene) {
		r := s.put(ana())
		for range 2 {
			s.done(s.connector.Suspend(s.Context(), left(known(ana(), r))))
		}
		if s.only().Active {
			s.Error("the user is active")
		}
		s.put(known(with(with(ana(), "title", none), "title", value.NewText("Cook")), r))
		if !s.only().Active {
			s.Error("the user did not come back")
		}
	}},
	{"Delete and Delete again", func(s *scene) {
		r := s.put(ana())
		for range 2 {
			s.done(s.connector.Delete(s.Context(), left(known(ana(), r))))
		}
		if held := s.account.Held(s.T, userName); len(held) != 0 {
			s.Errorf("the account still holds %d", len(held))
		}
	}},
	{"what is not there has left already", func(s *scene) {
		gone := left(known(ana(), connectors.Receipt{RemoteID: "nobody"}))
		s.done(s.connector.Suspend(s.Context(), gone))
		s.done(s.connector.Delete(s.Context(), gone))
	}},
	{"what was never sent is not sent for", func(s *scene) {
		s.account.Add(s.T, userName, "somebody else's")
		s.done(s.connector.Suspend(s.Context(), ana()))
		s.done(s.connector.Delete(s.Context(), ana()))
		if n := s.front.changed(); n != 0 || !s.only().Active {
			s.Errorf("%d requests went out", n)
		}
	}},
	{"Check accepts a healthy account", func(s *scene) { s.done(s.connector.Check(s.Context())) }},
	{"many objects at once", many},
}

func (s *scene) done(err error) {
	s.Helper()
	if err != nil {
		s.Error(err)
	}
}

func many(s *scene) {
	var wait sync.WaitGroup
	for i := range 16 {
		name := string(rune('a'+i)) + ".example@example.com"
		wait.Go(func() {
			o := with(ana(), "userName", value.NewText(name))
			o.ID = name
			o = with(o, "emails", value.Value{})
			o = with(o, "externalId", value.NewText(name))
			if _, err := s.connector.Put(s.Context(), o); err != nil {
				s.Error(err)
			}
			if held := s.account.Held(s.T, name); len(held) != 1 {
				s.Errorf("%d users under one name", len(held))
			}
		})
	}
	wait.Wait()
}
