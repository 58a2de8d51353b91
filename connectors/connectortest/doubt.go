package connectortest

import (
	"net/http"

	"scimgate/connectors"
)

// doubts are about users that are found under the name of ours: whose are they?
var doubts = []test{
	{"a creation whose answer was lost is found again", func(s *scene) {
		s.front.fail(posts, lost)
		_, err := s.connector.Put(s.Context(), ana())
		s.unknown(err, true)
		s.front.heal()
		again := ana()
		again.Doubt = true
		if r := s.put(again); r.RemoteID != s.only().ID {
			s.Errorf("receipt %+v", r)
		}
	}},
	{"a creation answered without an id is found again", func(s *scene) {
		s.front.fail(posts, after(says(http.StatusCreated, nil, `{"userName":"ana@example.com"}`)))
		_, err := s.connector.Put(s.Context(), ana())
		s.fault(err, connectors.Protocol)
		s.unknown(err, true)
		s.front.heal()
		again := ana()
		again.Doubt = true
		s.put(again)
		s.only()
	}},
	{"what only looked left nothing unknown", func(s *scene) {
		s.front.fail(all, cut)
		_, err := s.connector.Put(s.Context(), ana())
		if e := s.typed(err); e != nil && (e.Unknown || e.Creating) {
			s.Errorf("%+v", e)
		}
	}},
	{"an update whose answer was lost is simply sent again", func(s *scene) {
		r := s.put(ana())
		s.front.fail(mutating, lost)
		_, err := s.connector.Put(s.Context(), known(ana(), r))
		s.unknown(err, false)
		s.front.heal()
		s.put(known(ana(), r))
		s.only()
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
	{"who left in doubt is found by the name", func(s *scene) {
		s.put(ana())
		doubtful := ana()
		doubtful.Doubt = true
		s.done(s.connector.Suspend(s.Context(), doubtful))
		if s.only().Active {
			s.Error("the user is active")
		}
		s.done(s.connector.Delete(s.Context(), doubtful))
		if held := s.account.Held(s.T, userName); len(held) != 0 {
			s.Errorf("the account still holds %d", len(held))
		}
	}},
	{"who left in doubt without a name is not called gone", func(s *scene) {
		s.put(ana())
		doubtful := left(ana())
		doubtful.Doubt = true
		s.fault(s.connector.Suspend(s.Context(), doubtful), connectors.Rejected)
		s.fault(s.connector.Delete(s.Context(), doubtful), connectors.Rejected)
	}},
}
