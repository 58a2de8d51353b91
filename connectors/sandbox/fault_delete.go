package sandbox

import (
	"io"
	"net/http"
	"strings"
)

// suspension is the PATCH that suspends a user.
const suspension = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],` +
	`"Operations":[{"op":"replace","path":"active","value":false}]}`

// deleteSuspends makes a PATCH of each DELETE, and says that it was done.
func deleteSuspends(arguments) behaviour {
	return func(s strike) {
		s.keepBody()
		s.r = s.r.Clone(s.r.Context())
		s.r.Method, s.r.ContentLength = http.MethodPatch, int64(len(suspension))
		s.r.Header.Set("Content-Type", mediaType)
		s.r.Body = io.NopCloser(strings.NewReader(suspension))
		noContent(nil)(s)
	}
}
