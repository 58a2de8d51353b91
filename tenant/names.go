package tenant

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Names returns a secret for the purpose given, the same in every process with
// the same key file: what is named by it elsewhere (keys and channels of Redis)
// names no tenant to whoever reads it, and meets nobody else's. It comes from the
// last line of the key file, so that it stays while newer keys are put before it.
func (k *Keys) Names(purpose string) []byte {
	mac := hmac.New(sha256.New, k.ring[len(k.ring)-1].pepper)
	mac.Write([]byte("names|" + purpose))
	return mac.Sum(nil)
}

// Named is what stands elsewhere for a word of ours, under Names: 32 hex digits.
func Named(names []byte, word string) string {
	mac := hmac.New(sha256.New, names)
	mac.Write([]byte(word))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
