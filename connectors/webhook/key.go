package webhook

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// mediaType names a SET in the typ header, so that no other kind of token passes
// for one (RFC 8417 §2.3).
const mediaType = "secevent+jwt"

// newSigner makes what signs with the key in text. Errors say nothing of the key.
func newSigner(text, keyID string) (jose.Signer, error) {
	key, err := readKey(text)
	if err != nil {
		return nil, err
	}
	algorithm, err := algorithmOf(key)
	if err != nil {
		return nil, err
	}
	options := new(jose.SignerOptions).WithType(mediaType)
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: keyID},
	}, options)
	if err != nil {
		return nil, errors.New(`"key" cannot be used to sign`)
	}
	return signer, nil
}

func readKey(text string) (crypto.PrivateKey, error) {
	if text == "" {
		return nil, errors.New(`"key" is missing: the private key that signs, PKCS #8 in PEM`)
	}
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "PRIVATE KEY" || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New(`"key" must be one unencrypted private key, PKCS #8 in PEM: -----BEGIN PRIVATE KEY-----`)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New(`"key" is damaged, or of a kind that is not known`)
	}
	return key, nil
}

// algorithmOf returns the algorithm of RFC 7518 §3.1 or RFC 8037 §3.1 that goes
// with a key. A key is good for one: a receiver must not let the token choose.
func algorithmOf(key crypto.PrivateKey) (jose.SignatureAlgorithm, error) {
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		if k.Curve == elliptic.P256() {
			return jose.ES256, nil
		}
	case ed25519.PrivateKey:
		return jose.EdDSA, nil
	case *rsa.PrivateKey:
		if k.N.BitLen() >= 2048 {
			return jose.RS256, nil
		}
	}
	return "", errors.New(`"key" must be on the curve P-256, or Ed25519, or RSA of 2048 bits or more`)
}
