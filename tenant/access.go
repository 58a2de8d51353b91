package tenant

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
)

// An access token is what the token endpoint gives for a Credential. It reads
//
//	sga_<base64url of: 12 credential id, 8 secret id, 8 end, 8 random, 36 hash>
//
// and is kept nowhere: its hash is made with the pepper, and the credential that
// it names is looked up. So it ends with its credential, and with its secret.
const (
	accessPrefix       = "sga_"
	credentialIDLength = 12
	accessPayload      = credentialIDLength + keyIDLength + 8 + 8
	accessSize         = accessPayload + keyIDSize + sha256.Size
)

var (
	accessCoding = base64.RawURLEncoding.Strict()
	accessLength = len(accessPrefix) + accessCoding.EncodedLen(accessSize)
)

// access is an access token, taken apart.
type access struct {
	credential, secret string
	expires            time.Time
	payload, hash      []byte
}

// Access makes an access token of a credential, which a secret of this id was
// shown for, or "" for none.
func (k *Keys) Access(c *Credential, secretID string, expires time.Time) string {
	if secretID == "" {
		secretID = noSecretID
	}
	made := make([]byte, 0, accessSize)
	made = append(append(made, c.ID...), secretID...)
	made = binary.BigEndian.AppendUint64(made, uint64(expires.Unix()))
	made = made[:accessPayload]
	_, _ = rand.Read(made[accessPayload-8:]) // never fails (crypto/rand)
	made = append(made, k.ring[0].hash(c.Tenant, "access|"+string(made))...)
	return accessPrefix + accessCoding.EncodeToString(made)
}

// parseAccess takes an access token apart. What is malformed comes apart into
// what no token has.
func parseAccess(text string) (a access, err error) {
	a = access{credential: noCredentialID, payload: make([]byte, accessPayload), hash: noRow.Hash}
	if len(text) != accessLength || !strings.HasPrefix(text, accessPrefix) {
		return a, errMalformed
	}
	raw, err := accessCoding.DecodeString(text[len(accessPrefix):])
	if err != nil || !isBase62(string(raw[:credentialIDLength])) {
		return a, errMalformed
	}
	a.payload, a.hash = raw[:accessPayload], raw[accessPayload:]
	a.credential, a.secret = string(raw[:credentialIDLength]), string(raw[credentialIDLength:credentialIDLength+keyIDLength])
	a.expires = time.Unix(int64(binary.BigEndian.Uint64(raw[credentialIDLength+keyIDLength:])), 0)
	return a, nil
}

// made reports whether these keys made the token for a credential of the tenant.
func (k *Keys) made(t ID, a access) bool {
	return hmac.Equal(k.pepperOf(a.hash).hash(t, "access|"+string(a.payload)), a.hash)
}

// honours reports whether an access token that was made for the credential still
// holds: its secret is there and has not ended.
func (c *Credential) honours(a access, now time.Time) bool {
	if c.Disabled || !now.Before(a.expires) {
		return false
	}
	switch c.Kind {
	case ClientCredential:
		return now.Before(c.secret(a.secret).Expires)
	case FederatedCredential:
		return true
	default:
		return false
	}
}
