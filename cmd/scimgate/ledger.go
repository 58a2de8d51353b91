package main

import (
	"io"

	"github.com/spf13/cobra"

	"scimgate/tenant"
)

func newTenantLedgerCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "ledger TENANT",
		Short: "Show what the identity provider needs beyond the RFCs: each leniency used, how often and where",
		Long: "Show each leniency that the tenant's identity provider has used, how often, from when to when, and the path " +
			"of one attribute where it was. A tenant that is strict uses none. Counts are a few seconds late, and a crash " +
			"may lose as much of them.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showAnswer(cmd, o, "GET", tenantPath(args[0])+"/ledger", nil, printLedger)
		},
	}
}

func printLedger(w io.Writer, ledger items[tenant.LedgerEntry]) {
	const minute = "2006-01-02 15:04"
	row(w, "LENIENCY", "COUNT", "FIRST", "LAST", "FOR EXAMPLE AT")
	for _, e := range ledger.Items {
		row(w, e.Name, e.Count, e.First.Format(minute), e.Last.Format(minute), or(e.Path, "-"))
	}
}
