package sandbox

// refusedToken lets nobody in.
func refusedToken(a arguments) behaviour {
	return func(s strike) {
		s.w.Header().Set("WWW-Authenticate", `Bearer realm="sandbox", error="invalid_token"`)
		s.refuse(a.status(), "The bearer token is not valid for this account.")
	}
}
