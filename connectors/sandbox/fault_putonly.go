package sandbox

import "net/http"

// putOnly refuses PATCH.
func putOnly(a arguments) behaviour {
	return func(s strike) {
		if a.status() == http.StatusMethodNotAllowed {
			s.w.Header().Set("Allow", "DELETE, GET, HEAD, OPTIONS, PUT")
		}
		s.refuse(a.status(), "This account does not support PATCH.")
	}
}
