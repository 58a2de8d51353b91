package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newTenantCommand() *cobra.Command {
	o := new(operator)
	return o.group("tenant", "Make, change, show and delete tenants",
		newTenantCreateCommand(o), newTenantSetCommand(o), newTenantListCommand(o), newTenantShowCommand(o), newTenantDeleteCommand(o),
		newTenantLedgerCommand(o))
}

// tenantFlags are what create and set have in common. What is not given stays.
type tenantFlags struct {
	name, onDelete string
	rate           float64
	burst          int
	paused, strict bool
	limits         classFlags
	guard          guardFlags
}

func (f *tenantFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "name for people")
	flags.StringVar(&f.onDelete, "on-delete", "", "what the account does with a deleted user: suspend (default) or delete")
	flags.Float64Var(&f.rate, "rate", 0, "requests per second, sustained (with --burst)")
	flags.IntVar(&f.burst, "burst", 0, "requests at once after a rest (with --rate)")
	flags.BoolVar(&f.paused, "paused", false, "answer the identity provider 503 until resumed")
	flags.BoolVar(&f.strict, "strict", false, "refuse what the RFCs do not allow, instead of reading it kindly")
	cmd.MarkFlagsRequiredTogether("rate", "burst")
	f.limits.add(flags)
	f.guard.add(flags)
}

func (f *tenantFlags) settings(cmd *cobra.Command) *admin.SettingsInput {
	in := new(admin.SettingsInput)
	changed := cmd.Flags().Changed
	if changed("on-delete") {
		in.OnDelete = &f.onDelete
	}
	if changed("rate") {
		in.Limit = &admin.LimitInput{Rate: f.rate, Burst: f.burst}
	}
	if changed("paused") {
		in.Paused = &f.paused
	}
	if changed("strict") {
		in.Strict = &f.strict
	}
	in.Limits = f.limits.input()
	in.Guard = f.guard.input(changed)
	if *in == (admin.SettingsInput{}) {
		return nil
	}
	return in
}

func newTenantCreateCommand(o *operator) *cobra.Command {
	var f tenantFlags
	cmd := &cobra.Command{
		Use:   "create TENANT",
		Short: "Make a tenant; its id is the slug in the Tenant URL",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := admin.TenantInput{ID: args[0], DisplayName: f.name, Settings: f.settings(cmd)}
			return showTenant(cmd, o, "POST", "/tenants", in)
		},
	}
	f.add(cmd)
	return cmd
}

func newTenantSetCommand(o *operator) *cobra.Command {
	var f tenantFlags
	cmd := &cobra.Command{
		Use:   "set TENANT",
		Short: "Change a tenant; what is not given stays",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := admin.TenantChange{Settings: f.settings(cmd)}
			if cmd.Flags().Changed("name") {
				in.DisplayName = &f.name
			}
			return showTenant(cmd, o, "PATCH", tenantPath(args[0]), in)
		},
	}
	f.add(cmd)
	return cmd
}

func newTenantShowCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "show TENANT",
		Short: "Show a tenant",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showTenant(cmd, o, "GET", tenantPath(args[0]), nil)
		},
	}
}

func newTenantListCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all tenants",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := allTenants(cmd, o)
			if err != nil {
				return err
			}
			return show(cmd, o, all, printTenants)
		},
	}
}

func allTenants(cmd *cobra.Command, o *operator) (items[admin.TenantView], error) {
	return allOf(cmd.Context(), o, "/tenants", func(t admin.TenantView) string { return string(t.ID) })
}

func newTenantDeleteCommand(o *operator) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete TENANT",
		Short: "Remove a tenant and everything kept of it; its account stays as it is",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !yes {
				return errors.New("this removes the tenant's users, tokens and rules from scimgate for good; say so with --yes")
			}
			if err := o.call(cmd.Context(), "DELETE", tenantPath(args[0]), nil, nil); err != nil {
				return err
			}
			return o.done(cmd, "Tenant %s is gone.", args[0])
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "really")
	return cmd
}

func tenantPath(id string) string { return "/tenants/" + url.PathEscape(id) }

func showTenant(cmd *cobra.Command, o *operator, method, path string, in any) error {
	return showAnswer(cmd, o, method, path, in, printTenant)
}

func printTenant(w io.Writer, t admin.TenantView) {
	row(w, "Tenant", t.ID)
	row(w, "Name", t.DisplayName)
	row(w, "Tenant URL", t.TenantURL)
	row(w, "Paused", t.Settings.Paused)
	row(w, "Strict", t.Settings.Strict)
	row(w, "On delete", or(string(t.Settings.OnDelete), "suspend"))
	if limit := t.Settings.Limit; limit.Rate > 0 {
		row(w, "Limit", limitText(limit))
	}
	for _, class := range classes {
		if l := *class.of(&t.Settings.Limits); l.Rate > 0 {
			row(w, "Limit of "+class.what, limitText(l))
		}
	}
	row(w, "Guard", guardText(t.Settings.Guard))
	for _, c := range t.Connections {
		row(w, "Connection", fmt.Sprintf("%s (%s, %s)", c.ID, c.Kind, sending(c)))
	}
	for _, a := range t.Attributes {
		row(w, "Attribute", fmt.Sprintf("%s (%s)", a.Property, a.Type))
	}
	row(w, "Rules", fmt.Sprintf("version %d", t.RulesRev))
}

func printTenants(w io.Writer, all items[admin.TenantView]) {
	row(w, "TENANT", "NAME", "CONNECTIONS", "STATE")
	for _, t := range all.Items {
		row(w, t.ID, t.DisplayName, len(t.Connections), onOrPaused(t.Settings.Paused))
	}
}

func onOrPaused(paused bool) string {
	if paused {
		return "paused"
	}
	return "on"
}
