package main

import (
	"cmp"
	"io"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

func newKeyCommand() *cobra.Command {
	o := new(operator)
	return o.group("key", "Make, list and revoke keys of the operator's API", newKeyNewCommand(o), newKeyListCommand(o), newKeyRevokeCommand(o))
}

// keysOf is where the API has a tenant's own keys, or all of them.
func keysOf(tenant string) string {
	if tenant == "" {
		return "/keys"
	}
	return tenantPath(tenant) + "/keys"
}

func newKeyNewCommand(o *operator) *cobra.Command {
	var of, role, scope string
	var days int
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Make an API key and print it, this once",
		Long: "Make an API key and print it, this once. With --tenant it is the tenant's own, for its administrator or for support; " +
			"without, it is an operator's, for all tenants or, with --scope, for one.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var in any = admin.OperatorKeyInput{Name: args[0], Role: tenant.Role(cmp.Or(role, "operator")), Tenant: tenant.ID(scope), ExpiresInDays: days}
			if of != "" {
				in = admin.KeyInput{Name: args[0], Role: tenant.Role(cmp.Or(role, "administrator")), ExpiresInDays: days}
			}
			return showAnswer(cmd, o, "POST", keysOf(of), in, printMadeKey)
		},
	}
	cmd.Flags().StringVar(&of, "tenant", "", "the tenant whose own key it is")
	cmd.Flags().StringVar(&scope, "scope", "", "the one tenant that an operator's key is for (default: all)")
	cmd.Flags().StringVar(&role, "role", "", "operator or support; with --tenant administrator or support (default: the first)")
	cmd.Flags().IntVar(&days, "expires-in-days", admin.DefaultKeyDays, "days that it lives")
	cmd.MarkFlagsMutuallyExclusive("tenant", "scope")
	return cmd
}

func newKeyListCommand(o *operator) *cobra.Command {
	var of string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List API keys by id, without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := allOf(cmd.Context(), o, keysOf(of), func(k tenant.APIKey) string { return k.ID })
			if err != nil {
				return err
			}
			return show(cmd, o, all, printKeys)
		},
	}
	cmd.Flags().StringVar(&of, "tenant", "", "the tenant whose own keys are listed (default: all keys)")
	return cmd
}

func newKeyRevokeCommand(o *operator) *cobra.Command {
	var of string
	cmd := &cobra.Command{
		Use:   "revoke ID",
		Short: "End an API key at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.call(cmd.Context(), "DELETE", keysOf(of)+"/"+url.PathEscape(args[0]), nil, nil); err != nil {
				return err
			}
			return o.done(cmd, "Key %s is revoked.", args[0])
		},
	}
	cmd.Flags().StringVar(&of, "tenant", "", "the tenant whose own key it is")
	return cmd
}

func printMadeKey(w io.Writer, m admin.MadeKey) {
	row(w, "Key", m.Secret)
	row(w, "Key id", m.ID)
	row(w, "Role", m.Role)
	row(w, "Tenant", cmp.Or(m.Tenant, "all"))
	row(w, "Expires", m.Expires.Format(time.DateOnly))
	row(w, "")
	row(w, "Copy the key now: it cannot be shown again.")
}

func printKeys(w io.Writer, keys items[tenant.APIKey]) {
	row(w, "KEY ID", "NAME", "ROLE", "TENANT", "MADE BY", "EXPIRES", "LAST USED")
	for _, k := range keys.Items {
		used := "never"
		if !k.LastUsed.IsZero() {
			used = k.LastUsed.Format("2006-01-02 15:04")
		}
		row(w, k.ID, k.Name, k.Role, cmp.Or(k.Tenant, "all"), k.Author, k.Expires.Format(time.DateOnly), used)
	}
}
