package scim

import (
	"strconv"
	"time"

	"scimgate/scim/value"
)

// URNs of messages (RFC 7644 §8.2).
const (
	ErrorURN        = "urn:ietf:params:scim:api:messages:2.0:Error"
	ListResponseURN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
)

// AppendResource appends r as a client gets it: its attributes and meta with this
// location. With a nil or empty s nothing is decoded: meta is put at the end of
// the stored body. A damaged body, which is a fault of ours, gives only meta where
// s needs it decoded: whoever must know asks Attributes first.
func AppendResource(dst []byte, r *Resource, location string, s *Selection) []byte {
	if !s.Empty() {
		return value.Append(dst, value.Of(s.Project(r.withMeta(location))))
	}
	body := r.Body()
	if len(body) <= len(`{}`) {
		dst = append(dst, '{')
	} else {
		dst = append(dst, body[:len(body)-1]...)
		dst = append(dst, ',')
	}
	dst = r.appendComputed(dst)
	return append(r.appendMeta(append(dst, `"meta":`...), location), '}')
}

// appendMeta appends the value of meta (RFC 7643 §3.1).
func (r *Resource) appendMeta(dst []byte, location string) []byte {
	dst = append(dst, `{"resourceType":"`...)
	dst = append(dst, r.Kind...)
	dst = appendTime(append(dst, `","created":"`...), r.Created)
	dst = appendTime(append(dst, `","lastModified":"`...), r.LastModified)
	dst = append(dst, `","version":"W/\"`...)
	dst = strconv.AppendUint(dst, r.Version, 10)
	dst = append(dst, `\"","location":`...)
	dst = value.Append(dst, value.NewText(location))
	return append(dst, '}')
}

// withMeta returns r's attributes and meta as one object. r keeps its own.
func (r *Resource) withMeta(location string) *value.Object {
	o, err := r.Attributes()
	if err != nil {
		o = nil
	}
	all := make([]value.Member, 0, o.Len()+2)
	if o != nil {
		all = append(all, o.Members...)
	}
	if r.computed != nil {
		all = append(all, value.Member{Name: r.computed.name, Value: r.computed.value})
	}
	return value.NewObject(append(all, value.Member{Name: meta, Value: r.meta(location)})...)
}

// meta returns meta as a value; an empty location is left out.
func (r *Resource) meta(location string) value.Value {
	o := value.NewObject(
		value.Member{Name: "resourceType", Value: value.NewText(r.Kind)},
		value.Member{Name: "created", Value: timeValue(r.Created)},
		value.Member{Name: "lastModified", Value: timeValue(r.LastModified)},
		value.Member{Name: "version", Value: value.NewText(r.ETag())},
	)
	if location != "" {
		o.Set("location", value.NewText(location))
	}
	return value.Of(o)
}

func timeValue(t time.Time) value.Value {
	return value.NewText(string(appendTime(nil, t)))
}

// appendTime appends t as a dateTime (RFC 7643 §2.3.5): UTC, to the millisecond,
// which is as fine as the stores keep it.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 { // of no store, and no dateTime either
		return t.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	}
	hour, minute, second := t.Clock()
	dst = appendDigits(appendDigits(appendDigits(dst, year, 4, '-'), int(month), 2, '-'), day, 2, 'T')
	dst = appendDigits(appendDigits(appendDigits(dst, hour, 2, ':'), minute, 2, ':'), second, 2, '.')
	return appendDigits(dst, t.Nanosecond()/1e6, 3, 'Z')
}

// appendDigits appends n in so many digits, and what follows.
func appendDigits(dst []byte, n, digits int, behind byte) []byte {
	var text [5]byte
	text[digits] = behind
	for i := digits - 1; i >= 0; i-- {
		text[i] = '0' + byte(n%10)
		n /= 10
	}
	return append(dst, text[:digits+1]...)
}

// AppendError appends e as a SCIM error message (RFC 7644 §3.12). Its status is a
// string, as the RFC has it and Entra reads it.
func AppendError(dst []byte, e *Error) []byte {
	dst = append(dst, `{"schemas":["`+ErrorURN+`"],"status":"`...)
	dst = strconv.AppendInt(dst, int64(e.Status), 10)
	dst = append(dst, '"')
	if e.Type != "" {
		dst = append(dst, `,"scimType":"`...)
		dst = append(dst, e.Type...)
		dst = append(dst, '"')
	}
	if e.Detail != "" {
		dst = value.Append(append(dst, `,"detail":`...), value.NewText(e.Detail))
	}
	return append(dst, '}')
}

// ListHead is what a ListResponse says beside its resources. A StartIndex of 0 and
// an empty NextCursor are left out: a list has the one or perhaps the other (RFC
// 9865 §2).
type ListHead struct {
	Total, StartIndex, Count int
	NextCursor               string
}

// AppendList appends a ListResponse (RFC 7644 §3.4.2) of head.Count resources, each
// appended by item.
func AppendList(dst []byte, head ListHead, item func(dst []byte, i int) []byte) []byte {
	dst = append(dst, `{"schemas":["`+ListResponseURN+`"],"totalResults":`...)
	dst = strconv.AppendInt(dst, int64(head.Total), 10)
	if head.StartIndex > 0 {
		dst = strconv.AppendInt(append(dst, `,"startIndex":`...), int64(head.StartIndex), 10)
	}
	dst = strconv.AppendInt(append(dst, `,"itemsPerPage":`...), int64(head.Count), 10)
	if head.NextCursor != "" {
		dst = append(append(append(dst, `,"nextCursor":"`...), head.NextCursor...), '"')
	}
	dst = append(dst, `,"Resources":[`...)
	for i := range head.Count {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, i)
	}
	return append(dst, "]}"...)
}
