package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"scimgate/scim"
	"scimgate/scim/value"
)

func TestEntries(t *testing.T) {
	r := user(t, "42", "Ana@Example.com", `,"externalId":"ABC","active":true,"title":null,
		"emails":[{"type":"work","value":"a@b.c","primary":true},{"type":"WORK","value":"A@B.C"}],
		"roles":["x",["y"]],
		"urn:ietf:params:scim:schemas:extension:appspace:2.0:User":{"floor":"7.0","hired":"2026-11-24T05:00:00+01:00"}`)
	r.Created = time.UnixMilli(1500).UTC()
	r.LastModified = r.Created
	got, err := entries(r)
	if err != nil {
		t.Fatal(err)
	}
	appspace := string(appendURN(nil, scim.AppspaceUserURN)) + ":"
	at := time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)
	want := []string{
		"active\x00true", "emails\x00a@b.c", "emails.primary\x00true", "emails.type\x00work", "externalid\x00abc",
		"meta.created\x02062167305601500000000", "meta.lastmodified\x02062167305601500000000",
		"roles\x00x", "roles\x00y",
		appspace + "floor\x007.0", appspace + "floor\x01210000000017",
		appspace + "hired\x002026-11-24t05:00:00+01:00", appspace + "hired\x02" + sortableTime(at),
		"username\x00ana@example.com",
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestTooManyValues(t *testing.T) {
	roles := strings.Repeat(`"r",`, mostValues-3) // beside schemas, id and userName
	if _, err := entries(user(t, "42", "ana", `,"roles":[`+roles[:len(roles)-1]+`]`)); err != nil {
		t.Errorf("as many as may be: %v", err)
	}
	_, err := entries(user(t, "42", "ana", `,"roles":[`+roles+`"r"]`))
	var e *scim.Error
	if !errors.As(err, &e) || e.Status != 413 {
		t.Errorf("one too many: %v", err)
	}
}

// What changes is the difference of what is.
func TestEntryChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := randomUser(t, "a"), randomUser(t, "a")
		x, errX := entries(a)
		y, errY := entries(b)
		add, drop, err := entryChanges(a, b)
		if errX != nil || errY != nil || err != nil {
			t.Fatal(errX, errY, err)
		}
		if !slices.Equal(add, without(y, x)) || !slices.Equal(drop, without(x, y)) {
			t.Fatalf("from %q to %q: add %q, drop %q", x, y, add, drop)
		}
	})
}

// The sortable form of two numbers stands as the numbers do.
func TestSortableNumber(t *testing.T) {
	numbers := []string{
		"-1e1000000001", "-9e1000000000", "-1e400", "-12345", "-701", "-70.1", "-70", "-7", "-0.07", "-1e-400", "0", "-0", "0.000", "0e5",
		"1e-400", "0.07", "0.7", "1", "1.0", "10e-1", "7", "10", "70", "70.1", "701", "7.01e2", "0701", "12345", "1e400", "9e1000000000", "1e1000000001",
	}
	for _, a := range numbers {
		for _, b := range numbers {
			order, ok := value.CompareNumbers(a, b)
			x, okX := sortableNumber(a)
			y, okY := sortableNumber(b)
			if !okX || !okY {
				t.Fatalf("%s or %s is no number", a, b)
			}
			if got := strings.Compare(x, y); ok && got != order && got != 0 {
				t.Errorf("%s and %s: %d, but sorted %d (%s, %s)", a, b, order, got, x, y)
			}
			if huge := strings.Contains(a+b, "e1000000"); ok && !huge && strings.Compare(x, y) != order {
				t.Errorf("%s and %s are told apart wrongly (%s, %s)", a, b, x, y)
			}
		}
	}
	for _, s := range []string{"", "-", "1.", ".5", "e5", "1e", "1e+-5", "0x1", "1_000", "NaN", "1 ", "--1"} {
		if _, ok := sortableNumber(s); ok {
			t.Errorf("%q passes for a number", s)
		}
	}
}

func TestSortableNumberAgainstCompare(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?(e[+-]?[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		order, ok := value.CompareNumbers(a, b)
		x, okX := sortableNumber(a)
		y, okY := sortableNumber(b)
		if !ok || !okX || !okY || strings.Compare(x, y) != order {
			t.Fatalf("%s and %s: %d, sorted as %s and %s", a, b, order, x, y)
		}
	})
}

// What begins with s lies between s and after(s), and nothing else near does.
func TestAfter(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune{'a', 'z', 0x7f, 0x80, 'é', 0xD7FF, 0xE000, utf8.MaxRune}), 1, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		s, more := text.Draw(t, "s"), text.Draw(t, "more")
		end := after(s)
		if !utf8.ValidString(end) {
			t.Fatalf("after %q: %q is no text", s, end)
		}
		begins := strings.HasPrefix(more, s)
		if between := s <= more && more < end; begins && !between && strings.Trim(s, string(utf8.MaxRune)) != "" || between && !begins {
			t.Fatalf("%q in [%q, %q) is %v, but begins is %v", more, s, end, between, begins)
		}
	})
	if got := cut("aé", 2); got != "a" {
		t.Errorf("cut in the middle: %q", got)
	}
}
