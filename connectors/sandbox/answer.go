package sandbox

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"

	"scimgate/scim/value"
)

// answer is what the account said, kept from the client until a fault has had
// its way with it.
type answer struct {
	http.ResponseWriter // only to hijack; nothing is written to it
	header              http.Header
	status              int
	body                bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answer) Write(text []byte) (int, error) { return a.body.Write(text) }

// Unwrap lets a fault behind this one cut the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// send gives the answer to the client.
func (a *answer) send() {
	a.header.Del("Content-Length") // that of what the account said
	if a.body.Len() > 0 {
		a.header.Set("Content-Length", strconv.Itoa(a.body.Len()))
	}
	maps.Copy(a.ResponseWriter.Header(), a.header)
	a.ResponseWriter.WriteHeader(a.status)
	_, _ = a.ResponseWriter.Write(a.body.Bytes())
}

// document is the answer's JSON object, nil if it has none.
func (a *answer) document() *value.Object {
	v, err := value.Parse(a.body.Bytes(), value.DefaultLimits)
	if err != nil {
		return nil
	}
	return v.Object()
}

func (a *answer) say(doc *value.Object) {
	a.body.Reset()
	_, _ = a.body.Write(value.Append(nil, value.Of(doc)))
}

// edit is a fault that changes each resource that the account shows, alone or in
// a list.
func edit(change func(*value.Object)) behaviour {
	return func(s strike) {
		a := s.apply()
		if doc := a.document(); doc != nil && a.ok() {
			for _, resource := range resourcesIn(doc) {
				change(resource)
			}
			a.say(doc)
		}
		a.send()
	}
}

// resourcesIn are those of a ListResponse (RFC 7644 §3.4.2), else the document
// itself.
func resourcesIn(doc *value.Object) []*value.Object {
	list, listed := doc.Get("Resources")
	if !listed {
		return []*value.Object{doc}
	}
	all := make([]*value.Object, 0, len(list.Items()))
	for _, item := range list.Items() {
		if o := item.Object(); o != nil {
			all = append(all, o)
		}
	}
	return all
}
