package main

import (
	"io"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

// succeed replaces settings once the account has accepted the new ones.
func (f *connectionFlags) succeed(cmd *cobra.Command, o *operator, args []string, in admin.ConnectionInput) error {
	var c admin.ConnectionView
	if err := o.call(cmd.Context(), "PATCH", connectionPath(args), in, &c); err != nil {
		return err
	}
	if c.Next {
		return o.done(cmd, "The account does not accept the new settings yet; the earlier ones stay in force. Try again: scimgate connection test %s %s", args[0], args[1])
	}
	return o.done(cmd, "The account has accepted the new settings; they are in force.")
}

func newConnectionProbeCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "probe TENANT CONNECTION",
		Short: "Find out what the account can do, and keep it; nothing is created there",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showAnswer(cmd, o, "POST", connectionPath(args)+"/probe", nil, printProbe)
		},
	}
}

func printProbe(w io.Writer, view admin.ProbeView) {
	row(w, "As of "+view.At.Format(time.RFC3339))
	row(w, "WHAT", "WORKS", "STATUS", "TOLD")
	for _, f := range view.Findings {
		row(w, f.What, yesOrNo(f.Works), f.Status, f.Told)
	}
}
