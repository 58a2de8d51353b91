package sandbox

// signInPage is what a proxy puts before an account.
const signInPage = "<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>\n"

// htmlPage answers success with a page.
func htmlPage(a arguments) behaviour {
	return func(s strike) {
		s.applyIf(a)
		s.keepBody()
		s.w.Header().Set("Content-Type", "text/html; charset=utf-8")
		s.w.WriteHeader(a.status())
		_, _ = s.w.Write([]byte(signInPage))
	}
}
