package entra

import (
	"fmt"
	"slices"
	"strings"
)

// finds checks a query that only these match.
func finds(who ...string) check {
	return func(t *trial, a *answer) error {
		resources, err := a.list()
		if err != nil {
			return err
		}
		total, _ := a.resource.Get("totalResults")
		if len(resources) != len(who) || total.Text() != fmt.Sprint(len(who)) {
			return a.unexpected(fmt.Sprintf("%s match with %d shown, where %d should", total.Text(), len(resources), len(who)))
		}
		for i, r := range resources {
			if !slices.Contains(t.ids(who), top("id")(r.Object())) {
				return a.unexpected(fmt.Sprintf("match %d is not the one that was asked for", i+1))
			}
		}
		return nil
	}
}

func (t *trial) ids(who []string) []string {
	ids := make([]string, len(who))
	for i, w := range who {
		ids[i] = t.kept[w]
	}
	return ids
}

// membersAre checks that a group has exactly these members, each once.
func membersAre(who ...string) check {
	return func(t *trial, a *answer) error {
		members, _ := a.resource.Get("members")
		var have []string
		for _, m := range members.Items() {
			have = append(have, top("value")(m.Object()))
		}
		want := t.ids(who)
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			return a.unexpected(fmt.Sprintf("the members should be exactly %d: %s", len(who), strings.Join(who, ", ")))
		}
		return nil
	}
}

// first applies checks to the only resource of a list.
func first(checks ...check) check {
	return func(t *trial, a *answer) error {
		resources, err := a.list()
		if err != nil {
			return err
		}
		if len(resources) != 1 {
			return a.unexpected(fmt.Sprintf("there are %d resources, not 1", len(resources)))
		}
		alone := *a
		alone.resource = resources[0].Object()
		return t.all(&alone, checks)
	}
}

// lists checks that a list has an element with this text at name, or ending in it.
func lists(name, want string) check {
	return func(_ *trial, a *answer) error {
		resources, err := a.list()
		if err != nil {
			return err
		}
		for _, r := range resources {
			if strings.HasSuffix(top(name)(r.Object()), want) {
				return nil
			}
		}
		return a.unexpected(fmt.Sprintf("no %s is %s", name, want))
	}
}
