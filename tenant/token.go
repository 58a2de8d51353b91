package tenant

import (
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"hash/crc32"
	"math/big"
	"strings"
	"time"
)

// A token reads
//
//	sg_<8 key id>_<43 secret><6 checksum>
//
// in base62: 61 characters, because Entra allows all secrets of one application
// in the US Government cloud 1 KB together. The prefix lets secret scanners find
// it, the checksum lets anybody refuse a mistyped one without asking a store,
// and the 43 characters are 256 random bits.
const (
	tokenPrefix  = "sg_"
	keyIDLength  = 8
	secretLength = 43
	sumLength    = 6
	tokenLength  = len(tokenPrefix) + keyIDLength + 1 + secretLength + sumLength
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// errMalformed says nothing about where, so that it can be shown to anybody.
var errMalformed = errors.New("not a scimgate token: it was mistyped or cut")

// NewToken makes a token of a tenant that ends at expires. The secret is what
// the administrator pastes into Entra; it cannot be had again. Times are kept to
// the millisecond, as the stores keep them.
func NewToken(k *Keys, t ID, label string, expires, now time.Time) (secret string, token *Token) {
	secret, keyID := newSecret(tokenPrefix)
	return secret, &Token{
		KeyID: keyID, Tenant: t, Label: label, Hash: k.ring[0].hash(t, secret),
		Created: now.UTC().Truncate(time.Millisecond), Expires: expires.UTC().Truncate(time.Millisecond),
	}
}

// clientPrefix begins the secret of an OAuth client, which else reads as a token.
const clientPrefix = "sc_"

// newSecret makes a token or a client's secret, and the id in it.
func newSecret(prefix string) (secret, id string) {
	id = randomText(6, keyIDLength)
	body := prefix + id + "_" + randomText(32, secretLength)
	return body + checksum(body), id
}

// parseToken checks prefix, alphabet, length and checksum, and returns the key id.
func parseToken(text string) (keyID string, err error) { return parseSecret(tokenPrefix, text) }

func parseSecret(prefix, text string) (id string, err error) {
	if len(text) != tokenLength || !strings.HasPrefix(text, prefix) {
		return "", errMalformed
	}
	id, rest := text[len(prefix):len(prefix)+keyIDLength], text[len(prefix)+keyIDLength:]
	if rest[0] != '_' || !isBase62(id) || !isBase62(rest[1:]) {
		return "", errMalformed
	}
	body, sum := text[:tokenLength-sumLength], text[tokenLength-sumLength:]
	if checksum(body) != sum {
		return "", errMalformed
	}
	return id, nil
}

func isBase62(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// checksum is the CRC-32 (IEEE) of a token up to it.
func checksum(body string) string {
	return toBase62(new(big.Int).SetUint64(uint64(crc32.ChecksumIEEE([]byte(body)))), sumLength)
}

// randomText is n random bytes as their last length base62 digits.
func randomText(n, length int) string {
	bits := make([]byte, n)
	_, _ = rand.Read(bits) // never fails (crypto/rand)
	return toBase62(new(big.Int).SetBytes(bits), length)
}

func toBase62(n *big.Int, length int) string {
	digits, digit, base := make([]byte, length), new(big.Int), big.NewInt(int64(len(base62)))
	for i := length - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		digits[i] = base62[digit.Int64()]
	}
	return string(digits)
}

// matches reports whether secret is this token's, in time that does not depend
// on the answer.
func (t *Token) matches(k *Keys, secret string) bool {
	return hmac.Equal(k.pepperOf(t.Hash).hash(t.Tenant, secret), t.Hash)
}

// rehash has the newest key make the token's hash, if secret is the token's.
func (t *Token) rehash(k *Keys, secret string) error {
	if !t.matches(k, secret) {
		return ErrUnauthorized
	}
	t.Hash = k.ring[0].hash(t.Tenant, secret)
	return nil
}

// WarningDays are how many days before a token's end people are warned, each once.
var WarningDays = []int{60, 30, 14, 7, 1}

// usedLately is how long after its last use a token counts as the one in use: an
// identity provider may rest over a long weekend.
const usedLately = 7 * 24 * time.Hour

// Warning returns the step of WarningDays that a token in use has come to, 0 for
// none. One that nobody uses, or that has ended, warns nobody.
func (t *Token) Warning(now time.Time) int {
	return warning(t.Expires, t.LastUsed, now)
}

func warning(expires, used, now time.Time) (days int) {
	if used.IsZero() || now.Sub(used) > usedLately || !now.Before(expires) {
		return 0
	}
	for _, step := range WarningDays {
		if expires.Sub(now) <= time.Duration(step)*24*time.Hour {
			days = step
		}
	}
	return days
}
