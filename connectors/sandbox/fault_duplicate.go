package sandbox

import "net/http"

// duplicate refuses a name that is taken with a status of its own.
func duplicate(a arguments) behaviour {
	return func(s strike) {
		answer := s.apply()
		if answer.status == http.StatusConflict {
			s.refuse(a.status(), "The user cannot be stored.")
			return
		}
		answer.send()
	}
}
