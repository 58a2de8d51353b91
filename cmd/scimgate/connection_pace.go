package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newConnectionPaceCommand(o *operator) *cobra.Command {
	var burst int
	cmd := &cobra.Command{
		Use:   "pace TENANT CONNECTION RATE|off",
		Short: "Send an account at most so many resources per second, over all processes; off: as fast as it answers",
		Example: "  scimgate connection pace acme appspace 5 --burst 20\n" +
			"  scimgate connection pace acme appspace off",
		Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := &admin.PaceInput{Burst: burst}
			if args[2] == "off" {
				in.Burst = 0
			} else if rate, err := strconv.ParseFloat(args[2], 64); err == nil && rate > 0 {
				in.Rate = rate
			} else {
				return errors.New("RATE: give resources per second, as in 5 or 0.5, or off")
			}
			if err := o.call(cmd.Context(), "PATCH", connectionPath(args[:2]), admin.ConnectionInput{Pace: in}, nil); err != nil {
				return err
			}
			if in.Rate == 0 {
				return o.done(cmd, "Connection %s of %s is sent to as fast as it answers.", args[1], args[0])
			}
			return o.done(cmd, "Connection %s of %s is sent %v resources per second at most, %d at once after a rest.", args[1], args[0], in.Rate, in.Burst)
		},
	}
	cmd.Flags().IntVar(&burst, "burst", 1, "at once after a rest")
	return cmd
}

func paceText(c admin.ConnectionView) string {
	if c.Pace == nil {
		return "-"
	}
	return fmt.Sprintf("%v/s, %d at once", c.Pace.Rate, c.Pace.Burst)
}
