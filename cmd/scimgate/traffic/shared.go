package traffic

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"scimgate/tenant"
)

const (
	tellEvery = 3 * time.Second        // the others are told so often of what is new
	tellAt    = 500                    // and of so many tenants at once; of more the next time
	tellTime  = 5 * time.Second        // that one telling may take
	askTime   = 300 * time.Millisecond // that a reader waits for the others
	keptFor   = (hours + 1) * time.Hour
	asked     = 100 // processes, the latest, whose pictures are put together
)

// Shared is a Counter whose picture is that of all processes that share a Redis. Each
// puts there what it saw itself, as a whole, under a key of its own that it writes
// over: what is told twice counts once, and a process that has ended is remembered for
// a day. A tenant takes some 3 KB of each process that saw it.
type Shared struct {
	*Counter
	client  redis.UniversalClient
	names   []byte
	process string
	log     *slog.Logger

	// Known reports whether there is a tenant. What is known of one that is gone is
	// forgotten, and nobody hears of it any more; nil knows all.
	Known func(context.Context, tenant.ID) (bool, error)

	packer packer // of Run alone, as is
	joined bool   // the others have heard of this process
}

// Share has c told to all that have the same names and Redis, which stays the
// caller's to close; Run must follow. Keys name no tenant to whoever reads them.
func Share(c *Counter, client redis.UniversalClient, names []byte, log *slog.Logger) *Shared {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed = map[tenant.ID]bool{}
	return &Shared{Counter: c, client: client, names: names, process: rand.Text(), log: log}
}

// Run tells the others until ctx ends, and then for the last time.
func (s *Shared) Run(ctx context.Context) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.tellNew(ctx)
		case <-ctx.Done():
			s.tellNew(context.WithoutCancel(ctx))
			return
		}
	}
}

// tellNew tells of the tenants of which something new was seen; what could not be
// told waits for the next time. Where Redis has forgotten this process it has forgotten
// what it was told: all is told again.
func (s *Shared) tellNew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	some := s.takeChanged()
	err := s.put(ctx, some)
	if err == nil {
		err = s.takeBackGone(ctx, some)
	}
	if err != nil {
		s.returnChanged(some)
		s.log.DebugContext(ctx, "the other processes are not told of the traffic yet", "tenants", len(some), "error", err)
	}
}

// takeBackGone forgets those of some that are gone, and what was told of them. It looks
// after they were told: who removes a tenant takes away what is there, and what comes
// after that finds it gone.
func (s *Shared) takeBackGone(ctx context.Context, some map[tenant.ID]bool) error {
	if s.Known == nil {
		return nil
	}
	for id := range some {
		there, err := s.Known(ctx, id)
		if err == nil && !there {
			s.Counter.Forget(id)
			err = s.client.Del(ctx, s.key(id, s.process)).Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Shared) put(ctx context.Context, some map[tenant.ID]bool) error {
	now, processes := s.now(), s.processes()
	var came *redis.IntCmd
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		came = p.ZAdd(ctx, processes, redis.Z{Score: float64(now.Unix()), Member: s.process})
		p.ZRemRangeByScore(ctx, processes, "-inf", strconv.FormatInt(now.Add(-keptFor).Unix(), 10))
		p.Expire(ctx, processes, keptFor)
		for id := range some {
			text, err := s.packer.pack(s.seen(id))
			if err != nil {
				return err
			}
			p.Set(ctx, s.key(id, s.process), text, keptFor)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if came.Val() == 1 && s.joined {
		s.markAll()
	}
	s.joined = true
	return nil
}

// takeChanged takes some of the tenants that the others have to be told of.
func (s *Shared) takeChanged() map[tenant.ID]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	some := map[tenant.ID]bool{}
	for id := range s.changed {
		if len(some) == tellAt {
			break
		}
		delete(s.changed, id)
		some[id] = true
	}
	return some
}

func (s *Shared) returnChanged(some map[tenant.ID]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range some {
		s.changed[id] = true
	}
}

// markAll has the others told of everything that is known.
func (s *Shared) markAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.tenants {
		s.changed[id] = true
	}
}

// Of returns what all processes saw of a tenant: this one until now, the others until
// a few seconds ago. Where Redis does not answer it is what this one saw.
func (s *Shared) Of(ctx context.Context, id tenant.ID) Picture {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	all := []seen{s.seen(id)}
	others, err := s.others(ctx, id)
	p := pictureOf(append(all, others...), s.now())
	p.Whole, p.Away = err == nil, err != nil
	return p
}

func (s *Shared) others(ctx context.Context, id tenant.ID) (all []seen, err error) {
	keys, err := s.keys(ctx, id, asked)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	texts, err := s.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, err
	}
	for i, text := range texts {
		told, ok := text.(string)
		if !ok || keys[i] == s.key(id, s.process) {
			continue // nothing was seen there, or it is this process
		}
		one, err := unpack(told)
		if err != nil {
			s.log.WarnContext(ctx, "what another process saw cannot be read", "error", err)
			continue
		}
		all = append(all, one)
	}
	return all, nil
}

// Forget removes what was told of a tenant, and what this process knows.
func (s *Shared) Forget(ctx context.Context, id tenant.ID) error {
	s.Counter.Forget(id)
	keys, err := s.keys(ctx, id, 0)
	if err != nil || len(keys) == 0 {
		return err
	}
	return s.client.Del(ctx, keys...).Err()
}

// Told counts the processes whose picture of a tenant is there.
func (s *Shared) Told(ctx context.Context, id tenant.ID) (int64, error) {
	keys, err := s.keys(ctx, id, 0)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	return s.client.Exists(ctx, keys...).Result()
}

// keys are those of the latest processes for a tenant, of so many or, 0, of all.
func (s *Shared) keys(ctx context.Context, id tenant.ID, most int64) ([]string, error) {
	latest, err := s.client.ZRevRange(ctx, s.processes(), 0, most-1).Result()
	for i, process := range latest {
		latest[i] = s.key(id, process)
	}
	return latest, err
}

// processes is where all stand that have told something, by when they did last.
func (s *Shared) processes() string {
	return "scimgate:traffic:processes:" + tenant.Named(s.names, "processes")
}

// key is where a process tells of a tenant. In a Cluster all of a tenant's are in one
// place, so that one command reads them.
func (s *Shared) key(id tenant.ID, process string) string {
	return "scimgate:traffic:{" + tenant.Named(s.names, string(id)) + "}:" + process
}
