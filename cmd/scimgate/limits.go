package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"scimgate/cmd/scimgate/admin"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// classes are the kinds of requests that a tenant can have a limit of.
var classes = []struct {
	flag, what string
	of         func(*tenant.Limits) *ratelimit.Limit
	in         func(*admin.LimitsInput) **admin.ClassLimitInput
}{
	{"read-limit", "reading", func(l *tenant.Limits) *ratelimit.Limit { return &l.Read }, func(in *admin.LimitsInput) **admin.ClassLimitInput { return &in.Read }},
	{"write-limit", "changes", func(l *tenant.Limits) *ratelimit.Limit { return &l.Write }, func(in *admin.LimitsInput) **admin.ClassLimitInput { return &in.Write }},
	{"token-limit", "access tokens", func(l *tenant.Limits) *ratelimit.Limit { return &l.Token }, func(in *admin.LimitsInput) **admin.ClassLimitInput { return &in.Token }},
}

// classFlags are the limits by class. What is not given stays.
type classFlags struct{ given [3]limitFlag }

func (f *classFlags) add(flags *pflag.FlagSet) {
	for i, class := range classes {
		flags.Var(&f.given[i], class.flag, "limit of "+class.what+" alone: requests per second, and at once after a rest; or default, which is none of its own")
	}
}

func (f *classFlags) input() *admin.LimitsInput {
	in := new(admin.LimitsInput)
	for i, class := range classes {
		if given := f.given[i]; given.set {
			*class.in(in) = &admin.ClassLimitInput{Rate: given.rate, Burst: given.burst}
		}
	}
	if *in == (admin.LimitsInput{}) {
		return nil
	}
	return in
}

// limitFlag is a limit on a command line: 50/200, or default.
type limitFlag struct {
	rate  float64
	burst int
	set   bool
}

func (f *limitFlag) Type() string { return "RATE/BURST" }

func (f *limitFlag) String() string {
	if !f.set || f.rate == 0 {
		return ""
	}
	return fmt.Sprintf("%v/%d", f.rate, f.burst)
}

// Set reads it.
func (f *limitFlag) Set(text string) error {
	if text == "default" {
		*f = limitFlag{set: true}
		return nil
	}
	first, second, _ := strings.Cut(text, "/")
	rate, odd := strconv.ParseFloat(first, 64)
	burst, failed := strconv.Atoi(second)
	if odd != nil || failed != nil || !(rate > 0 && rate <= 1_000_000) || burst < 1 {
		return errors.New("give requests per second and how many at once, as in 50/200, or default")
	}
	*f = limitFlag{rate, burst, true}
	return nil
}

func limitText(l ratelimit.Limit) string {
	return fmt.Sprintf("%v requests/s, %d at once", l.Rate, l.Burst)
}
