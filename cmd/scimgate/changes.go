package main

import (
	"cmp"
	"errors"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newChangesCommand() *cobra.Command {
	o := new(operator)
	var of, actor, since, until, after string
	var limit int
	cmd := &cobra.Command{
		Use:   "changes",
		Short: "List who changed what, newest first",
		Long:  "List who changed what, on a running gateway, newest first: by the API, a command or the console.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			for name, text := range map[string]string{"actor": actor, "after": after} {
				if text != "" {
					query.Set(name, text)
				}
			}
			var from, to time.Time
			if err := errors.Join(readTime(&from, "since", since), readTime(&to, "until", until)); err != nil {
				return err
			}
			for name, at := range map[string]time.Time{"since": from, "until": to} {
				if !at.IsZero() {
					query.Set(name, at.UTC().Format(time.RFC3339Nano))
				}
			}
			path := "/changes"
			if of != "" {
				path = tenantPath(of) + path
			}
			return showAnswer(cmd, o, "GET", path+"?"+query.Encode(), nil, printChanges)
		},
	}
	o.addFlags(cmd.Flags())
	flags := cmd.Flags()
	flags.StringVar(&of, "tenant", "", "of this tenant (default: of all, and of none)")
	flags.StringVar(&actor, "actor", "", "by whom: a kind (operatorKey, cli, key, session, gateway), kind:id, or a name")
	flags.StringVar(&since, "since", "", "at this time or later (RFC 3339, or a duration such as 2h for ago)")
	flags.StringVar(&until, "until", "", "before this time")
	flags.StringVar(&after, "after", "", "go on after this change")
	flags.IntVar(&limit, "limit", 100, "how many, 500 at most")
	return cmd
}

// printChanges prints each change, and under it what it made different.
func printChanges(w io.Writer, page admin.ChangePage) {
	row(w, "AT", "TENANT", "WHO", "WHAT", "OUTCOME")
	for _, c := range page.Items {
		who := c.Actor.String()
		if c.Actor.Name != "" {
			who += " (" + c.Actor.Name + ")"
		}
		row(w, c.At.Format("2006-01-02 15:04:05"), cmp.Or(string(c.Tenant), "-"), who, c.Operation+" "+c.Resource, c.Outcome)
		if c.Note != "" {
			row(w, "", "", "", "  "+c.Note)
		}
		for _, d := range c.Differences {
			row(w, "", "", "", "  "+d.Path+": "+jsonOr(d.Before, "-")+" → "+jsonOr(d.After, "-"))
		}
		if c.More > 0 {
			row(w, "", "", "", "  and "+strconv.Itoa(c.More)+" more")
		}
	}
	if page.Next != "" {
		row(w, "")
		row(w, "More: --after "+page.Next)
	}
}

func jsonOr(text []byte, otherwise string) string {
	if len(text) == 0 {
		return otherwise
	}
	return string(text)
}
