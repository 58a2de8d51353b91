package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/entra"
)

func newEntraDrillCommand() *cobra.Command {
	var (
		e endpoint
		x entra.Exercise
	)
	cmd := &cobra.Command{
		Use:   "drill",
		Short: "Play all that Entra and Okta are known to send, and tell row by row what the endpoint takes",
		Long: "Drill plays the requests of Entra (in both dialects of PATCH) and of Okta against any SCIM endpoint, and " +
			"prints a row for each thing that they do, with where it is written.\n\n" +
			"It makes users and groups under names that no run had before, changes only those, and removes them, also when it " +
			"is interrupted. A scimgate keeps them from the account, unless --deliver is given. It asks one thing at a time and " +
			"waits when it is told to.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			x.Progress = stageLine(cmd.ErrOrStderr())
			return e.run(cmd, 1, func(c *entra.Client) (ok bool, result any, err error) {
				r, err := entra.Drill(cmd.Context(), c, x)
				if err == nil && !e.json {
					err = printDrilled(cmd.OutOrStdout(), r)
				}
				return r.OK, r, err
			})
		},
	}
	e.addFlags(cmd)
	cmd.Flags().StringSliceVar(&x.Areas, "area", nil, "only these areas: "+strings.Join(entra.Areas(), ", "))
	cmd.Flags().BoolVar(&x.Deliver, "deliver", false, "have a scimgate deliver what is made to the account, too")
	cmd.Flags().StringVar(&x.Prefix, "prefix", "", "of all names (default: one that no run had before)")
	return cmd
}

// stageLine writes over one line of a terminal.
func stageLine(w io.Writer) func(entra.Stage) {
	return func(s entra.Stage) {
		end := ""
		if s.Row == "" {
			end = "\n"
		}
		_, _ = fmt.Fprintf(w, "\r\x1b[K%d of %d rows, %d failed  %.60s%s", s.Done, s.Of, s.Failed, s.Row, end)
	}
}

// printDrilled prints the table, then what went wrong, then the sum.
func printDrilled(w io.Writer, r entra.Drilled) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, line := range r.Rows {
		verdict := "pass"
		if !line.OK {
			verdict = "FAIL"
		}
		row(table, verdict, line.Area, line.Name, line.Source)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, line := range r.Rows {
		printFault(w, line)
	}
	_, err := fmt.Fprintf(w, "\n%d of %d rows pass, %d fail; %d requests in %.1f s.\n", r.Passed, len(r.Rows), r.Failed, r.Requests, r.Seconds)
	if r.Waits > 0 {
		_, _ = fmt.Fprintf(w, "%d times the endpoint asked to come again later.\n", r.Waits)
	}
	if r.Stopped != "" {
		_, _ = fmt.Fprintf(w, "The drill ended before its time: %s.\n", r.Stopped)
	}
	for _, left := range r.Left {
		_, _ = fmt.Fprintf(w, "LEFT BEHIND, for you to remove: %s\n", left)
	}
	return err
}

// printFault prints what went wrong in a row: the last change, and what was asked
// and answered from there on.
func printFault(w io.Writer, line entra.Row) {
	if line.OK {
		return
	}
	_, _ = fmt.Fprintf(w, "\nFAIL  %s: %s\n      %s\n      by %s\n", line.Area, line.Name, line.Reason, line.Source)
	from := 0
	for i, e := range line.Exchanges {
		if !strings.HasPrefix(e.Asked, "GET ") {
			from = i
		}
	}
	for _, e := range line.Exchanges[from:] {
		_, _ = fmt.Fprintf(w, "      asked     %s\n      answered  %s\n", e.Asked, e.Answered)
	}
}
