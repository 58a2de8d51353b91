package connectortest

import (
	"context"
	"fmt"
	"slices"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// auditing are the methods of an Auditor.
var auditing = []call{
	{"List", func(ctx context.Context, c connectors.Connector, _ connectors.Object) error {
		_, err := c.(connectors.Auditor).List(ctx, "")
		return err
	}},
	{"Find", func(ctx context.Context, c connectors.Connector, o connectors.Object) error {
		_, err := c.(connectors.Auditor).Find(ctx, o)
		return err
	}},
}

// audits are about reading an account as a whole, where a connector can.
var audits = []test{
	{"List shows everybody once, page by page", func(s *scene) { s.audit(listAll) }},
	{"Find returns a user by id, by name, or nobody", func(s *scene) { s.audit(findOne) }},
	{"Differs names what Matches only notices", func(s *scene) { s.audit(differs) }},
	{"a place that no list had is refused", func(s *scene) {
		s.audit(func(s *scene, a connectors.Auditor) {
			for _, cursor := range []string{"x", "0 100 a", "1 2", "-1 5 a", "1 0 a"} {
				_, err := a.List(s.Context(), cursor)
				s.fault(err, connectors.Rejected)
			}
		})
	}},
}

// audit runs a test if the connector is an Auditor.
func (s *scene) audit(run func(s *scene, a connectors.Auditor)) {
	if a, ok := s.connector.(connectors.Auditor); ok {
		run(s, a)
		if n := s.front.changed(); n > 0 {
			s.Errorf("%d changes were sent", n)
		}
	}
}

func listAll(s *scene, a connectors.Auditor) {
	const people = 205 // more than two pages of any size that is likely
	for i := range people {
		s.account.Add(s.T, fmt.Sprintf("u%03d@example.com", i), fmt.Sprintf("e%03d", i))
	}
	seen := map[string]connectors.Holding{}
	for cursor, more := "", true; more; more = cursor != "" {
		page, err := a.List(s.Context(), cursor)
		if err != nil {
			s.Fatal(err)
		}
		for _, h := range page.Held {
			if _, twice := seen[h.RemoteID]; twice {
				s.Errorf("%s is listed twice", h.UserName)
			}
			seen[h.RemoteID] = h
		}
		cursor = page.Next
	}
	names := map[string]bool{}
	for _, h := range seen {
		names[h.UserName] = true
		if !h.Active || h.ExternalID != "e"+h.UserName[1:4] || h.Attributes == nil {
			s.Errorf("listed %+v", h)
		}
	}
	if len(seen) != people || len(names) != people {
		s.Errorf("%d users under %d names are listed, not %d", len(seen), len(names), people)
	}
}

func findOne(s *scene, a connectors.Auditor) {
	gone := known(ana(), connectors.Receipt{RemoteID: "nobody"})
	for _, o := range []connectors.Object{gone, ana()} {
		if h, err := a.Find(s.Context(), o); h != nil || err != nil {
			s.Errorf("found %+v, %v", h, err)
		}
	}
	r := s.put(ana())
	s.front.heal() // counts from here
	for _, o := range []connectors.Object{known(ana(), r), ana(), left(known(ana(), r))} {
		h, err := a.Find(s.Context(), o)
		if err != nil || h == nil || h.RemoteID != r.RemoteID || h.UserName != userName || h.ExternalID != "ana-in-entra" || !h.Active {
			s.Errorf("found %+v, %v", h, err)
		}
	}
}

func differs(s *scene, a connectors.Auditor) {
	r := s.put(ana())
	s.front.heal() // counts from here
	same, held := known(ana(), r), s.only().Attributes
	work := func(address string) value.Value {
		return value.List(value.Of(value.NewObject(
			member("type", value.NewText("work")), member("value", value.NewText(address)), member("primary", value.Truth(true)),
		)))
	}
	for _, test := range []struct {
		o    connectors.Object
		want []string
	}{
		{same, nil},
		{with(same, "emails", work("ANA@example.com")), nil},
		{with(with(same, "title", value.NewText("Chef")), "active", value.Truth(false)), []string{"active", "title"}},
		{with(same, "emails", work("a@example.com")), []string{`emails[type eq "work"].value`}},
		{with(same, "name", value.Of(value.NewObject(member("givenName", value.NewText("A"))))), []string{"name.givenName"}},
		{with(same, "title", none), []string{"title"}},
		{left(same), []string{"active"}},
	} {
		if got := a.Differs(test.o, held); !slices.Equal(got, test.want) {
			s.Errorf("differs in %q, want %q", got, test.want)
		}
		s.matches(test.o, len(test.want) == 0)
	}
}
