package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"scimgate/ratelimit"
	"scimgate/tenant"
)

// Limits beside a tenant's own.
var (
	// strangers is what one network may show of bad credentials (design 6.16):
	// enough for an administrator who tries, too little to look for a token.
	strangers = ratelimit.Limit{Rate: 10, Burst: 100}
	// leastReserved is the least that a tenant's reserved lane lets through.
	leastReserved = ratelimit.Limit{Rate: 5, Burst: 20}
)

// charge takes a request from its tenant's allowance, whose token is verified by
// now, so that nobody else can use it up. It paces before it refuses: Entra
// quarantines for refusals, not for delay.
func (c *call) charge(path string) error {
	if c.Limits == nil {
		return nil
	}
	var own ratelimit.Decision // of the reserved lane
	if urgent(c.r.Method, path) {
		if own = c.take(c.reserved()); atOnce(own) {
			c.decided(LaneReserved, VerdictAllowed)
			return nil
		}
	} else if c.beside(path) {
		return nil
	}
	class := classOf(c.r.Method, path)
	limit := c.tenant.Settings.LimitOf(class)
	d := c.take(class.Key(c.tenant.ID), limit)
	c.showLimit(class, limit, d)
	if !atOnce(d) && c.disables(path) {
		if own = c.take(c.reserved()); atOnce(own) {
			c.decided(LaneReserved, VerdictAllowed)
			return nil
		}
	}
	d = sooner(own, d)
	c.decided(laneOf(class), verdictOf(d))
	return c.obey(d)
}

func atOnce(d ratelimit.Decision) bool { return d.Allowed && d.Wait == 0 }

// classOf is what a request is charged as. A search by POST reads (RFC 7644 §3.4.3).
func classOf(method, path string) tenant.Class {
	switch {
	case readMethod(method) == http.MethodGet, method == http.MethodOptions, strings.HasSuffix(path, "/.search"):
		return tenant.Reading
	default:
		return tenant.Writing
	}
}

func laneOf(class tenant.Class) Lane {
	if class == tenant.Reading {
		return LaneRead
	}
	return LaneWrite
}

// urgent reports whether a request goes before others of its tenant: whoever
// leaves does not queue behind whoever joins, and Entra's connection test says
// what is true of the connection. What a PATCH disables only its body tells.
func urgent(method, path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "ServiceProviderConfig", "ResourceTypes", "Schemas":
		return readMethod(method) == http.MethodGet || method == http.MethodOptions
	default:
		return method == http.MethodDelete
	}
}

// reserved is the lane of what is urgent: a tenth more than the tenant may have
// besides.
func (c *call) reserved() (key string, l ratelimit.Limit) {
	l = c.tenant.Settings.LimitOf(tenant.Writing)
	l.Rate, l.Burst = max(l.Rate/10, leastReserved.Rate), max(l.Burst/10, leastReserved.Burst)
	return tenant.Reserved.Key(c.tenant.ID), l
}

// sooner is the better one of two decisions.
func sooner(a, b ratelimit.Decision) ratelimit.Decision {
	if a.Allowed && (!b.Allowed || a.Wait < b.Wait) {
		return a
	}
	return b
}

// admit charges one operation of a bulk request as a request of its own.
func (c *call) admit() error {
	if c.Limits == nil {
		return nil
	}
	d := c.take(tenant.Writing.Key(c.tenant.ID), c.tenant.Settings.LimitOf(tenant.Writing))
	c.decided(LaneWrite, verdictOf(d))
	return c.obey(d)
}

// take charges one request. A limiter that cannot answer limits nobody.
func (c *call) take(key string, l ratelimit.Limit) ratelimit.Decision {
	d, err := c.Limits.Take(c.ctx, key, l, 1)
	if err != nil {
		c.Log.LogAttrs(c.ctx, slog.LevelWarn, "rate limit not known, going on without", slog.Any("error", err))
		return ratelimit.Decision{Allowed: true, Remaining: l.OrDefault().Burst}
	}
	return d
}

// obey does what a decision says.
func (c *call) obey(d ratelimit.Decision) error {
	switch {
	case !d.Allowed:
		return tooManyRequests(d.RetryAfter)
	case d.Wait > 0:
		return hold(c.ctx, d.Wait)
	}
	return nil
}

func hold(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refused charges a bad credential to the network that it came from, and never to
// the tenant that it names: a stranger could use that one up. Who is refused is
// refused alike; only how soon depends on the network.
func (c *call) refused(err error) error {
	if c.Limits == nil || !errors.Is(err, tenant.ErrUnauthorized) {
		return err
	}
	d := c.take("network/"+ratelimit.Network(c.r.RemoteAddr), strangers)
	c.decided(LaneNetwork, verdictOf(d))
	if fault := c.obey(d); fault != nil {
		return fault
	}
	return err
}
