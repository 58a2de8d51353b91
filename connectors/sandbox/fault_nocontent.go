package sandbox

import "net/http"

// noContent changes the user without showing it.
func noContent(arguments) behaviour {
	return func(s strike) {
		a := s.apply()
		if a.status == http.StatusOK {
			a.status = http.StatusNoContent
			a.header.Del("Content-Type")
			a.body.Reset()
		}
		a.send()
	}
}
