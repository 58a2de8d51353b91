package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"scimgate/connectors"
)

// settings is what an administrator gives of a receiver.
type settings struct {
	URL      string `json:"url"`
	Issuer   string `json:"issuer"`
	Audience string `json:"audience"`
	Key      string `json:"key"` // PEM
	KeyID    string `json:"keyId"`
	Token    string `json:"token"`
}

// Kind opens a connector to a receiver. It is a connectors.Kind.
func Kind(raw json.RawMessage, client *http.Client) (connectors.Connector, error) {
	var s settings
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, errors.New(`the settings must be one JSON object of texts: "url", "issuer", "audience", "key", "keyId" and, if the receiver asks for one, "token"`)
	}
	signer, err := newSigner(s.Key, s.KeyID)
	err = errors.Join(checkURL(s.URL), checkText("issuer", s.Issuer), checkText("audience", s.Audience),
		checkText("keyId", s.KeyID), err, checkToken(s.Token))
	if err != nil {
		return nil, err
	}
	return &hook{
		url: s.URL, token: s.Token, client: client,
		issuer: issuer{name: s.Issuer, audience: s.Audience, signer: signer},
	}, nil
}

// checkURL asks for https, because a SET that is not encrypted has to be pushed
// over TLS (RFC 8935 §5.3). Whether this machine may be called, the guard of the
// client knows.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return errors.New(`"url" is missing: the receiver's address, such as https://hooks.example.com/scim`)
	case err != nil || u.Host == "":
		return errors.New(`"url" must be an address such as https://hooks.example.com/scim`)
	case u.Scheme != "https" && (u.Scheme != "http" || !connectors.IsLoopback(u.Hostname())):
		return errors.New(`"url" must begin with https://`)
	case u.User != nil:
		return errors.New(`"url" must not hold a user name or password: a bearer token goes into "token"`)
	case u.Fragment != "":
		return errors.New(`"url" must not hold a #`)
	}
	return nil
}

// maxText is how long a name in the settings may be: each SET repeats it.
const maxText = 512

func checkText(name, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("%q is missing", name)
	case len(text) > maxText:
		return fmt.Errorf("%q is longer than %d bytes", name, maxText)
	}
	return nil
}

// checkToken accepts none, and else what goes into a header.
func checkToken(token string) error {
	invisible := func(c rune) bool { return c <= ' ' || c > '~' }
	if strings.ContainsFunc(token, invisible) {
		return errors.New(`"token" holds a space or another character that no bearer token has: copy it again, without "Bearer"`)
	}
	return nil
}
