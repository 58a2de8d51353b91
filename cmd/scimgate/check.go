package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/gateway"
)

func newCheckCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check configuration, stores and the accounts behind all connections",
		Long:  "Check takes the settings of `scimgate serve` and looks at everything that the gateway would stand on. Exit status 1 if something is wrong.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, secrets, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			status := exitError(0)
			gateway.Check(cmd.Context(), c, secrets, func(f gateway.Finding) {
				if !f.OK {
					status = 1
				}
				printFinding(cmd, f, asJSON)
			})
			if status != 0 {
				return status
			}
			return nil
		},
	}
	config.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func printFinding(cmd *cobra.Command, f gateway.Finding, asJSON bool) {
	out := cmd.OutOrStdout()
	switch {
	case asJSON:
		_ = json.NewEncoder(out).Encode(f)
	case f.OK:
		_, _ = fmt.Fprintf(out, "ok     %s\n", f.What)
	default:
		_, _ = fmt.Fprintf(out, "FAULT  %s: %s\n", f.What, f.Fault)
	}
}
