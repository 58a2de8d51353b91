package sandbox

import "net/http"

// bareErrors takes from each error what RFC 7644 §3.12 asks of it, except for the
// status.
func bareErrors(arguments) behaviour {
	return func(s strike) {
		a := s.apply()
		if a.status >= http.StatusBadRequest {
			a.header.Set("Content-Type", "text/plain; charset=utf-8")
			a.body.Reset()
			_, _ = a.body.WriteString(http.StatusText(a.status) + "\n")
		}
		a.send()
	}
}
