package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/gateway"
)

func newBackupCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the embedded store into a new file, while the gateway runs",
		Long: "Backup takes --data and copies the whole embedded store, as it is at one moment, into one file, and reads the copy through. " +
			"The gateway goes on meanwhile. To restore it put the file, as scimgate.db, into an empty folder and give that as --data, with the key file " +
			"that was used then: without it no credential opens. README.md tells what else a restore needs. MongoDB is copied by its own tools.\n\n" +
			"The file holds personal data.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := config.Load(cmd.Flags(), os.Environ())
			switch {
			case err != nil:
				return err
			case c.MongoDBURI != "":
				return errors.New("mongodb-uri is set: MongoDB is copied by its own tools")
			case c.Data == config.InMemory:
				return errors.New("data: what is kept in memory has no copy")
			}
			kept, err := gateway.Backup(cmd.Context(), c.Data, args[0])
			if err != nil {
				return err
			}
			return show(cmd, &operator{json: asJSON}, kept, func(w io.Writer, k gateway.Kept) {
				row(w, fmt.Sprintf("%s holds %d tenants with %d users and groups.", args[0], k.Tenants, k.Resources))
			})
		},
	}
	config.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}
