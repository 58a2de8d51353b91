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
	var state, after string
	var limit int
	cmd := &cobra.Command{
		Use:   "list TENANT",
		Short: "List what is due, parked or held, in the order in which it is served",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			query := url.Values{"state": {state}, "after": {after}}
			page, err := upTo[admin.Owed](cmd.Context(), o, cmd.ErrOrStderr(), tenantPath(args[0])+"/deliveries", query, limit, atOnce)
			if err != nil {
				return err
			}
			return show(cmd, o, page, printOwed)
		},
	}
	cmd.Flags().StringVar(&state, "state", "due", "due, parked or held")
	cmd.Flags().StringVar(&after, "after", "", "what follows this position")
	cmd.Flags().IntVar(&limit, "limit", 500, "at most so many")
	return cmd
}

func printOwed(w io.Writer, all paged[admin.Owed]) {
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
