package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim/directory"
)

func newReplayCommand() *cobra.Command {
	var (
		o                   operator
		in                  admin.ReplayInput
		state, since, until string
		all                 bool
	)
	cmd := &cobra.Command{
		Use:   "replay TENANT",
		Short: "Send a tenant's users and groups to its accounts again, as they are now; safe to repeat",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.State = directory.State(state)
			if err := errors.Join(readTime(&in.Since, "since", since), readTime(&in.Until, "until", until)); err != nil {
				return err
			}
			if in == (admin.ReplayInput{Connection: in.Connection}) && !all {
				return errors.New("this picks every user and group of the tenant; say so with --all, or pick by --id, --filter, --state, --class, --since or --until")
			}
			return showAnswer(cmd, &o, "POST", tenantPath(args[0])+"/deliveries/replay", in, func(w io.Writer, done admin.Replayed) {
				row(w, fmt.Sprintf("%d users and groups are due again.", done.Resources))
			})
		},
	}
	o.addFlags(cmd.Flags())
	flags := cmd.Flags()
	flags.BoolVar(&all, "all", false, "every user and group of the tenant")
	flags.StringVar(&in.Connection, "connection", "", "to this connection alone")
	flags.StringVar(&in.ID, "id", "", "the user or group with this id")
	flags.StringVar(&in.Filter, "filter", "", "users that this SCIM filter matches")
	flags.StringVar(&state, "state", "", "those in this state: clean, due, parked or held")
	flags.StringVar(&in.Class, "class", "", "those whose last failure is of this class, as in rejected")
	flags.StringVar(&since, "since", "", "those changed at this time or later (RFC 3339, or a duration such as 2h for ago)")
	flags.StringVar(&until, "until", "", "those changed before this time")
	return cmd
}

// readTime reads a time as a person gives it: a date and time, or how long ago.
func readTime(at *time.Time, name, text string) error {
	if text == "" {
		return nil
	}
	if ago, err := time.ParseDuration(text); err == nil {
		*at = time.Now().Add(-ago).UTC()
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("--%s: %q is neither a time such as 2026-11-26T08:00:00Z nor a duration such as 2h", name, text)
	}
	*at = t.UTC()
	return nil
}
