package connectortest

import (
	"net/http"

	"scimgate/connectors"
	"scimgate/scim/value"
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
	{"who was renamed in doubt is found by the name it was sent under", func(s *scene) {
		s.front.fail(posts, lost)
		_, err := s.connector.Put(s.Context(), ana())
		s.unknown(err, true)
		s.front.heal()
		const name = "ana.b@example.com" // and her address: Appspace wants them equal
		renamed := with(ana(), "userName", value.NewText(name))
		renamed = with(renamed, "emails", value.List(value.Of(value.NewObject(
			member("type", value.NewText("work")), member("value", value.NewText(name)), member("primary", value.Truth(true)),
		))))
		renamed.Doubt, renamed.Earlier = true, []string{userName}
		r := s.put(renamed)
		before, after := s.account.Held(s.T, userName), s.account.Held(s.T, name)
		if len(before) != 0 || len(after) != 1 || after[0].ID != r.RemoteID {
			s.Errorf("receipt %+v; the account holds %+v and %+v", r, before, after)
		}
	}},
	{"who left in doubt is found by the name", func(s *scene) {
		s.put(ana())
		doubtful := left(ana())
		doubtful.Doubt = true
		doubtful.Earlier = []string{"nobody@example.com", userName}
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
