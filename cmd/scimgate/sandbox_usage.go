package main

import (
	"fmt"
	"strings"

	"scimgate/connectors/sandbox"
)

// faultsUsage is the table of faults, as --help shows it.
func faultsUsage() string {
	var b strings.Builder
	b.WriteString("It can be told to fail, by --fault or by PUT to /faults with the token. Every fault also takes\n" +
		"share=0..1, method=POST,PATCH path=/Users count=N (the next N requests) and seed=N.\n\nFaults:\n")
	for _, kind := range sandbox.FaultKinds {
		_, _ = fmt.Fprintf(&b, "  %-17s %s\n", kind.Name, kind.Does)
		for _, a := range kind.Arguments {
			_, _ = fmt.Fprintf(&b, "  %-17s   %s=%s  %s\n", "", a.Name, a.Default, a.Does)
		}
	}
	b.WriteString("\nExample: --fault latency=delay=200ms,jitter=2s,share=0.3 --fault late=method=POST,count=1")
	return b.String()
}
