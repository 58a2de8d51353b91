package connectortest

import (
	"errors"

	"scimgate/connectors"
)

// listeners are what is asked of a connector that cannot look instead: that it
// says so, and that it speaks where others would look first.
var listeners = []test{
	{"Matches says that it cannot tell", func(s *scene) {
		r := s.put(ana())
		s.front.heal() // counts from here
		for _, o := range []connectors.Object{ana(), known(ana(), r), left(known(ana(), r))} {
			if same, err := s.connector.Matches(s.Context(), o); same || !errors.Is(err, connectors.ErrCannotAsk) {
				s.Errorf("Matches is %v, %v", same, err)
			}
		}
		if n := s.front.changed(); n != 0 {
			s.Errorf("%d requests went out", n)
		}
	}},
	{"a user is known by our id alone", func(s *scene) {
		s.account.Add(s.T, userName, "ana-in-entra")
		if r := s.put(ana()); r.RemoteID != ana().ID || len(s.account.Held(s.T, userName)) != 2 {
			s.Errorf("receipt %+v", r)
		}
	}},
	{"who left in doubt is told of without a name", func(s *scene) {
		s.put(ana())
		doubtful := left(ana())
		doubtful.Doubt = true
		s.done(s.connector.Suspend(s.Context(), doubtful))
		if s.only().Active {
			s.Error("the user is active")
		}
		s.done(s.connector.Delete(s.Context(), doubtful))
		if held := s.account.Held(s.T, userName); len(held) != 0 {
			s.Errorf("%d users are still held", len(held))
		}
	}},
	{"what is late changes nothing", func(s *scene) {
		old, r := ana(), s.put(ana())
		s.done(s.connector.Suspend(s.Context(), left(known(ana(), r))))
		s.put(old)
		if s.only().Active {
			s.Error("the user came back by an older version")
		}
	}},
}
