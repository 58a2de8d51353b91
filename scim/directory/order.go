package directory

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// place is where a resource stands in the order of a Query: by its sort key, and
// by its id, which is the order of creation, where that is the same.
type place struct{ key, id string }

// hasNone is the sort key of who has no value: last (RFC 7644 §3.4.2.3). The keys
// of values begin with a lower character.
const hasNone = "\x01"

// placeOf finds a resource's place.
func placeOf(r *scim.Resource, q Query) (place, error) {
	if q.SortBy == nil {
		return place{id: r.ID}, nil
	}
	v, err := r.Leading(q.SortBy)
	return place{sortKey(v, q.SortBy.Type), r.ID}, err
}

// sortKey is v in a form that sorts as its type does.
func sortKey(v value.Value, t filter.Type) string {
	if v.Unassigned() {
		return hasNone
	}
	text, ok := v.Text(), true
	switch t {
	case filter.Numeric:
		text, ok = sortableNumber(text)
	case filter.Time:
		if at, read := readTime(text); read {
			text = sortableTime(at)
		}
	case filter.ExactText:
	default:
		text = value.Fold(text)
	}
	if !ok { // what was kept before the attribute had a type
		return hasNone
	}
	return "\x00" + text
}

func (q Query) compare(a, b place) int {
	order := cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.id, b.id))
	if q.Descending && q.SortBy != nil {
		return -order
	}
	return order
}

// window puts places in order and returns the ids of the page, and whether others
// follow.
func (q Query) window(places []place) (page []place, more bool, err error) {
	slices.SortFunc(places, q.compare)
	from := min(q.StartIndex-1, len(places))
	if q.After != nil {
		if from, err = q.follow(places); err != nil {
			return nil, false, err
		}
	}
	to := min(from+q.Count, len(places))
	return places[from:to], to < len(places), nil
}

// follow returns the index of the first that stands after q.After.
func (q Query) follow(places []place) (int, error) {
	if *q.After == "" {
		return 0, nil
	}
	at, err := readPosition(*q.After)
	if err != nil {
		return 0, err
	}
	from, found := slices.BinarySearchFunc(places, at, q.compare)
	if found {
		from++
	}
	return from, nil
}

// position is a place as Page.Next has it.
func (p place) position() string {
	text, _ := json.Marshal([2]string{p.key, p.id}) // strings cannot fail
	return string(text)
}

func readPosition(text string) (place, error) {
	var parts [2]string
	if err := json.Unmarshal([]byte(text), &parts); err != nil {
		return place{}, errPosition()
	}
	return place{parts[0], parts[1]}, nil
}

// errPosition answers a position that no Page of ours had.
func errPosition() error {
	return scim.Errorf(scim.InvalidCursor, "The cursor is none that this query gave.")
}

// walk is an order that an index has, so that a page of any depth costs the same
// and nobody is read who is not on it.
type walk uint8

const (
	noWalk walk = iota
	byID        // the order of creation
	byNameKey
)

// walkOf returns the index that has the order of a Query without a filter.
func walkOf(q Query) walk {
	switch p := q.SortBy; {
	case p == nil && q.After != nil:
		return byID
	case p == nil || p.URN != "":
		return noWalk
	case p.Name == "id", p.Name == "meta" && p.Sub == "created":
		return byID
	case p.Name == nameAttribute[q.Kind] && p.Sub == "":
		return byNameKey
	default:
		return noWalk
	}
}

// nameAttribute is what NameKey is made of, by kind.
var nameAttribute = map[string]string{"User": "userName", "Group": "displayName"}

// walkFrom is the key in the index that a position of a walk stands for.
func walkFrom(part, after string) (string, error) {
	at, err := readPosition(after)
	if err != nil || at.key != "" {
		return "", errPosition()
	}
	return part + "/" + at.id, nil
}

// cut drops the resource that was read to know whether others follow the page.
func (p *Page) cut(q Query, w walk) *Page {
	if len(p.Resources) <= q.Count {
		return p
	}
	p.Resources = p.Resources[:q.Count]
	if q.After == nil {
		return p
	}
	last := place{id: p.Resources[q.Count-1].ID}
	if w == byNameKey {
		last.id = scim.NameKey(p.Resources[q.Count-1])
	}
	p.Next = last.position()
	return p
}
