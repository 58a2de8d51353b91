package main

import (
	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

func newConnectionAdoptCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "adopt TENANT CONNECTION ask|userName|externalId",
		Short: "Say which users that the account has already become the tenant's; an administrator never does",
		Args:  cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := admin.ConnectionInput{Adopt: tenant.Adopt(args[2])}
			if err := o.call(cmd.Context(), "PATCH", connectionPath(args[:2]), in, nil); err != nil {
				return err
			}
			return o.done(cmd, "Connection %s of %s adopts by %s.", args[1], args[0], args[2])
		},
	}
}
