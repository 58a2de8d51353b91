package alerts

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// SignatureHeader holds "t=<unix seconds>,v1=<hex HMAC-SHA-256 of t.body>": a
// receiver compares the hash in constant time, and refuses a time long past.
const SignatureHeader = "Scimgate-Signature"

// Webhook returns what sends messages to a URL, signed with a secret where there is
// one. The client decides where it may lead.
func Webhook(client *http.Client, url, secret string) func(context.Context, Message) error {
	return func(ctx context.Context, m Message) error {
		body, err := json.Marshal(m)
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		if secret != "" {
			req.Header.Set(SignatureHeader, signature(secret, m.At.Unix(), body))
		}
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode < 200 || res.StatusCode > 299 {
			return fmt.Errorf("the receiver answered %d", res.StatusCode)
		}
		return nil
	}
}

func signature(secret string, at int64, body []byte) string {
	t := strconv.FormatInt(at, 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
