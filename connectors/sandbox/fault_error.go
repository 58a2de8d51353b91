package sandbox

// fail answers with a status of the server's own fault.
func fail(a arguments) behaviour {
	return func(s strike) {
		s.applyIf(a)
		a.putRetryAfter(s.w.Header())
		s.refuse(a.status(), "The account failed.")
	}
}

// applyIf lets the request through first, where the fault is told so, and throws
// the answer away.
func (s strike) applyIf(a arguments) {
	if a["applied"] == "true" {
		s.apply()
	}
}
