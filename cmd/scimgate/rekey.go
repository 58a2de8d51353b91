package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newRekeyCommand() *cobra.Command {
	o := new(operator)
	cmd := &cobra.Command{
		Use:   "rekey",
		Short: "Seal everything under the newest key of the key file, while the gateway runs",
		Long: "Seal everything under the newest key of the key file, while the gateway runs.\n\n" +
			"To rotate the sealing key without downtime:\n" +
			"  1. add a new key (openssl rand -base64 32) below the old one, and restart each process: all know both\n" +
			"  2. move it to the top, and restart each process: what is new is made with it\n" +
			"  3. run scimgate rekey: each tenant's data key, which seals what is kept of the tenant, is sealed anew\n" +
			"  4. when it says that nothing waits for its next use, take the old key out, an hour later at the earliest, and restart\n" +
			"One process alone may begin with step 2. The key file is read when a process starts.\n\n" +
			"Run it once, too, when all processes are of a build that has data keys: tenants of before are given theirs.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := rekeyAll(cmd, o)
			if err != nil {
				return err
			}
			return show(cmd, o, all, printRekeyed)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// rekeyAll goes through all tenants page by page, and tells on standard error how
// far it is.
func rekeyAll(cmd *cobra.Command, o *operator) (all admin.Rekeyed, err error) {
	all.Waiting = []admin.OldHash{}
	for {
		var page admin.Rekeyed
		if err := o.call(cmd.Context(), "POST", "/rekey", admin.RekeyInput{After: all.After}, &page); err != nil {
			return all, err
		}
		all.Tenants, all.Connections, all.Resealed = all.Tenants+page.Tenants, all.Connections+page.Connections, all.Resealed+page.Resealed
		all.DataKeys += page.DataKeys
		all.Waiting, all.After = append(all.Waiting, page.Waiting...), page.After
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%d tenants, %d data keys and %d of %d connections sealed anew\n", all.Tenants, all.DataKeys, all.Resealed, all.Connections)
		if all.After == "" {
			return all, nil
		}
	}
}

func printRekeyed(w io.Writer, all admin.Rekeyed) {
	row(w, fmt.Sprintf("All data keys of %d tenants are sealed under the newest key, and the settings of their %d connections by those.", all.Tenants, all.Connections))
	if len(all.Waiting) == 0 {
		row(w, "No token stands under an older key: it can be taken out of the key file.")
		return
	}
	row(w, "These still stand under an older key and move when they are used next; taken out, it would end them:")
	for _, old := range all.Waiting {
		used := "never used"
		if !old.LastUsed.IsZero() {
			used = "last used " + old.LastUsed.Format("2006-01-02 15:04")
		}
		row(w, "  "+string(old.Tenant), old.ID, old.Label, used)
	}
}
