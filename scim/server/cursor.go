package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// cursorLife is how long a cursor leads on (RFC 9865 §4, cursorTimeout).
const cursorLife = scim.CursorTimeout * time.Second

// Sealer encrypts for one tenant and purpose; *tenant.Keys is one. Processes that
// share its keys understand each other's cursors.
type Sealer interface {
	Seal(plain []byte, t tenant.ID, field string) ([]byte, error)
	Open(sealed []byte, t tenant.ID, field string) ([]byte, error)
}

// A cursor is the position of the last resource shown and the time at which it
// expires, sealed for the tenant and the query: a position holds names, and a
// cursor of another query would lead astray.

// cursorAfter makes the cursor that leads on from a position.
func (c *call) cursorAfter(position string, asked query, now time.Time) (string, error) {
	plain := binary.BigEndian.AppendUint64(nil, uint64(now.Add(cursorLife).Unix()))
	sealed, err := c.Sealer.Seal(append(plain, position...), c.tenant.ID, c.cursorField(asked))
	if err != nil {
		return "", fault("seal a cursor", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// position reads the cursor of a query; "" begins.
func (c *call) position(asked query, now time.Time) (string, error) {
	if *asked.cursor == "" {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(*asked.cursor)
	if err != nil {
		return "", errCursor
	}
	plain, err := c.Sealer.Open(sealed, c.tenant.ID, c.cursorField(asked))
	if err != nil || len(plain) < 8 {
		return "", errCursor
	}
	if now.Unix() >= int64(binary.BigEndian.Uint64(plain)) {
		return "", scim.Errorf(scim.ExpiredCursor, "The cursor has expired; begin with an empty one, and do not wait longer than %v between two pages.", cursorLife)
	}
	return string(plain[8:]), nil
}

var errCursor = scim.Errorf(scim.InvalidCursor, "The cursor is not one that this query was given; begin with an empty one.")

// cursorField names the query to the Sealer: all that decides which resources come
// in which order. How many and what of them may change from page to page.
func (c *call) cursorField(asked query) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %v", c.kind.Name, asked.filter, asked.sortBy, asked.descending))
	return "cursor/" + hex.EncodeToString(sum[:16])
}

// follow has q go on from the cursor that was asked for, if one was.
func (c *call) follow(q *directory.Query, asked query) error {
	switch {
	case asked.cursor == nil:
		return nil
	case asked.indexed: // RFC 9865 §2: one way of paging at a time
		return scim.Errorf(scim.InvalidValue, "Give cursor or startIndex, not both.")
	case asked.count < 1:
		return scim.Errorf(scim.InvalidCount, "With a cursor, count must be at least 1.")
	}
	after, err := c.position(asked, time.Now())
	q.After = &after
	return err
}

// ownKeys are keys that no other process has.
func ownKeys() Sealer {
	keys, err := tenant.LoadKeys([]byte(tenant.GenerateKey()))
	if err != nil {
		panic("server: " + err.Error()) // a key that we made ourselves
	}
	return keys
}
