package sandbox

import (
	"net/http"
	"strings"
)

// unfiltered answers everybody to whoever asks for somebody.
func unfiltered(arguments) behaviour {
	return func(s strike) {
		if s.looksUp() {
			s.r = s.r.Clone(s.r.Context())
			query := s.r.URL.Query()
			query.Del("filter")
			s.r.URL.RawQuery = query.Encode()
		}
		s.pass()
	}
}

// lookup404 finds nobody, and takes the question for a mistake.
func lookup404(arguments) behaviour {
	return func(s strike) {
		if !s.looksUp() {
			s.pass()
			return
		}
		a := s.apply()
		if total, _ := a.document().Get("totalResults"); a.ok() && total.Text() == "0" {
			s.refuse(http.StatusNotFound, "There is no such user.")
			return
		}
		a.send()
	}
}

// looksUp reports whether a request asks for those whom a filter finds.
func (s strike) looksUp() bool { return strings.Contains(s.r.URL.RawQuery, "filter=") }
