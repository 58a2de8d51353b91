package tenant

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// Keys seal settings and hash tokens. Each line of a key file is one key; the
// first is used for what is new, the others only for what they made. Whoever
// rotates adds a line at the top and keeps the old ones.
type Keys struct {
	ring []*key // the primary first, never empty
}

// key is what is derived from one line. The line itself is not kept.
type key struct {
	id     [keyIDSize]byte // names the key in what it made
	sealer *subtle.AESGCM
	pepper []byte
}

const (
	keySize   = 32
	keyIDSize = 4
	// The first byte of everything sealed: by a key of the ring, or by a tenant's data
	// key (see Vault). Key id, nonce, ciphertext and tag follow.
	sealedV1 = 1
	sealedV2 = 2
)

// GenerateKey returns a new line for a key file, without line end.
func GenerateKey() string {
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(secret)
}

// LoadKeys reads a key file: one base64 key of 32 bytes per line. Blank lines and
// lines that begin with "#" are skipped. All faults are reported at once, by line.
func LoadKeys(text []byte) (*Keys, error) {
	k := &Keys{}
	var faults []error
	for i, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if err := k.add(line); err != nil {
			faults = append(faults, fmt.Errorf("key file, line %d: %w", i+1, err))
		}
	}
	if len(k.ring) == 0 && len(faults) == 0 {
		return nil, errors.New("the key file holds no key")
	}
	return k, errors.Join(faults...)
}

func (k *Keys) add(line []byte) error {
	secret, err := base64.StdEncoding.AppendDecode(nil, line)
	if err != nil || len(secret) != keySize {
		return errors.New("not a base64 key of 32 bytes")
	}
	next, err := derive(secret)
	if err != nil {
		return err
	}
	if k.find(next.id[:]) != nil {
		return errors.New("the same key as in an earlier line")
	}
	k.ring = append(k.ring, next)
	return nil
}

// derive makes a key's parts by HKDF-SHA-256 under different labels, so that
// knowing one tells nothing of the others.
func derive(secret []byte) (*key, error) {
	parts := make([][]byte, 3)
	for i, part := range []struct {
		label string
		size  int
	}{{"scimgate key id", keyIDSize}, {"scimgate seal", keySize}, {"scimgate token pepper", keySize}} {
		made, err := hkdf.Key(sha256.New, secret, nil, part.label, part.size)
		if err != nil {
			return nil, fmt.Errorf("derive %s: %w", part.label, err)
		}
		parts[i] = made
	}
	sealer, err := subtle.NewAESGCM(parts[1])
	if err != nil {
		return nil, fmt.Errorf("prepare AES-GCM: %w", err)
	}
	return &key{id: [keyIDSize]byte(parts[0]), sealer: sealer, pepper: parts[2]}, nil
}

// find returns the key of an id, or nil.
func (k *Keys) find(id []byte) *key {
	for _, key := range k.ring {
		if bytes.Equal(key.id[:], id) {
			return key
		}
	}
	return nil
}

// Seal encrypts a field of a tenant (AES-256-GCM). What is sealed opens only
// under the same tenant and field, so that rows cannot be swapped in the store.
func (k *Keys) Seal(plain []byte, t ID, field string) ([]byte, error) {
	return k.ring[0].seal(sealedV1, plain, t, field)
}

// Open decrypts what Seal made with any of the keys.
func (k *Keys) Open(sealed []byte, t ID, field string) ([]byte, error) {
	if len(sealed) <= 1+keyIDSize || sealed[0] != sealedV1 {
		return nil, fmt.Errorf("open %s: not sealed by this program", field)
	}
	key := k.find(sealed[1 : 1+keyIDSize])
	if key == nil {
		return nil, fmt.Errorf("open %s: sealed with a key that is not in the key file", field)
	}
	return key.open(sealed, t, field)
}

func (k *key) seal(version byte, plain []byte, t ID, field string) ([]byte, error) {
	body, err := k.sealer.Encrypt(plain, bound(t, field))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", field, err)
	}
	return append(append([]byte{version}, k.id[:]...), body...), nil
}

// made reports whether something names this key as the one that sealed it.
func (k *key) made(sealed []byte) bool {
	return len(sealed) > 1+keyIDSize && bytes.Equal(sealed[1:1+keyIDSize], k.id[:])
}

// open decrypts what the key made.
func (k *key) open(sealed []byte, t ID, field string) ([]byte, error) {
	plain, err := k.sealer.Decrypt(sealed[1+keyIDSize:], bound(t, field))
	if err != nil {
		return nil, fmt.Errorf("open %s: damaged, or sealed for another tenant or field", field)
	}
	return plain, nil
}

// bound is the associated data; an ID holds no "|", so it reads one way only.
func bound(t ID, field string) []byte { return []byte(string(t) + "|" + field) }

// hash returns the key's id and HMAC-SHA-256 of a tenant's token.
func (k *key) hash(t ID, secret string) []byte {
	mac := hmac.New(sha256.New, k.pepper)
	mac.Write(bound(t, secret))
	return mac.Sum(k.id[:keyIDSize:keyIDSize])
}

// HashedByNewest and SealedByNewest report whether the primary key made something.
func (k *Keys) HashedByNewest(hash []byte) bool { return bytes.HasPrefix(hash, k.ring[0].id[:]) }

// SealedByNewest is said with HashedByNewest.
func (k *Keys) SealedByNewest(sealed []byte) bool {
	return len(sealed) > 0 && bytes.HasPrefix(sealed[1:], k.ring[0].id[:])
}

// Hashed and Sealed report whether one of the keys made something: not what a tenant's
// data key sealed, which is itself sealed by one of these.
func (k *Keys) Hashed(hash []byte) bool {
	return len(hash) > keyIDSize && k.find(hash[:keyIDSize]) != nil
}

// Sealed is said with Hashed.
func (k *Keys) Sealed(sealed []byte) bool {
	return !ByDataKey(sealed) && len(sealed) > 1+keyIDSize && k.find(sealed[1:1+keyIDSize]) != nil
}

// pepperOf returns the key that made a token's hash, or the primary one where it
// is unknown: then nothing can match, at the same expense.
func (k *Keys) pepperOf(hash []byte) *key {
	if len(hash) > keyIDSize {
		if key := k.find(hash[:keyIDSize]); key != nil {
			return key
		}
	}
	return k.ring[0]
}
