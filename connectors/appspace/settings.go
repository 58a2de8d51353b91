package appspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"scimgate/connectors"
)

// settings is what an administrator gives of an account.
type settings struct {
	BaseURL string `json:"baseURL"` // "https://cloud.appspace.com/identity/scim"
	Token   string `json:"token"`   // SCIM bearer token of the account
	// Groups stood here once. It is read and means nothing: the connection says it.
	Groups bool `json:"groups"`
	// Protected are userNames or e-mail addresses of account users that are never
	// taken over, beside those whose roles make them administrators.
	Protected []string `json:"protected"`
}

// Kind opens a connector to an Appspace account. It is a connectors.Kind.
func Kind(raw json.RawMessage, client *http.Client) (connectors.Connector, error) {
	s, err := readSettings(raw)
	if err != nil {
		return nil, err
	}
	return &account{base: strings.TrimRight(s.BaseURL, "/"), token: s.Token, client: client, protected: s.Protected}, nil
}

func readSettings(raw json.RawMessage) (settings, error) {
	var s settings
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, errors.New(`the settings must be one JSON object with "baseURL" and "token" (texts) and "protected" (a list of userNames), and nothing else`)
	}
	return s, errors.Join(checkBaseURL(s.BaseURL), checkToken(s.Token))
}

func checkBaseURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return errors.New(`"baseURL" is missing: the account's SCIM address, such as https://cloud.appspace.com/identity/scim`)
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New(`"baseURL" must be an address such as https://cloud.appspace.com/identity/scim`)
	case u.User != nil:
		return errors.New(`"baseURL" must not hold a user name or password: the token goes into "token"`)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New(`"baseURL" must end with the path: leave out what follows ? or #`)
	}
	return nil
}

// checkToken accepts what RFC 6750 §2.1 calls b64token, loosely: visible ASCII.
func checkToken(token string) error {
	if token == "" {
		return errors.New(`"token" is missing: the account's SCIM bearer token`)
	}
	for _, c := range []byte(token) {
		if c <= ' ' || c > '~' {
			return errors.New(`"token" holds a space or another character that no token has: copy it again, without "Bearer"`)
		}
	}
	return nil
}
