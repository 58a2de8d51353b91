package scim

import (
	"bytes"
	"sync"
	"time"

	"scimgate/scim/value"
)

// Resource is a SCIM resource (RFC 7643 §3). Its attributes are held encoded, as
// the store keeps them and a GET returns them, and decoded only for whoever asks.
//
// The attributes hold everything a client sees except meta: schemas first, then
// id, then the rest in the order in which the client gave it. meta is made from
// the fields below when a Resource is rendered.
type Resource struct {
	Kind         string // name of its ResourceType, "User"
	ID           string // ours, random, never used again
	Version      uint64 // `v`; the ETag is W/"<v>"; 0 before it is first stored
	Created      time.Time
	LastModified time.Time

	// Members is what whoever creates or edits a group wants of its members; nil
	// is nothing. It is on its way to the store, which never returns it.
	Members *MemberChange
	// Note is what the Journal shall tell of the change that is made of r; nil is
	// nothing. It goes to the store as Members does.
	Note *Note

	body       []byte        // encoded attributes; nil when attributes is newer
	attributes *value.Object // decoded attributes; nil until somebody asks
	computed   *computed     // see Compute
}

// NewResource makes a resource of decoded attributes, which it owns from then on.
func NewResource(kind, id string, attributes *value.Object) *Resource {
	return &Resource{Kind: kind, ID: id, attributes: attributes}
}

// StoredResource makes a resource of an encoded body that a store kept.
func StoredResource(kind, id string, version uint64, body []byte) *Resource {
	return &Resource{Kind: kind, ID: id, Version: version, body: body}
}

// Copy returns r as it is stored, without what is on its way to the store. The two
// share what nobody changes in place: SetAttributes replaces it.
func (r *Resource) Copy() *Resource {
	return &Resource{
		Kind: r.Kind, ID: r.ID, Version: r.Version, Created: r.Created, LastModified: r.LastModified,
		body: r.Body(), attributes: r.attributes,
	}
}

// Attributes returns the decoded attributes to read, which nobody may change. An error means that the
// stored body is damaged, which is a fault of ours.
func (r *Resource) Attributes() (*value.Object, error) {
	if r.attributes != nil {
		return r.attributes, nil
	}
	v, err := value.Parse(r.body, storedLimits)
	if err != nil {
		return nil, err
	}
	r.attributes = v.Object()
	return r.attributes, nil
}

// attribute returns the attribute called name, or the extension with that URN. Of
// a body that nobody asked the whole of, nothing else is decoded.
func (r *Resource) attribute(name string) (v value.Value, found bool, err error) {
	if r.attributes == nil {
		return value.MemberOf(r.body, name, storedLimits)
	}
	v, found = r.attributes.Get(name)
	return v, found, nil
}

// SetAttributes replaces the decoded attributes; Body encodes them anew.
func (r *Resource) SetAttributes(o *value.Object) {
	r.attributes, r.body = o, nil
}

// Body returns the encoded attributes: one JSON object without meta. The same
// attributes always encode to the same bytes, so that equal bodies mean that
// nothing changed. The caller must not change it.
func (r *Resource) Body() []byte {
	if r.body == nil {
		r.body = encode(r.attributes)
	}
	return r.body
}

// encodings are buffers to encode in, for bodies of no more room than they need.
var encodings = sync.Pool{New: func() any { return new([]byte) }}

// keepEncoding is the largest buffer worth keeping, in bytes.
const keepEncoding = 64 << 10

func encode(attributes *value.Object) []byte {
	buffer := encodings.Get().(*[]byte)
	*buffer = value.Append((*buffer)[:0], value.Of(attributes))
	body := bytes.Clone(*buffer)
	if cap(*buffer) <= keepEncoding {
		encodings.Put(buffer)
	}
	return body
}

// storedLimits are those of a body that we wrote ourselves: it was within the
// bounds when it came, and may have grown by what we added.
var storedLimits = value.Limits{Depth: 64, Values: 1 << 24, Text: 1 << 26}
