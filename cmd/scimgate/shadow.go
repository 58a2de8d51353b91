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
		connection, after string
		limit             int
		values            bool
	)
	cmd := &cobra.Command{
		Use:   "shadow TENANT",
		Short: "Work out what would be sent of what is due, and send nothing",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			query := url.Values{"connection": {connection}, "after": {after}, "values": {fmt.Sprint(values)}}
			page, err := upTo[admin.Planned](cmd.Context(), o, cmd.ErrOrStderr(), tenantPath(args[0])+"/deliveries/shadow", query, limit, 200)
			if err != nil {
				return err
			}
			return show(cmd, o, page, printPlanned)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&connection, "connection", "", "at this connection alone")
	flags.IntVar(&limit, "limit", 50, "at most so many of what is due")
	flags.StringVar(&after, "after", "", "what follows this position")
	flags.BoolVar(&values, "values", false, "with --json: show values, too")
	return cmd
}

func printPlanned(w io.Writer, all paged[admin.Planned]) {
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
