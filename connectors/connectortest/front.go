package connectortest

import (
	"net/http"
	"net/http/httptest"
	"sync"
)

// fault answers instead of the account, or after it.
type fault func(w http.ResponseWriter, r *http.Request, account http.Handler)

// front stands before the account and fails as it is told.
type front struct {
	account http.Handler

	mu      sync.Mutex
	fault   fault
	picks   func(*http.Request) bool
	changes int // requests that would change something
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if fail := f.meet(r); fail != nil {
		fail(w, r, f.account)
		return
	}
	f.account.ServeHTTP(w, r)
}

func (f *front) meet(r *http.Request) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if mutating(r) {
		f.changes++
	}
	if f.fault == nil || !f.picks(r) {
		return nil
	}
	return f.fault
}

// fail makes the requests that picks names meet a fault, until heal.
func (f *front) fail(picks func(*http.Request) bool, with fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.picks, f.changes = with, picks, 0
}

func (f *front) heal() { f.fail(nil, nil) }

// changed returns how many requests that would change something came since the
// last fail or heal.
func (f *front) changed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changes
}

// Which requests meet a fault.
func all(*http.Request) bool { return true }

func mutating(r *http.Request) bool { return r.Method != http.MethodGet }

func posts(r *http.Request) bool { return r.Method == http.MethodPost }

// lost passes the request on and cuts the line before the answer.
func lost(w http.ResponseWriter, r *http.Request, account http.Handler) {
	account.ServeHTTP(httptest.NewRecorder(), r)
	cut(w, r, account)
}

// cut closes the line without an answer.
func cut(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.Close()
	}
}

// says answers with a status, a header and a body.
func says(status int, header http.Header, body string) fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = drain(r)
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// after passes the request on, and answers something else than the account did.
func after(answer fault) fault {
	return func(w http.ResponseWriter, r *http.Request, account http.Handler) {
		account.ServeHTTP(httptest.NewRecorder(), r)
		answer(w, r, account)
	}
}
