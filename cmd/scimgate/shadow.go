package main

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
	"scimgate/connectors/delivery"
)

func newConnectionShadowCommand(o *operator) *cobra.Command {
	var off bool
	cmd := &cobra.Command{
		Use:   "shadow TENANT CONNECTION",
		Short: "Send nothing to a connection, and work out what would be sent; with --off, send it",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			on := !off
			if err := o.call(cmd.Context(), "PATCH", connectionPath(args), admin.ConnectionInput{Shadow: &on}, nil); err != nil {
				return err
			}
			if off {
				return o.done(cmd, "Connection %s of %s is out of the shadow.", args[1], args[0])
			}
			return o.done(cmd, "Connection %s of %s is in shadow. See: scimgate deliveries shadow %s", args[1], args[0], args[0])
		},
	}
	cmd.Flags().BoolVar(&off, "off", false, "end the shadow")
	return cmd
}

func newDeliveriesShadowCommand(o *operator) *cobra.Command {
	var (
		connection string
		limit      int
		values     bool
	)
	cmd := &cobra.Command{
		Use:   "shadow TENANT",
		Short: "Work out what would be sent of what is due, and send nothing",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			query := url.Values{"connection": {connection}, "limit": {fmt.Sprint(limit)}, "values": {fmt.Sprint(values)}}
			return showAnswer(cmd, o, "GET", tenantPath(args[0])+"/deliveries/shadow?"+query.Encode(), nil, printPlanned)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&connection, "connection", "", "at this connection alone")
	flags.IntVar(&limit, "limit", 50, "how many of what is due, 200 at most")
	flags.BoolVar(&values, "values", false, "with --json: show values, too")
	return cmd
}

func printPlanned(w io.Writer, all items[admin.Planned]) {
	row(w, "CONNECTION", "TYPE", "ID", "OPERATION", "SENT", "TAKEN AWAY")
	for _, p := range all.Items {
		row(w, p.Connection, p.ResourceType, p.ID, p.Op, or(strings.Join(p.Paths, " "), or(p.Reason, "-")), or(strings.Join(p.Clears, " "), "-"))
	}
}

// sending is whether a connection is sent what it is owed.
func sending(c admin.ConnectionView) string {
	if c.Shadow && !c.Paused {
		return "shadow"
	}
	return onOrPaused(c.Paused)
}

// breaker is where a connection's breaker stands, and why.
func breaker(c admin.ConnectionView) string {
	switch b := c.Breaker; {
	case b == nil:
		return "-"
	case b.State == delivery.BreakerClosed:
		return string(b.State)
	default:
		return fmt.Sprintf("%s (%s)", b.State, b.Cause)
	}
}
