package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// issuer makes SETs for one receiver.
type issuer struct {
	name, audience string
	signer         jose.Signer
}

// statement is what a SET says: the claims that its issuer does not add.
type statement struct {
	id          string // jti
	transaction string // txn; "" for none
	subject     *value.Object
	events      *value.Object
}

// issue returns the statement as a signed SET (RFC 8417 §2.2). It has no exp and
// no sub, so that it passes for no other kind of token (§4.5).
func (i issuer) issue(s statement, now time.Time) (string, error) {
	claims := value.NewObject(
		text("iss", i.name), text("aud", i.audience), text("jti", s.id),
		value.Member{Name: "iat", Value: value.Int(now.Unix())},
		object("sub_id", s.subject.Members...), object("events", s.events.Members...),
	)
	if s.transaction != "" {
		claims.Members = append(claims.Members, text("txn", s.transaction))
	}
	signed, err := i.signer.Sign(value.Append(nil, value.Of(claims)))
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// about states events about a resource.
func (i issuer) about(k kind, o connectors.Object, events *value.Object) statement {
	s := statement{subject: subject(k, o), events: events}
	uri, _ := s.subject.Get("uri")
	v := strconv.FormatUint(o.Version, 10)
	s.transaction = digest(uri.Text(), v)
	s.id = digest(i.name, i.audience, uri.Text(), v, strconv.FormatUint(o.RulesRev, 10), events.Members[0].Name)
	return s
}

// digest is an identifier that stands for the parts, each told from the next by
// its length.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}
