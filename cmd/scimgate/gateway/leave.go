package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// errLeaving is why a process that was told to stop is not ready.
var errLeaving = errors.New("the process was told to stop")

// ready reports whether this process is a good place to send requests to.
func (g *Gateway) ready(ctx context.Context) error {
	if g.leaving.Load() {
		return errLeaving
	}
	return g.Stores.Ping(ctx)
}

// shutDown says that the process is going, goes on taking requests until whoever
// sends them had time to notice, and lets those end that it took.
func (g *Gateway) shutDown(ctx context.Context) error {
	g.leaving.Store(true)
	<-time.After(g.lameDuck) // proxies do not say when they have noticed
	ctx, cancel := context.WithTimeout(ctx, DrainTime)
	defer cancel()
	if g.public.server == nil {
		return g.operator.server.Shutdown(ctx)
	}
	return errors.Join(g.public.server.Shutdown(ctx), g.operator.server.Shutdown(ctx))
}

// farewell asks each client that still comes to a leaving process to open its next
// connection elsewhere, so that none is cut off under a request. HTTP/2 is told
// so by a GOAWAY.
func (g *Gateway) farewell(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
