package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

// guardFlags are the thresholds of the mass-change guard. What is not given stays.
type guardFlags struct {
	least, percent int
	off            bool
}

func (f *guardFlags) add(flags *pflag.FlagSet) {
	flags.IntVar(&f.least, "guard-least", 0, "users that may leave an account within an hour in any case (0: 20)")
	flags.IntVar(&f.percent, "guard-percent", 0, "share of the tenant's users that may (0: 10); more are held until released")
	flags.BoolVar(&f.off, "guard-off", false, "hold nobody, however many leave")
}

func (f *guardFlags) input(changed func(string) bool) *admin.GuardInput {
	in := new(admin.GuardInput)
	if changed("guard-least") {
		in.Least = &f.least
	}
	if changed("guard-percent") {
		in.Percent = &f.percent
	}
	if changed("guard-off") {
		in.Off = &f.off
	}
	if *in == (admin.GuardInput{}) {
		return nil
	}
	return in
}

func guardText(g tenant.Guard) string {
	if g.Off {
		return "off"
	}
	g = g.Filled()
	return fmt.Sprintf("%d users or %d %% of them within an hour", g.Least, g.Percent)
}
