package demo

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"scimgate/tenant"
)

// secrets are what an operator would bring along; the demo makes its own.
type secrets struct {
	key          string // text of a key file
	adminKey     string
	sandboxToken string
}

// loadSecrets reads the secrets that an earlier start left in dir, and makes
// those that are missing. Without a dir they live as long as the process.
func loadSecrets(dir string) (secrets, error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return secrets{}, err
		}
	}
	var s secrets
	var faults []error
	for _, file := range []struct {
		name string
		into *string
		make func() string
	}{
		{"scimgate.key", &s.key, tenant.GenerateKey},
		{"admin.key", &s.adminKey, rand.Text},
		{"sandbox.token", &s.sandboxToken, rand.Text},
	} {
		text, err := keep(dir, file.name, file.make)
		*file.into = text
		faults = append(faults, err)
	}
	return s, errors.Join(faults...)
}

func keep(dir, name string, generate func() string) (string, error) {
	if dir == "" {
		return generate(), nil
	}
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path) //nolint:gosec // a fixed name in the folder that the user gave
	if errors.Is(err, fs.ErrNotExist) {
		fresh := strings.TrimSpace(generate())
		return fresh, os.WriteFile(path, []byte(fresh+"\n"), 0o600)
	}
	return strings.TrimSpace(string(text)), err
}
