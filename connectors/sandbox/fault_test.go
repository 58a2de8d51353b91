package sandbox

import (
	"encoding/json"
	"math"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestFaultsAreRead(t *testing.T) {
	for text, want := range map[string]Fault{
		"hang":                 {Name: "hang"},
		"hang=":                {Name: "hang"},
		"latency=delay=250ms":  {Name: "latency", Args: map[string]string{"delay": "250ms"}},
		"latency=share=0.25":   {Name: "latency", Share: new(0.25)},
		"latency=share=0":      {Name: "latency", Share: new(0.0)},
		"reset=method=GET,PUT": {Name: "reset", Methods: []string{"GET", "PUT"}},
		"error=path=/Users,count=3,seed=7,status=503": {
			Name: "error", Args: map[string]string{"status": "503"}, Path: "/Users", Count: 3, Seed: 7,
		},
		"throttled=retryAfter=Tue, 24 Nov 2026 12:00:30 GMT,count=1": {
			Name: "throttled", Args: map[string]string{"retryAfter": "Tue, 24 Nov 2026 12:00:30 GMT"}, Count: 1,
		},
		"throttled=retryAfter=-1": {Name: "throttled", Args: map[string]string{"retryAfter": "-1"}},
	} {
		if want.Args == nil {
			want.Args = map[string]string{}
		}
		got, err := ParseFaults(text)
		if err != nil || !reflect.DeepEqual(got, []Fault{want}) {
			t.Errorf("%s: %+v, %v", text, got, err)
			continue
		}
		if again, err := ParseFaults(got[0].String()); err != nil || !reflect.DeepEqual(got, again) {
			t.Errorf("%s is written as %s, which reads %+v, %v", text, got[0], again, err)
		}
		text, _ := json.Marshal(got[0])
		var again Fault
		if err := json.Unmarshal(text, &again); err != nil || again.String() != got[0].String() {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestBadFaultsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "there is none of this name",
		"nope":                           "there are latency, hang,",
		"latency=delay":                  "delay must be a duration",
		"latency=delay=-1s":              `not "-1s"`,
		"latency=jitter=1":               "jitter must be a duration",
		"latency=foo=1":                  `no argument "foo"`,
		"hang=delay=1s":                  `no argument "delay"`,
		"hang=share=1.5":                 "share must be from 0 to 1",
		"hang=share=-0.1":                "share must be from 0 to 1",
		"hang=share=NaN":                 "share must be from 0 to 1",
		"hang=share=x":                   "share=x is no number",
		"hang=share=":                    `share="" is no number`,
		"hang=count=-1":                  "count must not be negative",
		"hang=count=x":                   "count=x is no number",
		"hang=seed=-1":                   "seed=-1 is no number",
		"hang=path=Users":                "path must be one below /identity/scim",
		"hang=method=get":                `never meets the method "get"`,
		"hang=method=":                   `never meets the method ""`,
		"late=method=GET":                "but POST, PUT, PATCH, DELETE",
		"put-only=method=POST":           "but PATCH",
		"put-only=status=404":            "status must be 405 or 501",
		"error=status=404":               "status must be a status from 500 to 599",
		"error=status=x":                 "status must be a status",
		"error=applied=yes":              "applied must be true or false",
		"page=status=302":                "status must be a status from 200 to 299",
		"reset=when=never":               "when must be before or after",
		"throttled=retryAfter=date:now":  "date: with a duration behind",
		"throttled=retryAfter=1\r\nX: 1": "what a header can hold",
		"certificate=wrong=all":          "wrong must be name or expired or authority",
		"certificate=path=/Users":        "it meets connections",
		"hidden-attribute=attribute=":    "attribute must be given",
	} {
		if _, err := ParseFaults(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	texts := []string{"hang", "latency=delay=x,jitter=y,foo=1,share=2,count=-1,path=U,method=X", "nope", "hang=seed=x"}
	_, err := ParseFaults(texts...)
	if err == nil || len(strings.Split(err.Error(), "\n")) != 9 {
		t.Errorf("not nine mistakes: %v", err)
	}
	s := open(t, Config{})
	if err := s.SetFaults(Fault{Name: "hang"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetFaults(Fault{Name: "page"}, Fault{Name: "nope"}, Fault{Name: "page", Share: new(math.NaN())}); err == nil || len(strings.Split(err.Error(), "\n")) != 2 {
		t.Errorf("not two mistakes: %v", err)
	}
	if set := s.Faults(); len(set) != 1 || set[0].Name != "hang" {
		t.Errorf("a refused set changed the one before: %v", set)
	}
	if _, err := New(t.Context(), Config{Token: "t0ken", Faults: []Fault{{Name: "nope"}}}); err == nil {
		t.Error("opened with a fault that there is not")
	}
}

// lots are the requests, of so many, that a fault meets.
func lots(t *testing.T, text string, requests int) []int {
	t.Helper()
	faults, err := ParseFaults(text)
	if err != nil {
		t.Fatal(err)
	}
	a := newActive(faults[0], 0)
	var met []int
	for i := range requests {
		if a.meet(httptest.NewRequest("GET", users, nil)) != nil {
			met = append(met, i)
		}
	}
	return met
}

func TestSharesAreKeptAndRepeatThemselves(t *testing.T) {
	for _, test := range []struct {
		text        string
		least, most int
	}{
		{"hang", 1000, 1000},
		{"hang=share=0", 0, 0},
		{"hang=share=1", 1000, 1000},
		{"hang=share=0.3", 250, 350},
		{"hang=share=0.3,seed=1", 250, 350},
		{"hang=share=0.01", 1, 25},
		{"hang=count=3", 3, 3},
		{"hang=share=0.5,count=20", 20, 20},
		{"hang=path=/Groups", 0, 0},
		{"hang=path=/Users", 1000, 1000},
		{"hang=method=POST", 0, 0},
		{"hang=method=POST,GET", 1000, 1000},
		{"put-only", 0, 0}, // never meets a GET
	} {
		first, second := lots(t, test.text, 1000), lots(t, test.text, 1000)
		if len(first) < test.least || len(first) > test.most {
			t.Errorf("%s met %d of 1000", test.text, len(first))
		}
		if !slices.Equal(first, second) {
			t.Errorf("%s does not repeat itself", test.text)
		}
	}
	if slices.Equal(lots(t, "hang=share=0.5,seed=1", 100), lots(t, "hang=share=0.5,seed=2", 100)) {
		t.Error("two seeds draw the same lots")
	}
	one, beside := newActive(Fault{Name: "hang"}, 0), newActive(Fault{Name: "hang"}, 1)
	if one.draw().Uint64() == beside.draw().Uint64() {
		t.Error("two faults of one set draw the same lots")
	}
}

func TestTheTableSaysEverything(t *testing.T) {
	names := map[string]bool{}
	for _, k := range FaultKinds {
		if names[k.Name] || k.Does == "" || k.StandsFor == "" {
			t.Errorf("%q: twice, or without a sentence", k.Name)
		}
		names[k.Name] = true
		for _, a := range k.Arguments {
			if err := a.check(a.Default); err != nil || a.Does == "" {
				t.Errorf("%s: %s=%s: %v", k.Name, a.Name, a.Default, err)
			}
		}
	}
}
