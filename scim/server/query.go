package server

import (
	"net/url"
	"strconv"
	"strings"

	"scimgate/scim"
)

// maxIndex is where counting ends: no tenant has that many resources, and what
// asks for more gets an empty page.
const maxIndex = 1 << 31

// query is what we know of a URL's query (RFC 7644 §3.4.2, table 3; RFC 9865 §2).
// All else in it is ignored, such as Entra's flag aadOptscim062020.
type query struct {
	filter     string
	filtered   bool
	startIndex int
	indexed    bool // startIndex was given
	count      int
	cursor     *string // nil if none was given
	sortBy     string
	descending bool
	attributes []string // lists of names, not taken apart
	excluded   []string
}

// readQuery reads a raw query. It never fails for what it does not know.
func readQuery(raw string) (query, error) {
	q := query{startIndex: 1, count: scim.DefaultResults}
	seen := map[string]bool{}
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, text, _ := strings.Cut(pair, "=")
		read := parameters[name]
		if read == nil {
			continue
		}
		value, err := url.QueryUnescape(text)
		if err != nil {
			return q, scim.Errorf(faultOf(name), "The query parameter %s is not properly escaped.", name)
		}
		if err := once(seen, name); err != nil {
			return q, err
		}
		if err := read(&q, value); err != nil {
			return q, err
		}
	}
	return q, nil
}

// parameters is what each parameter does.
var parameters = map[string]func(*query, string) error{
	"filter": func(q *query, text string) error {
		q.filter, q.filtered = text, true
		return nil
	},
	"startIndex": func(q *query, text string) (err error) {
		q.indexed = true
		q.startIndex, err = readCount("startIndex", text, 1, maxIndex)
		return err
	},
	"count": func(q *query, text string) (err error) {
		q.count, err = readCount("count", text, 0, scim.MaxResults)
		return err
	},
	"cursor": func(q *query, text string) error {
		q.cursor = &text
		return nil
	},
	"sortBy": func(q *query, text string) error {
		q.sortBy = text
		return nil
	},
	"sortOrder": func(q *query, text string) error {
		switch q.descending = strings.EqualFold(text, "descending"); {
		case q.descending, text == "", strings.EqualFold(text, "ascending"):
			return nil
		default:
			return scim.Errorf(scim.InvalidValue, "The sortOrder must be ascending or descending.")
		}
	},
	"attributes": func(q *query, text string) error {
		q.attributes = append(q.attributes, text)
		return nil
	},
	"excludedAttributes": func(q *query, text string) error {
		q.excluded = append(q.excluded, text)
		return nil
	},
}

// once refuses a second value: whichever we took, a proxy before us may have
// looked at the other. Lists of attributes add up.
func once(seen map[string]bool, name string) error {
	if seen[name] && name != "attributes" && name != "excludedAttributes" {
		return scim.Errorf(faultOf(name), "The query has %s more than once.", name)
	}
	seen[name] = true
	return nil
}

// faultOf is the scimType of a fault in a parameter.
func faultOf(name string) scim.ErrorType {
	if name == "filter" {
		return scim.InvalidFilter
	}
	return scim.InvalidValue
}

// readCount reads an integer of any length, moved into its bounds as RFC 7644
// §3.4.2.4 wants it.
func readCount(name, text string, lowest, highest int) (int, error) {
	digits := strings.TrimLeft(strings.TrimPrefix(text, "-"), "0123456789")
	if digits != "" || text == "" || text == "-" {
		return 0, scim.Errorf(scim.InvalidValue, "The query parameter %s is not an integer.", name)
	}
	n, err := strconv.Atoi(text)
	if err != nil { // longer than an int
		n = highest
		if text[0] == '-' {
			n = lowest
		}
	}
	return min(max(n, lowest), highest), nil
}
