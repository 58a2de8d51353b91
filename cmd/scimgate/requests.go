package main

import (
	"io"
	"time"

	"github.com/spf13/cobra"

	"scimgate/scim/server"
)

func newTenantRequestsCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "requests TENANT",
		Short: "List the identity provider's last requests, newest first: searches and refusals too, without values",
		Long: "List the last requests of the tenant's identity provider, newest first, without values: those that all processes answered which share a Redis, " +
			"else those of the process behind --admin-url. What changed something, or a resource refused, is in the journal, of all processes and for longer.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showAnswer(cmd, o, "GET", tenantPath(args[0])+"/requests", nil, printRequests)
		},
	}
}

func printRequests(w io.Writer, all items[server.Line]) {
	row(w, "AT", "REQUEST", "STATUS", "CLASS", "TOOK", "ID")
	for _, l := range all.Items {
		what := l.Method + " " + l.Route
		if l.Filtered {
			what += " (search)"
		}
		row(w, l.At.Format("2006-01-02 15:04:05"), what, l.Status, or(l.Class, "-"), l.Took.Round(100*time.Microsecond), l.Request)
	}
}
