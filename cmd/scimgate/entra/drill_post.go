package entra

import (
	"net/http"
	"net/url"
	"strings"

	"scimgate/scim/value"
)

// post posts a body and keeps what it made.
func (t *trial) post(endpoint, who, body string) (*answer, error) {
	a, err := t.posted(ask{method: http.MethodPost, target: endpoint, body: body}, who)
	if err != nil {
		return nil, err
	}
	if err := wanted(a, http.StatusCreated); err != nil {
		return nil, err
	}
	if t.kept[who] == "" {
		return nil, a.unexpected("what was created has no id that can be used in a path")
	}
	return a, nil
}

// posted sends a POST and notes what it has made, or may have made.
func (t *trial) posted(q ask, who string) (*answer, error) {
	m := made{endpoint: q.target, name: t.nameIn(q)}
	a, err := t.send(q)
	switch {
	case a != nil && a.status/100 == 2:
		m.id = idOf(a)
		if !t.answersOurs(a, m) {
			return nil, t.doubt(a, m)
		}
		if m.id != "" && who != "" {
			t.kept[who] = m.id
		}
	case a != nil && a.status/100 == 4:
		return a, err // refused: there is nothing to remove
	}
	if m.id != "" || m.name != "" {
		t.made = append(t.made, m)
	}
	return a, err
}

// nameIn is the name of the resource that a POST would make, "" if it has none.
func (t *trial) nameIn(q ask) string {
	body, _ := t.expand(q.body)
	v, _ := value.Parse([]byte(body), value.DefaultLimits)
	return top(made{endpoint: q.target}.attribute())(v.Object())
}

// answersOurs reports whether a is about what was sent: an endpoint that answers
// a POST with somebody else must not have it removed. It is if it bears our prefix,
// or if it tells nothing but the id of something that we gave a name.
func (t *trial) answersOurs(a *answer, m made) bool {
	told := a.text("userName") + a.text("displayName") + a.text("externalId")
	return strings.Contains(strings.ToLower(told), strings.ToLower(t.Prefix)) || told == "" && m.name != ""
}

// doubt is for an answer that may be about somebody else: only what is found under
// our name will be removed.
func (t *trial) doubt(a *answer, m made) error {
	if m.name != "" {
		t.made = append(t.made, made{endpoint: m.endpoint, name: m.name})
	} else if m.id != "" {
		t.Left = append(t.Left, m.String()+", which may be somebody else's")
	}
	return a.unexpected("this is not the resource that was sent")
}

// idOf is the id of a new resource: from the body, else from Location (RFC 7644
// §3.3); "" if there is none that can be a part of a path.
func idOf(a *answer) string {
	id := a.text("id")
	if id == "" {
		location := a.header.Get("Location")
		id, _ = url.PathUnescape(location[strings.LastIndexByte(location, '/')+1:])
	}
	if strings.ContainsAny(id, "/?#") {
		return ""
	}
	return id
}
