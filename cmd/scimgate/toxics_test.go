package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// link is a proxy between one process and what it stands on.
type link struct {
	proxy *toxiproxy.Proxy
	turn  sync.Mutex // one trouble at a time
}

// troubles makes links, all of one test.
type troubles struct {
	server *toxiproxy.ApiServer
	links  []*link
}

func newTroubles() *troubles {
	return &troubles{server: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())}
}

// link returns a new link to the host of a URL, and the URL that leads through it.
func (x *troubles) link(t *testing.T, to string) (*link, string) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	p := toxiproxy.NewProxy(x.server, fmt.Sprint("link", len(x.links)), "127.0.0.1:0", u.Host)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	l := &link{proxy: p}
	x.links = append(x.links, l)
	u.Host = p.Listen
	return l, u.String()
}

// toxics are what may befall a link for a while; "" cuts it.
var toxics = []string{
	"",
	`{"type":"latency","attributes":{"latency":60,"jitter":50}}`,
	`{"type":"latency","stream":"upstream","attributes":{"latency":200}}`,
	`{"type":"reset_peer","attributes":{"timeout":50}}`,
	`{"type":"timeout","attributes":{"timeout":0}}`,
	`{"type":"limit_data","attributes":{"bytes":20000}}`,
	`{"type":"slicer","attributes":{"average_size":64,"size_variation":32,"delay":50}}`,
}

// suffer lets one trouble befall the link, and takes it away after a while.
func (l *link) suffer(ctx context.Context, t *testing.T, toxic string, while time.Duration) {
	l.turn.Lock()
	defer l.turn.Unlock()
	if toxic == "" {
		l.cut(ctx, t, while)
		return
	}
	if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		t.Errorf("%s: %v", toxic, err)
		return
	}
	pauseFor(ctx, while)
	l.proxy.Toxics.ResetToxics(context.WithoutCancel(ctx))
}

// cut refuses and ends all connections for a while.
func (l *link) cut(ctx context.Context, t *testing.T, while time.Duration) {
	l.proxy.Stop()
	pauseFor(ctx, while)
	for range 100 { // somebody may have the port for a moment
		if l.proxy.Start() == nil {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Error("a link cannot be mended")
}

// plague makes links suffer at random until ctx ends, and returns how often.
func (x *troubles) plague(ctx context.Context, t *testing.T, every time.Duration) (times int) {
	var suffering sync.WaitGroup
	defer suffering.Wait()
	for ctx.Err() == nil {
		pauseFor(ctx, every/2+rand.N(every))
		l, toxic := x.links[rand.IntN(len(x.links))], toxics[rand.IntN(len(toxics))]
		while := 200*time.Millisecond + rand.N(2*time.Second)
		times++
		suffering.Go(func() { l.suffer(ctx, t, toxic, while) })
	}
	return times
}

func pauseFor(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
