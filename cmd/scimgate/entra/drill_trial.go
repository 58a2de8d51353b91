package entra

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// trial is one row being played.
type trial struct {
	*drill
	ctx    context.Context //nolint:containedctx // a trial is as short as a call
	number int
	kept   map[string]string // ids by the names that the case gives them
	nobody string            // an id that nobody has
	made   []made            // oldest first

	exchanges []Exchange
}

// step is one thing that a case does.
type step func(*trial) error

func (t *trial) run(steps []step) error {
	for _, s := range steps {
		if err := s(t); err != nil {
			return err
		}
	}
	return nil
}

// userName, groupName and externalID are unique to this run, row and who.
func (t *trial) userName(who string) string { return t.groupName(who) + "@drill.example" }

func (t *trial) groupName(who string) string {
	return fmt.Sprintf("%s.%d.%s", t.Prefix, t.number, who)
}

func (t *trial) externalID(who string) string {
	return fmt.Sprintf("%s-%d-%s-ext", t.Prefix, t.number, who)
}

var marks = regexp.MustCompile(`<([a-z][a-z0-9]*)(?:\.(\w+))?>`)

// expand fills in the marks of a text: <ana> is the id of what the case calls ana,
// <nobody> that of nobody, <ana.name> her userName, <ana.group> the displayName of
// a group, both in capitals as <ana.NAME>, <ana.ext> her externalId, <ana.odd> a
// userName that must be escaped with care.
func (t *trial) expand(text string) (string, error) {
	var unknown error
	expanded := marks.ReplaceAllStringFunc(text, func(mark string) string {
		parts := marks.FindStringSubmatch(mark)
		is, ok := t.mark(parts[1], parts[2])
		if !ok {
			unknown = fmt.Errorf("%s is not known", mark)
		}
		return is
	})
	return expanded, unknown
}

func (t *trial) mark(who, what string) (string, bool) {
	switch what {
	case "name":
		return t.userName(who), true
	case "NAME":
		return strings.ToUpper(t.userName(who)), true
	case "group":
		return t.groupName(who), true
	case "GROUP":
		return strings.ToUpper(t.groupName(who)), true
	case "odd":
		return t.userName(who) + ".o'né+x&y=z", true
	case "ext":
		return t.externalID(who), true
	}
	if who == "nobody" {
		return t.nobody, true
	}
	id, ok := t.kept[who]
	return id, ok && what == ""
}

// ask is what a step sends: method, path and query with marks, and a body.
type ask struct {
	method, target string
	body           string
	media          string // of the body; "" is Entra's
	token          string // "" is the client's own
	percent        bool   // %20 for a blank in the query, not "+"
}

// send sends it. The error tells that there was no answer, or that the row asks
// for something it must not. An answer without a body of SCIM is an answer.
func (t *trial) send(q ask) (*answer, error) {
	r, err := t.request(q)
	if err != nil {
		return nil, err
	}
	t.Requests++
	a, err := t.client.do(t.ctx, r)
	told := Exchange{clip(r.method + " " + r.path + query(r.query) + " " + string(r.body)), "nothing"}
	if a != nil {
		told.Answered = clip(fmt.Sprintf("%d %s", a.status, t.shown(a)))
		t.Waits += a.waits
		t.tired = a.rest() > 0 // after all waits
		err = nil
	}
	t.exchanges = append(t.exchanges, told)
	return a, err
}

func query(q string) string {
	if q == "" {
		return ""
	}
	return "?" + q
}

func (t *trial) request(q ask) (request, error) {
	r := request{method: q.method, token: t.client.token, media: contentType}
	path, rawQuery, _ := strings.Cut(q.target, "?")
	body, err := t.expand(q.body)
	if q.body != "" {
		r.body = []byte(body)
	}
	r.path, err = t.expandAlso(path, err)
	if err == nil {
		r.query, err = t.encode(rawQuery, q.percent)
	}
	if err == nil && !t.mayAsk(r) {
		err = errors.New("the drill would touch what it did not make")
	}
	if q.media != "" {
		r.media = q.media
	}
	if q.token != "" {
		r.token = q.token
	}
	return r, err
}

func (t *trial) expandAlso(text string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return t.expand(text)
}

// mayAsk keeps a drill to itself: it reads, makes, and changes what it made. That
// there is nobody of a random id is no matter of luck.
func (t *trial) mayAsk(r request) bool {
	if r.method == http.MethodGet || r.method == http.MethodPost {
		return true
	}
	id := r.path[strings.LastIndexByte(r.path, '/')+1:]
	return id == t.nobody || slices.Contains(slices.Collect(maps.Values(t.kept)), id)
}

// encode escapes a query whose values stand in the table as people write them.
func (t *trial) encode(raw string, percent bool) (string, error) {
	if raw == "" {
		return "", nil
	}
	var pairs []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, text, valued := strings.Cut(pair, "=")
		if valued {
			expanded, err := t.expand(text)
			if err != nil {
				return "", err
			}
			name += "=" + url.QueryEscape(expanded)
		}
		pairs = append(pairs, name)
	}
	encoded := strings.Join(pairs, "&")
	if percent {
		encoded = strings.ReplaceAll(encoded, "+", "%20")
	}
	return encoded, nil
}
