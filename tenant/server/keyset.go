package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The rhythm of a Keysets.
const (
	fresh     = time.Hour      // so long keys are not asked for again
	stale     = 72 * time.Hour // so long they serve while their issuer is down
	betweenUs = time.Minute    // at least, from one fetch to the next: whoever makes kids up costs no more
	fetchTime = 5 * time.Second
	maxKeys   = 1 << 20 // bytes
)

// Keysets are the keys of issuers, by URL (RFC 7517). Its methods may be called
// concurrently.
type Keysets struct {
	Client *http.Client // goes only where issuers are
	Now    func() time.Time

	mu   sync.Mutex
	sets map[string]*keyset
	work sync.WaitGroup
}

// keyset is the keys of one URL.
type keyset struct {
	fetching sync.Mutex // held by the one who fetches
	mu       sync.Mutex // of the rest, and never held for long
	keys     map[string]any
	fetched  time.Time // zero: never
	tried    time.Time
	fault    error // of the last try
}

// look returns the key of an id, or nil, and how long ago keys were had and asked for.
func (s *keyset) look(kid string, now time.Time) (key any, age, tried time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[kid], now.Sub(s.fetched), now.Sub(s.tried)
}

// errUnknownKey means that the issuer has no key of that id.
var errUnknownKey = errors.New("the issuer has no such key")

// Key returns the public key (*rsa.PublicKey or *ecdsa.PublicKey) of an id, or
// errUnknownKey. Any other error is a fault: the keys are not known and cannot be
// had. What is known is served while the issuer is down.
func (k *Keysets) Key(ctx context.Context, url, kid string) (any, error) {
	set := k.set(url)
	key, age, tried := set.look(kid, k.Now())
	if key != nil && age < stale {
		if age >= fresh && tried >= betweenUs {
			k.work.Go(func() { k.fetch(context.Background(), url, set) }) //nolint:contextcheck // it outlives the request
		}
		return key, nil
	}
	k.fetch(ctx, url, set)
	key, age, _ = set.look(kid, k.Now())
	fault := set.failed()
	switch {
	case key != nil && age < stale:
		return key, nil
	case age < stale && fault == nil:
		return nil, errUnknownKey
	default:
		return nil, fmt.Errorf("the keys of an issuer cannot be had: %w", errors.Join(fault, errNoKeys))
	}
}

var errNoKeys = errors.New("none are known")

// Check fetches keys to find out whether they can be had.
func (k *Keysets) Check(ctx context.Context, url string) error { return k.get(ctx, url, k.set(url)) }

// Wait returns when no fetch is under way that nobody waits for.
func (k *Keysets) Wait() { k.work.Wait() }

func (k *Keysets) set(url string) *keyset {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sets == nil {
		k.sets = map[string]*keyset{}
	}
	if k.sets[url] == nil {
		k.sets[url] = &keyset{}
	}
	return k.sets[url]
}

// fetch asks for keys, unless somebody has just done so: then it waits for what
// comes of that.
func (k *Keysets) fetch(ctx context.Context, url string, set *keyset) {
	set.fetching.Lock()
	defer set.fetching.Unlock()
	if _, _, tried := set.look("", k.Now()); tried >= betweenUs {
		_ = k.get(ctx, url, set)
	}
}

// get asks for keys and keeps what comes.
func (k *Keysets) get(ctx context.Context, url string, set *keyset) error {
	tried := k.Now()
	keys, err := k.ask(ctx, url)
	set.mu.Lock()
	defer set.mu.Unlock()
	set.tried, set.fault = tried, err
	if err == nil {
		set.keys, set.fetched = keys, tried
	}
	return err
}

func (s *keyset) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

func (k *Keysets) ask(ctx context.Context, url string) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := k.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the issuer's keys: HTTP status %d", res.StatusCode)
	}
	return readKeys(io.LimitReader(res.Body, maxKeys))
}

// readKeys reads a key set. Keys that we use for nothing are left out: other types,
// for encryption, too short, without an id.
func readKeys(from io.Reader) (map[string]any, error) {
	var read struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(from).Decode(&read); err != nil {
		return nil, errors.New("the issuer's keys cannot be read")
	}
	keys := map[string]any{}
	for _, raw := range read.Keys {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(raw); err == nil && key.KeyID != "" && key.Use != "enc" && usable(key.Key) {
			keys[key.KeyID] = key.Key
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the issuer has no key that can be used")
	}
	return keys, nil
}

func usable(key any) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return key.Curve == elliptic.P256()
	default:
		return false
	}
}
