package directory

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// event is an Entry as both stores keep it. Its id tells where it stands and is
// never made twice, so that it may be written any number of times:
//
//	acme/User/<id>#1791930268123-0000000007-c
//	resource key  # milliseconds - version  - what, and what makes it unique
type event struct {
	key  string // of the resource
	tail string // of the id, behind "#"
	data []byte // JSON of eventData

	origin string // of a change: what made it, as stores keep it; see originOf
}

// What an event is about: it ends the id, so that at one time a change stands
// before its delivery.
const (
	changeMark  = "c"
	attemptMark = "d"
	asideMark   = "n"
)

type eventData struct {
	Request string     `json:"request,omitempty"`
	Change  *scim.Note `json:"change,omitempty"`
	Attempt *Attempt   `json:"attempt,omitempty"`
}

// newEvent encodes e, whose ID is not asked for.
func newEvent(t tenant.ID, e *Entry, mark string) (*event, error) {
	data, err := json.Marshal(eventData{Request: e.Request, Change: e.Change, Attempt: e.Attempt})
	if err != nil {
		return nil, err
	}
	return &event{key: resourceKey(t, e.Ref), tail: tailOf(e.At.UnixMilli(), e.Version, mark), data: data}, nil
}

func tailOf(ms int64, version uint64, mark string) string {
	tail := make([]byte, 0, 40)
	tail = appendDigits(tail, uint64(max(ms, 0)), 13)
	tail = appendDigits(append(tail, '-'), version, 10)
	return string(append(append(tail, '-'), mark...))
}

func appendDigits(dst []byte, n uint64, width int) []byte {
	var room [20]byte
	digits := strconv.AppendUint(room[:0], n, 10)
	for range width - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// changed is the event of a change; nil where nothing is to be told.
func changed(t tenant.ID, r *scim.Resource, n *scim.Note) (*event, error) {
	if n == nil {
		return nil, nil
	}
	ref := Ref{Kind: r.Kind, ID: r.ID}
	e, err := newEvent(t, &Entry{At: r.LastModified, Ref: ref, Version: r.Version, Request: n.Request, Change: n}, changeMark)
	if err == nil {
		e.origin = originOf(n)
	}
	return e, err
}

// madeBy is the origin of what a change wrote; "" if nobody said.
func (e *event) madeBy() string {
	if e == nil {
		return ""
	}
	return e.origin
}

// originOf is how a store keeps what made a version: the request, and behind a
// blank, which no request's id holds, its trace where it has one.
func originOf(n *scim.Note) string {
	if n.Trace == "" {
		return n.Request
	}
	return n.Request + " " + n.Trace
}

// originFrom fills in what made the version.
func (s *stored) originFrom(text string) { s.request, s.trace, _ = strings.Cut(text, " ") }

// attempted is the event of an attempt at a version of what row holds by now.
// intent is what makes it unique.
func attempted(t tenant.ID, row stored, version uint64, request string, a *Attempt, intent string, now time.Time) (*event, error) {
	e := &Entry{
		At: later(now, row.resource.LastModified), Ref: Ref{Kind: row.resource.Kind, ID: row.resource.ID},
		Version: version, Request: request, Attempt: a,
	}
	mark := attemptMark + strconv.Itoa(int(a.Slot)) + intent[:min(len(intent), 10)]
	return newEvent(t, e, mark)
}

// aside is the event of what changed nothing.
func aside(t tenant.ID, e *Entry) (*event, error) { return newEvent(t, e, asideMark+rand.Text()[:10]) }

func (e *event) id() string { return e.key + "#" + e.tail }

func (e *event) moment() moment {
	at, _ := timeOf(e.tail)
	return moment{at, e.id()}
}

// entry decodes an event.
func (e *event) entry() (Entry, error) {
	var d eventData
	at, ok := timeOf(e.tail)
	version, err := strconv.ParseUint(e.tail[min(14, len(e.tail)):min(24, len(e.tail))], 10, 64)
	if !ok || err != nil || json.Unmarshal(e.data, &d) != nil || (d.Change == nil) == (d.Attempt == nil) {
		return Entry{}, fmt.Errorf("directory: a damaged entry of the journal")
	}
	if d.Change != nil {
		d.Change.Request = d.Request
	}
	_, ref := splitKey(e.key)
	return Entry{
		ID: e.id(), At: time.UnixMilli(at).UTC(), Ref: ref, Version: version,
		Request: d.Request, Change: d.Change, Attempt: d.Attempt,
	}, nil
}

// timeOf reads the milliseconds that a tail begins with.
func timeOf(tail string) (int64, bool) {
	if len(tail) < 26 || tail[13] != '-' || tail[24] != '-' {
		return 0, false
	}
	at, err := strconv.ParseInt(tail[:13], 10, 64)
	return at, err == nil
}

// moment orders a tenant's events: by time, and then by id.
type moment struct {
	at int64 // ms
	id string
}

func (p moment) before(q moment) bool { return p.at < q.at || p.at == q.at && p.id < q.id }

// momentOf reads a position that a page ended with; it must be one of the tenant's.
func momentOf(t tenant.ID, position string) (moment, error) {
	key, tail := cutID(position)
	at, ok := timeOf(tail)
	if owner, _ := splitKey(key); !ok || owner != t {
		return moment{}, ErrPosition
	}
	return moment{at, position}, nil
}

// cutID splits an event's id at its last "#", which no tail has.
func cutID(id string) (key, tail string) {
	i := max(strings.LastIndexByte(id, '#'), 0)
	return id[:i], strings.TrimPrefix(id[i:], "#")
}

// eventOf reads what a store holds under an id.
func eventOf(id string, data []byte) *event {
	key, tail := cutID(id)
	return &event{key: key, tail: tail, data: data}
}

// asides are the events of entries that no write brings.
func asides(t tenant.ID, entries []Entry) ([]*event, error) {
	events := make([]*event, len(entries))
	for i := range entries {
		var err error
		if events[i], err = aside(t, &entries[i]); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// namedKey is the name key of whoever of a kind has a name.
func namedKey(t tenant.ID, kind, name string) string {
	return part(t, kind) + "/" + scim.FoldName(name)
}

func bearerOf(row stored) Bearer {
	r := row.resource
	return Bearer{Ref: Ref{Kind: r.Kind, ID: r.ID}, Version: r.Version, Deleted: row.deleted, Modified: r.LastModified}
}
