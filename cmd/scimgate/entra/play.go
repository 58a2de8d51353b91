package entra

import (
	"context"
	"errors"
	"fmt"
)

// cast are the three users of Play.
var cast = []User{
	{
		ExternalID: "ada.keller", UserName: "ada.keller@contoso.example", DisplayName: "Ada Keller",
		GivenName: "Ada", FamilyName: "Keller", Title: "Engineer", Email: "ada.keller@contoso.example", Department: "Research",
	},
	{
		ExternalID: "ben.osei", UserName: "ben.osei@contoso.example", DisplayName: "Ben Osei",
		GivenName: "Ben", FamilyName: "Osei", Title: "Receptionist", Email: "ben.osei@contoso.example", Department: "Front desk",
	},
	{
		ExternalID: "carla.mendes", UserName: "carla.mendes@contoso.example", DisplayName: "Carla Mendes",
		GivenName: "Carla", FamilyName: "Mendes", Title: "Contractor", Email: "carla.mendes@contoso.example", Department: "Facilities",
	},
}

// Play tells a short story: the connection is tested, three people join, one of
// them changes name and department (once in each dialect of PATCH), one is
// disabled and one leaves for good. say is told each step in a sentence. It can be
// played again: who is still there is found and brought back to the beginning.
func Play(ctx context.Context, c *Client, say func(sentence string)) error {
	if r := Probe(ctx, c, nil); !r.OK {
		return r.failure()
	}
	say("Entra tests the connection: a user that cannot exist is not found, as it should be.")
	ids := make([]string, len(cast))
	for i, u := range cast {
		r, ok := newReporter(nil), false
		if ids[i], ok = c.provision(ctx, u, oldDialect, r); !ok {
			return r.failure()
		}
		say(fmt.Sprintf("%s joins as %s.", u.DisplayName, u.UserName))
	}
	for _, scene := range c.scenes(ids) {
		if _, err := scene.play(ctx); err != nil {
			return err
		}
		say(scene.sentence)
	}
	return nil
}

// scene is one request of the story, after the joiners.
type scene struct {
	sentence string
	play     func(ctx context.Context) (*answer, error)
}

func (c *Client) scenes(ids []string) []scene {
	ada, ben, carla := ids[0], ids[1], ids[2]
	married := cast[0]
	married.DisplayName, married.FamilyName = "Ada Lindqvist", "Lindqvist"
	promoted := married
	promoted.Title, promoted.Department = "Head of Research", "Board"
	change := func(id string, d dialect, from, to User) func(context.Context) (*answer, error) {
		return func(ctx context.Context) (*answer, error) {
			return c.patch(ctx, id, d.patch(to.changes(from.creation())))
		}
	}
	return []scene{
		{"Ada Keller becomes Ada Lindqvist, in the old dialect of PATCH.", change(ada, oldDialect, cast[0], married)},
		{"Ada Lindqvist becomes Head of Research, in the new dialect of PATCH.", change(ada, newDialect, married, promoted)},
		{"Ben Osei goes on leave: the user is disabled.", func(ctx context.Context) (*answer, error) {
			return c.patch(ctx, ben, oldDialect.activation(false))
		}},
		{"Carla Mendes leaves for good: the user is deleted.", func(ctx context.Context) (*answer, error) {
			return c.remove(ctx, carla)
		}},
	}
}

// failure is the first step that went wrong, as an error.
func (r Report) failure() error {
	for _, s := range r.Steps {
		if !s.OK {
			return &UnexpectedError{Request: s.Request, Status: s.Status, Reason: s.Outcome}
		}
	}
	return errors.New("nothing went wrong")
}
