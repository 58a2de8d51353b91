package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newDeliveriesCommand() *cobra.Command {
	o := new(operator)
	return o.group("deliveries", "List what is owed to a tenant's accounts, and decide on what is held",
		newDeliveriesListCommand(o), newDeliveriesShadowCommand(o),
		newDecideCommand(o, "release", "Let users leave whom the mass-change guard holds", "%d may leave now."),
		newDecideCommand(o, "discard", "Keep users at the account whom the mass-change guard holds, until their next change", "%d stay as they are."),
	)
}

func newDeliveriesListCommand(o *operator) *cobra.Command {
	var state string
	cmd := &cobra.Command{
		Use:   "list TENANT",
		Short: "List what is due, parked or held, in the order in which it is served",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := tenantPath(args[0]) + "/deliveries?state=" + url.QueryEscape(state)
			return showAnswer(cmd, o, "GET", path, nil, printOwed)
		},
	}
	cmd.Flags().StringVar(&state, "state", "due", "due, parked or held")
	return cmd
}

func printOwed(w io.Writer, all items[admin.Owed]) {
	row(w, "CONNECTION", "TYPE", "ID", "NAME", "STATE", "DELETED", "REASON")
	for _, d := range all.Items {
		reason := "-"
		if d.Failure != nil {
			reason = d.Failure.Reason
		}
		row(w, d.Connection, d.ResourceType, d.ID, or(d.UserName, "-"), d.State, d.Deleted, reason)
	}
}

// newDecideCommand makes release or discard.
func newDecideCommand(o *operator, verb, short, done string) *cobra.Command {
	var (
		in  admin.HeldInput
		all bool
	)
	cmd := &cobra.Command{
		Use:   verb + " TENANT",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(in.IDs) == 0) != all {
				return errors.New("say whom: either --all that are held now, or some by --id")
			}
			return showAnswer(cmd, o, "POST", tenantPath(args[0])+"/deliveries/"+verb, in, func(w io.Writer, decided admin.Decided) {
				row(w, fmt.Sprintf(done, decided.Resources))
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&all, "all", false, "all that are held now")
	flags.StringSliceVar(&in.IDs, "id", nil, "the user with this id; may be repeated")
	flags.StringVar(&in.Connection, "connection", "", "at this connection alone")
	return cmd
}
