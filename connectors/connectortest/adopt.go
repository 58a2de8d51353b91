package connectortest

import (
	"scimgate/connectors"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// adoptions are about users that the account has by another hand, and that become
// ours because somebody said so, by name or by a rule.
var adoptions = []test{
	{"a user that a person chose is taken in as it is called", func(s *scene) {
		s.audit(func(s *scene, _ connectors.Auditor) {
			s.account.Add(s.T, "ana.old@example.com", "")
			chosen := ana()
			chosen.RemoteID, chosen.Adopting = s.account.Held(s.T, "ana.old@example.com")[0].ID, true
			s.adopts(chosen, "ana.old@example.com")
		})
	}},
	{"a chosen user that is gone is a conflict, and nobody is created", func(s *scene) {
		s.audit(func(s *scene, _ connectors.Auditor) {
			chosen := ana()
			chosen.RemoteID, chosen.Adopting = "nobody", true
			_, err := s.connector.Put(s.Context(), chosen)
			s.fault(err, connectors.Conflict)
		})
	}},
	{"a rule adopts by userName", func(s *scene) {
		s.audit(func(s *scene, _ connectors.Auditor) {
			s.account.Add(s.T, userName, "somebody else's")
			o := ana()
			o.Adopt = tenant.AdoptUserName
			s.adopts(o, userName)
		})
	}},
	{"a rule adopts by externalId, whatever the name", func(s *scene) {
		s.audit(func(s *scene, _ connectors.Auditor) {
			s.account.Add(s.T, "ana.old@example.com", "ana-in-entra")
			o := ana()
			o.Adopt = tenant.AdoptExternalID
			s.adopts(o, "ana.old@example.com")
		})
	}},
}

// adopts puts an object that must become the one user of a name, which stays; the
// next Put is one like any other.
func (s *scene) adopts(o connectors.Object, name string) {
	s.Helper()
	before := s.account.Held(s.T, name)[0].ID
	r := s.put(o)
	held := s.account.Held(s.T, name)
	if len(held) != 1 || r.RemoteID != before || held[0].ID != before {
		s.Fatalf("receipt %+v, held %+v", r, held)
	}
	if title, _ := held[0].Attributes.Get("title"); title.Text() != "Cook" {
		s.Errorf("the title is %q", title.Text())
	}
	if emails, ok := held[0].Attributes.Get("emails"); ok && len(emails.Items()) > 0 {
		s.Error("the first push wrote an address")
	}
	s.matches(known(ana(), r), true)
	s.put(known(with(ana(), "title", value.NewText("Chef")), r))
	if s.only().ID != before || s.text("title") != "Chef" {
		s.Errorf("then %+v", s.only())
	}
	s.front.heal() // what was sent is meant
}
