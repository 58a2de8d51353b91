package webhook_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"

	"scimgate/connectors"
	"scimgate/connectors/webhook"
	"scimgate/scim/value"
)

// receiver is a whole receiver of SETs: an http.Handler that lets in nobody but
// its issuer, and keeps the users that it is told of.
type receiver struct {
	issuer, audience, token string
	keys                    map[string]any // public, by kid
	algorithm               jose.SignatureAlgorithm

	mu    sync.Mutex
	users map[string]user // by sub_id.uri
	seen  []set           // all of them, for the tests
}

func newReceiver() *receiver {
	return &receiver{
		issuer: "https://scim.example.com", audience: "https://hooks.example.com", token: "s3cret",
		algorithm: jose.EdDSA,
	}
}

// user is what is known of one.
type user struct {
	version, issued int64
	active, deleted bool
	data            json.RawMessage
}

// set is the claims of a SET (RFC 8417 §2.2, RFC 9967 §2).
type set struct {
	Issuer      string           `json:"iss"`
	Audience    string           `json:"aud"`
	ID          string           `json:"jti"`
	Issued      int64            `json:"iat"`
	Transaction string           `json:"txn"`
	Subject     subject          `json:"sub_id"`
	Events      map[string]event `json:"events"`
}

type subject struct {
	Format     string `json:"format"`
	URI        string `json:"uri"`
	ExternalID string `json:"externalId"`
}

type event struct {
	Version string          `json:"version"`
	Data    json.RawMessage `json:"data"`
}

// ServeHTTP answers 202 once what it was told is kept, which a real receiver
// writes to its disk first (RFC 8935 §2.2), and 400 with a code otherwise (§2.3).
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	told, err := r.verify(req)
	if err != nil {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Language", "en")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"err": err.Error(), "description": "see RFC 8935"})
		return
	}
	r.keep(told)
	w.WriteHeader(http.StatusAccepted)
}

// verify returns the claims of a SET that may be believed. The algorithm is the
// receiver's to choose, not the token's.
func (r *receiver) verify(req *http.Request) (told set, err error) {
	if req.Header.Get("Authorization") != "Bearer "+r.token {
		return told, errors.New("authentication_failed")
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, req.Body, 1<<20))
	if err != nil {
		return told, errors.New("invalid_request")
	}
	token, err := jose.ParseSignedCompact(string(body), []jose.SignatureAlgorithm{r.algorithm})
	if err != nil || token.Signatures[0].Protected.ExtraHeaders[jose.HeaderType] != "secevent+jwt" {
		return told, errors.New("invalid_request")
	}
	claims, err := token.Verify(r.keys[token.Signatures[0].Protected.KeyID])
	if err != nil {
		return told, errors.New("invalid_key")
	}
	return r.read(claims)
}

func (r *receiver) read(claims []byte) (told set, err error) {
	err = json.Unmarshal(claims, &told)
	switch {
	case err != nil || told.ID == "" || len(told.Events) == 0:
		return told, errors.New("invalid_request")
	case told.Issuer != r.issuer:
		return told, errors.New("invalid_issuer")
	case told.Audience != r.audience:
		return told, errors.New("invalid_audience")
	}
	return told, nil
}

// keep applies the SET, unless something newer is known: a request that its
// sender gave up may arrive late.
func (r *receiver) keep(told set) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, told)
	if told.Subject.Format != "scim" {
		return // a verification event: all is well
	}
	u := r.users[told.Subject.URI]
	if told.olderThan(u) {
		return
	}
	for name, e := range told.Events {
		u.apply(strings.TrimPrefix(name, prefix), e)
	}
	u.issued = told.Issued
	r.users[told.Subject.URI] = u
}

const prefix = "urn:ietf:params:scim:event:prov:"

// olderThan reports whether a SET is of a state before the one known. A delete
// has no version: it is the last that is ever told of a subject.
func (s set) olderThan(u user) bool {
	if _, last := s.Events[prefix+"delete"]; last {
		return false
	}
	for _, e := range s.Events {
		if v := e.version(); v != u.version {
			return u.deleted || v < u.version
		}
	}
	return u.deleted || s.Issued < u.issued
}

// version reads W/"7".
func (e event) version() int64 {
	n, _ := strconv.ParseInt(strings.Trim(e.Version, `W/"`), 10, 64)
	return n
}

func (u *user) apply(name string, e event) {
	u.version = e.version()
	switch name {
	case "create:full", "put:full":
		u.data = e.Data
	case "activate", "deactivate":
		u.active = name == "activate"
	case "delete":
		*u = user{deleted: true}
	}
}

// open starts the receiver, and opens a connector to it as the gateway does.
func open(r *receiver, private crypto.Signer) (c connectors.Connector, end func()) {
	r.keys, r.users = map[string]any{"2026-01": private.Public()}, map[string]user{}
	server := httptest.NewServer(r)
	client := connectors.NewClient(connectors.Guard{Loopback: true})
	c, err := webhook.Kind(settings(r, server.URL, private), client)
	if err != nil {
		panic(err)
	}
	return c, func() { client.CloseIdleConnections(); server.Close() }
}

// settings are those that an administrator gives of the receiver.
func settings(r *receiver, url string, private crypto.Signer) json.RawMessage {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	text, _ := json.Marshal(map[string]string{
		"url": url, "issuer": r.issuer, "audience": r.audience, "token": r.token, "keyId": "2026-01",
		"key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	return text
}

// ana is a user at a version.
func ana(version uint64, attributes string) connectors.Object {
	v, err := value.Parse([]byte(attributes), value.DefaultLimits)
	if err != nil {
		panic(err)
	}
	return connectors.Object{Kind: "User", ID: "2819c223", Version: version, RulesRev: 1, Attributes: v.Object()}
}

// Example tells a receiver of two changes, and late of one that came between.
func Example() {
	_, private, _ := ed25519.GenerateKey(nil)
	r := newReceiver()
	hook, end := open(r, private)
	defer end()

	for _, o := range []connectors.Object{
		ana(7, `{"userName":"ana@example.com","title":"Cook","active":true}`),
		ana(9, `{"userName":"ana@example.com","title":"Chef","active":true}`),
		ana(8, `{"userName":"ana@example.com","title":"Baker","active":true}`),
	} {
		if _, err := hook.Put(context.Background(), o); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(string(r.users["/Users/2819c223"].data))
	// Output:
	// {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2819c223","userName":"ana@example.com","title":"Chef","active":true}
}
