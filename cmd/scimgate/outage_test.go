package main

import (
	"context"
	"sync"
	"testing"
	"time"
)

// outage is a part of a cluster's surroundings that is away for a while: its
// connections are cut and refused, or it does not say a word any more.
type outage struct {
	name         string
	mongo, redis bool
	silent       bool
	brief, long  time.Duration
}

var outages = []outage{
	{name: "Redis cut", redis: true, brief: 5 * time.Second, long: time.Minute},
	{name: "Redis silent", redis: true, silent: true, brief: 3 * time.Second, long: time.Minute},
	{name: "MongoDB cut", mongo: true, brief: 5 * time.Second, long: 30 * time.Second},
	{name: "MongoDB silent", mongo: true, silent: true, brief: 3 * time.Second, long: 30 * time.Second},
	{name: "both cut", mongo: true, redis: true, brief: 5 * time.Second, long: 30 * time.Second},
}

// TestOutages takes MongoDB and Redis away from a whole cluster under load.
// Nothing is lost; nobody is answered 401 or 404; without Redis nobody notices
// anything, and without MongoDB there is 503 with Retry-After, while it is away
// and for no longer.
func TestOutages(t *testing.T) {
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		c := newCluster(t, 4, "--outbound.late", "1s")
		b := newBook(c, 40)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var writing sync.WaitGroup
		writing.Go(func() { b.write(ctx, 12) })
		for _, o := range outages {
			if o.redis && c.members[0].redis == nil && !o.mongo {
				continue // SCIMGATE_TEST_REDIS_URL is not set
			}
			pauseFor(ctx, 2*time.Second)
			b.without(ctx, o, long(t) > 0)
		}
		pauseFor(ctx, 2*time.Second)
		cancel()
		writing.Wait()
		b.rest(2 * time.Minute)
	})
}

// recovery is how long after an outage a request may still fail of it: those
// begun in it wait for the store up to 10 s, and the driver looks for its server
// once in half a second.
const recovery = 11 * time.Second

// without plays an outage, and judges the answers given meanwhile.
func (b *book) without(ctx context.Context, o outage, inLong bool) {
	b.Helper()
	while := o.brief
	if inLong {
		while = o.long
	}
	before := b.now()
	began := time.Now()
	b.troubles.all(ctx, b.T, b.away(o), o.silent, while)
	for o.mongo && !b.serves() && time.Since(began) < while+time.Minute {
		pauseFor(ctx, 50*time.Millisecond)
	}
	back := time.Since(began) - while
	after := b.now()
	b.Logf("%-15s for %v: %d changes acknowledged, %d answers of 503, %d without any; all well after %v more", o.name, while,
		after.acked-before.acked, after.unwell-before.unwell, after.silent-before.silent, back.Round(10*time.Millisecond))
	if !o.mongo && (after.unwell != before.unwell || after.silent != before.silent || after.acked == before.acked) {
		b.Errorf("%s: somebody noticed", o.name)
	}
	if cut := o.mongo && !o.silent; cut && after.unwell == before.unwell {
		b.Errorf("%s: nobody noticed", o.name) // who is silent for less than 5 s may only be slow
	}
	if o.mongo && back > recovery {
		b.Errorf("%s: it was noticed for %v too long", o.name, back)
	}
}

// away is the links that an outage takes.
func (b *book) away(o outage) (links []*link) {
	for _, m := range b.members {
		if o.mongo {
			links = append(links, m.mongo)
		}
		if o.redis && m.redis != nil {
			links = append(links, m.redis)
		}
	}
	return links
}

// serves reports whether each gateway reads and writes the store again.
func (b *book) serves() bool {
	for _, m := range b.members[:2] {
		who := b.tenants[0]
		status, _, _ := b.request("GET", m.url("publicURL")+"/t/"+who.id+"/identity/scim/Users?count=1", who.token, nil)
		if status != 200 {
			return false
		}
	}
	return true
}

// standing is what a book counted up to a moment.
type standing struct{ acked, unwell, silent int }

func (b *book) now() standing {
	b.mu.Lock()
	defer b.mu.Unlock()
	return standing{b.acked, b.statuses[503], b.statuses[0]}
}

// all takes links away together.
func (x *troubles) all(ctx context.Context, t *testing.T, links []*link, silent bool, while time.Duration) {
	toxic := ""
	if silent {
		toxic = `{"type":"timeout","attributes":{"timeout":0}}`
	}
	var suffering sync.WaitGroup
	for _, l := range links {
		suffering.Go(func() { l.suffer(ctx, t, toxic, while) })
	}
	suffering.Wait()
}
