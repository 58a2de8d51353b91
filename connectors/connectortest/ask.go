package connectortest

import (
	"scimgate/connectors"
	"scimgate/scim/value"
)

// askers are about looking into the account: what is there, and whose is it?
var askers = []test{
	{"a user gone from the account is created anew", func(s *scene) {
		r := s.put(ana())
		s.account.Remove(s.T, r.RemoteID)
		again := s.put(known(ana(), r))
		if again.RemoteID == r.RemoteID || s.only().ID != again.RemoteID {
			s.Errorf("%+v, then %+v", r, again)
		}
	}},
	{"what only looked left nothing unknown", func(s *scene) {
		s.front.fail(all, cut)
		_, err := s.connector.Put(s.Context(), ana())
		if e := s.typed(err); e != nil && (e.Unknown || e.Creating) {
			s.Errorf("%+v", e)
		}
	}},
	{"a user of another hand is a conflict", func(s *scene) {
		s.account.Add(s.T, userName, "somebody else's")
		before := s.only()
		_, err := s.connector.Put(s.Context(), ana())
		s.fault(err, connectors.Conflict)
		if n := s.front.changed(); n != 0 || s.only().ID != before.ID {
			s.Errorf("%d requests went out", n)
		}
	}},
	{"a user without an externalId is a conflict", func(s *scene) {
		s.account.Add(s.T, userName, "")
		_, err := s.connector.Put(s.Context(), with(ana(), "externalId", none))
		s.fault(err, connectors.Conflict)
	}},
	{"a user with our externalId is adopted", func(s *scene) {
		s.account.Add(s.T, userName, "ana-in-entra")
		r := s.put(ana())
		if s.only().ID != r.RemoteID || s.text("title") != "Cook" {
			s.Errorf("receipt %+v", r)
		}
	}},
	{"who left in doubt is looked for by the names that were sent alone", func(s *scene) {
		s.put(ana())
		doubtful := left(ana())
		doubtful.Doubt, doubtful.Earlier = true, []string{"nobody@example.com"}
		s.done(s.connector.Suspend(s.Context(), doubtful))
		s.done(s.connector.Delete(s.Context(), doubtful))
		if !s.only().Active {
			s.Error("another user was suspended")
		}
	}},
	{"Matches tells equal from different", matches},
}

func (s *scene) matches(o connectors.Object, want bool) {
	s.Helper()
	got, err := s.connector.Matches(s.Context(), o)
	if err != nil || got != want {
		s.Errorf("Matches is %v, %v, want %v", got, err, want)
	}
}

func matches(s *scene) {
	s.matches(ana(), false)
	r := s.put(ana())
	same := known(ana(), r)
	s.matches(same, true)
	s.matches(ana(), true) // found by its name
	s.matches(with(same, "title", value.NewText("Chef")), false)
	s.matches(with(same, "active", value.Truth(false)), false)
	s.matches(with(same, "nickName", value.NewText("Ani")), false)
	s.matches(with(same, "title", value.Value{}), false) // sent once, and still there
	s.matches(left(same), false)
	s.done(s.connector.Suspend(s.Context(), left(same)))
	s.matches(left(same), true)
	s.matches(same, false)
	s.account.Remove(s.T, r.RemoteID)
	s.matches(left(same), true)
	s.matches(same, false)
}
