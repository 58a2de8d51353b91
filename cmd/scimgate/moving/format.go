package moving

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// format is the version of the file. Readers take theirs and older ones.
const format = 1

// Header begins a file.
type Header struct {
	Format   int       `json:"format"`
	Tenant   tenant.ID `json:"tenant"`
	Exported time.Time `json:"exported"`
	Secrets  bool      `json:"secrets"`
}

// Summary ends a file, and is what export and import tell.
type Summary struct {
	Users   int    `json:"users"`
	Groups  int    `json:"groups"`
	Members int    `json:"members"`
	Content string `json:"content"`          // hash of all resources and memberships, in any order
	SHA256  string `json:"sha256,omitempty"` // of all lines before
}

// line is one line of the file: exactly one field is set.
type line struct {
	Header   *Header              `json:"header,omitempty"`
	Tenant   *tenant.Tenant       `json:"tenant,omitempty"`
	Rules    *rulesLine           `json:"rules,omitempty"`
	Ledger   []tenant.LedgerEntry `json:"ledger,omitempty"`
	Token    *tokenLine           `json:"token,omitempty"`
	DataKey  []byte               `json:"dataKey,omitempty"` // sealed, as the store has it
	Resource *resourceLine        `json:"resource,omitempty"`
	Members  *membersLine         `json:"members,omitempty"`
	End      *Summary             `json:"end,omitempty"`
}

type rulesLine struct {
	Rev       uint64          `json:"rev"`
	Rules     json.RawMessage `json:"rules"`
	Author    string          `json:"author,omitempty"`
	Published time.Time       `json:"published"`
}

type tokenLine struct {
	KeyID    string    `json:"keyId"`
	Hash     []byte    `json:"hash"`
	Label    string    `json:"label,omitempty"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`
	LastUsed time.Time `json:"lastUsed"`
}

type resourceLine struct {
	Kind   string                 `json:"kind"`
	ID     string                 `json:"id"`
	Body   json.RawMessage        `json:"body"`
	Remote map[tenant.Slot]string `json:"remote,omitempty"` // ids at the accounts, by the connection's slot
}

// membersLine adds members to a group of an earlier line: a group of a million is
// many lines.
type membersLine struct {
	Group string   `json:"group"`
	IDs   []string `json:"ids"`
}

// content sums up what a store holds of a tenant, whatever the order in which it is
// seen.
type content struct {
	Summary

	sum [sha256.Size]byte
}

func (c *content) mix(parts ...string) {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	for i, b := range h.Sum(nil) {
		c.sum[i] ^= b
	}
}

func (c *content) resource(r *scim.Resource) {
	if r.Kind == "User" {
		c.Users++
	} else {
		c.Groups++
	}
	c.mix(r.Kind, r.ID, string(r.Body()))
}

func (c *content) members(group string, ids []string) {
	c.Members += len(ids)
	for _, id := range ids {
		c.mix(group, id)
	}
}

func (c *content) summary() Summary {
	s := c.Summary
	s.Content = hex.EncodeToString(c.sum[:])
	return s
}

// writer writes lines and their checksum.
type writer struct {
	out *bufio.Writer
	sum hash.Hash
}

func newWriter(out io.Writer) *writer { return &writer{out: bufio.NewWriter(out), sum: sha256.New()} }

func (w *writer) write(l line) error {
	encoder := json.NewEncoder(io.MultiWriter(w.out, w.sum))
	encoder.SetEscapeHTML(false) // bodies stay as they are, byte for byte
	return encoder.Encode(l)
}

func (w *writer) end(s Summary) error {
	s.SHA256 = hex.EncodeToString(w.sum.Sum(nil))
	return errors.Join(w.write(line{End: &s}), w.out.Flush())
}

// read gives each line to take, and returns header and end. A file that is not
// whole, or was changed, is an error; by then take has seen lines of it.
func read(from io.Reader, take func(line) error) (h Header, end Summary, err error) {
	lines, sum := bufio.NewReader(from), sha256.New()
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return h, end, fmt.Errorf("line %d: the file is cut off", n)
		}
		var l line
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&l); err != nil {
			return h, end, fmt.Errorf("line %d: this is no export of scimgate, or one of a later version", n)
		}
		switch {
		case n == 1 && (l.Header == nil || l.Header.Format > format || l.Header.Format < 1):
			return h, end, errors.New("this is no export of scimgate, or one of a later version")
		case n == 1:
			h = *l.Header
		case l.End != nil:
			return h, *l.End, complete(lines, *l.End, sum)
		}
		_, _ = sum.Write(text)
		if err := take(l); err != nil {
			return h, end, err
		}
	}
}

func complete(rest io.Reader, end Summary, sum hash.Hash) error {
	if n, _ := rest.Read(make([]byte, 1)); n > 0 {
		return errors.New("something follows the end of the file")
	}
	if end.SHA256 != hex.EncodeToString(sum.Sum(nil)) {
		return errors.New("the file was changed: its checksum is another")
	}
	return nil
}
