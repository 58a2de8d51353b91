package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/gateway"
	"scimgate/cmd/scimgate/moving"
	"scimgate/tenant"
)

func newExportCommand() *cobra.Command {
	var (
		out             string
		secrets, asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "export TENANT",
		Short: "Write a tenant into a file, out of the store that these settings name",
		Long: "Export takes the settings of `scimgate serve` that name the store (--data or --mongodb-uri) and writes a tenant " +
			"with its rules, users, groups and memberships into one file. Pause the tenant or stop the gateway meanwhile.\n\n" +
			"Without --secrets there are no credentials in it; with it, those of connections and the tokens, sealed and hashed as " +
			"they are in the store: they open only where the same sealing key is used. The file holds personal data. The store is told of the export " +
			"(scimgate changes), and must take a write.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names it
			if err != nil {
				return fmt.Errorf("--out: %w", err)
			}
			err = withStores(cmd, func(s moving.Stores, _ *config.Config) error {
				summary, owed, err := moving.Export(cmd.Context(), s, tenant.ID(args[0]), file, secrets, counting(cmd.ErrOrStderr()))
				if err != nil {
					return err
				}
				if owed > 0 {
					_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%d deletions are still owed to accounts, and are not in the file: let them be delivered before you switch over.\n", owed)
				}
				return tellMoved(cmd, "exported", tenant.ID(args[0]), summary, asJSON)
			})
			if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
				_ = os.Remove(out)
			}
			return err
		},
	}
	config.AddFlags(cmd.Flags())
	cmd.Flags().StringVar(&out, "out", "", "file to write; it must not be there")
	cmd.Flags().BoolVar(&secrets, "secrets", false, "with credentials and tokens, sealed and hashed")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the counts as one JSON object")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

func newImportCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make the tenant of a file, in the store that these settings name, and read it back",
		Long: "Import makes a tenant that scimgate export wrote, in whichever store --data or --mongodb-uri names. A gateway may " +
			"run on MongoDB meanwhile, not on the embedded store. A file with credentials needs the --key-file that they were made with. Ids stay, so the identity provider goes on as before; everything is " +
			"owed to the accounts anew, under the ids that they know. A tenant that is there is not touched.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = file.Close() }()
			return withStores(cmd, func(s moving.Stores, c *config.Config) error {
				keys, err := sealingKeys(c)
				if err != nil {
					return err
				}
				header, summary, err := moving.Import(cmd.Context(), s, keys, file, counting(cmd.ErrOrStderr()))
				switch {
				case errors.Is(err, tenant.ErrExists):
					return fmt.Errorf("tenant %s: it, or one of its tokens, is there already", header.Tenant)
				case errors.Is(err, moving.ErrKeys):
					return fmt.Errorf("%w than --key-file has: give the file's own (its lines may follow those of another), or export without --secrets; nothing was imported", err)
				case err != nil:
					return err
				}
				return tellMoved(cmd, "imported and read back", header.Tenant, summary, asJSON)
			})
		},
	}
	config.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the counts as one JSON object")
	return cmd
}

// withStores opens the stores that the settings of serve name.
func withStores(cmd *cobra.Command, use func(moving.Stores, *config.Config) error) error {
	c, err := config.Load(cmd.Flags(), os.Environ())
	if err != nil {
		return err
	}
	if err := c.Stores(); err != nil {
		return err
	}
	s, err := gateway.OpenStores(cmd.Context(), c)
	if err != nil {
		return err
	}
	return errors.Join(use(moving.Stores{Tenants: s.Tenants, Ledger: s.Ledger, Directory: s.Directory}, c), s.Close())
}

// sealingKeys loads the sealing keys; where none are named they are no keys, which made
// nothing.
func sealingKeys(c *config.Config) (*tenant.Keys, error) {
	text, err := c.SealingKeys()
	if err != nil {
		return nil, err
	}
	if text == nil {
		return new(tenant.Keys), nil
	}
	keys, err := tenant.LoadKeys(text)
	if err != nil {
		return nil, fmt.Errorf("key-file: %w", err)
	}
	return keys, nil
}

func counting(w io.Writer) func(int) {
	return func(n int) { _, _ = fmt.Fprintf(w, "%d users and groups so far\n", n) }
}

func tellMoved(cmd *cobra.Command, what string, id tenant.ID, s moving.Summary, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(s)
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "Tenant %s is %s: %d users, %d groups, %d members, content %.16s.\n", id, what, s.Users, s.Groups, s.Members, s.Content)
	return err
}
