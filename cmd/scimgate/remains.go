package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/gateway"
	"scimgate/tenant"
)

func newRemainsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "remains TENANT",
		Short: "Search the whole store for what is left of a tenant that was deleted",
		Long: "Remains takes the settings of `scimgate serve` that name the store (--data or --mongodb-uri) and searches every table " +
			"or collection for what belongs to a tenant; with --redis-url and --key-file, by which all there is named, Redis too. Exit status 1 if there is anything. Backups hold a tenant as long as they are kept.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := config.Load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			if err := c.Stores(); err != nil {
				return err
			}
			found, err := gateway.Remains(cmd.Context(), c, tenant.ID(args[0]))
			if err != nil {
				return err
			}
			return tellRemains(cmd, found, asJSON)
		},
	}
	config.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func tellRemains(cmd *cobra.Command, found []gateway.Remain, asJSON bool) error {
	left := int64(0)
	for _, r := range found {
		left += r.Count
	}
	o := &operator{json: asJSON}
	err := show(cmd, o, remaining{left, found}, func(w io.Writer, r remaining) {
		for _, one := range r.Searched {
			row(w, one.In, one.Count)
		}
		row(w, "altogether", r.Left)
	})
	if err == nil && left > 0 {
		return exitError(1)
	}
	return err
}

// remaining is what a search found.
type remaining struct {
	Left     int64            `json:"left"`
	Searched []gateway.Remain `json:"searched"`
}
