package tenant

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
)

// DataKeys keeps the data key of each tenant, sealed by the operator's Keys. It is
// kept apart from the tenant's own document, so that a build which knows of no data
// key cannot write it away, and a backup can leave it out.
type DataKeys interface {
	// DataKey returns a tenant's sealed data key, or ErrNotFound.
	DataKey(ctx context.Context, id ID) ([]byte, error)
	// SwapDataKey stores next in the place of was, which is nil where there is to be
	// none yet; where something else is stored it changes nothing and is ErrConflict.
	// Store.DeleteTenant destroys the key.
	SwapDataKey(ctx context.Context, id ID, was, next []byte) error
}

// Vault seals what is kept of a tenant by the tenant's own data key, which Keys
// seal. Destroying that one makes everything useless that it sealed, wherever there
// is a copy.
//
// A tenant that an earlier build made has no data key before Provide gave it one,
// so that processes of that build go on understanding what is kept of it. Until
// then, and for what is no tenant's, Keys seal directly; what they sealed opens in
// any case.
type Vault struct {
	Keys  *Keys
	Store DataKeys
}

// ErrDataKey is a fault of the store: nobody knows whether there is a data key.
var ErrDataKey = errors.New("tenant: the data key cannot be looked up")

// dataKeyField names a data key to Keys.
const dataKeyField = "dataKey"

// Seal is Keys.Seal with the tenant's data key. ErrDataKey is all that can go wrong
// by the store.
func (v Vault) Seal(ctx context.Context, plain []byte, t ID, field string) ([]byte, error) {
	own, err := v.dataKey(ctx, t)
	if err != nil {
		return nil, err
	}
	if own == nil {
		return v.Keys.Seal(plain, t, field)
	}
	return own.seal(sealedV2, plain, t, field)
}

// Open decrypts what Seal or Keys.Seal made.
func (v Vault) Open(ctx context.Context, sealed []byte, t ID, field string) ([]byte, error) {
	if !ByDataKey(sealed) {
		return v.Keys.Open(sealed, t, field)
	}
	own, err := v.dataKey(ctx, t)
	if err != nil {
		return nil, err
	}
	if own == nil || !own.made(sealed) {
		return nil, fmt.Errorf("open %s: sealed with a data key that the tenant does not have", field)
	}
	return own.open(sealed, t, field)
}

// ByDataKey reports whether a tenant's data key sealed something.
func ByDataKey(sealed []byte) bool { return len(sealed) > 0 && sealed[0] == sealedV2 }

// Provide gives a tenant a data key if it has none. Of several callers at once one
// makes it.
func (v Vault) Provide(ctx context.Context, t ID) error {
	_, err := v.Store.DataKey(ctx, t)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	sealed, err := v.Keys.Seal(secret, t, dataKeyField)
	if err != nil {
		return err
	}
	if err := v.Store.SwapDataKey(ctx, t, nil, sealed); !errors.Is(err, ErrConflict) {
		return err
	}
	return nil
}

// Rewrap has the newest of Keys seal a tenant's data key, if an older one did.
func (v Vault) Rewrap(ctx context.Context, t ID) (changed bool, err error) {
	was, err := v.Store.DataKey(ctx, t)
	if errors.Is(err, ErrNotFound) || err == nil && v.Keys.SealedByNewest(was) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	secret, err := v.Keys.Open(was, t, dataKeyField)
	if err != nil {
		return false, err
	}
	next, err := v.Keys.Seal(secret, t, dataKeyField)
	if err != nil {
		return false, err
	}
	err = v.Store.SwapDataKey(ctx, t, was, next)
	if errors.Is(err, ErrConflict) { // somebody else did, or the tenant has gone
		return false, nil
	}
	return err == nil, err
}

// dataKey returns a tenant's data key, or nil if it has none.
func (v Vault) dataKey(ctx context.Context, t ID) (*key, error) {
	if t == "" {
		return nil, nil //nolint:nilnil // what is no tenant's is sealed without one
	}
	sealed, err := v.Store.DataKey(ctx, t)
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // an earlier build made the tenant
	}
	if err != nil {
		return nil, errors.Join(ErrDataKey, err)
	}
	secret, err := v.Keys.Open(sealed, t, dataKeyField)
	if err != nil {
		return nil, err
	}
	return derive(secret)
}
