package connectortest

import (
	"net/http"

	"scimgate/connectors"
)

// doubts are about users of whom nobody knows whether they came to be.
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
	{"an update whose answer was lost is simply sent again", func(s *scene) {
		r := s.put(ana())
		s.front.fail(mutating, lost)
		_, err := s.connector.Put(s.Context(), known(ana(), r))
		s.unknown(err, false)
		s.front.heal()
		s.put(known(ana(), r))
		s.only()
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
}
