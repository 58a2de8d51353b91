package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim"
	"scimgate/scim/directory"
)

// printJournal prints a timeline; named says whose each line is.
func printJournal(w io.Writer, page admin.JournalPage, named bool) {
	head := []any{"TIME", "VERSION", "WHAT", "CONNECTION", "OUTCOME", "STATUS", "TOOK", "REQUEST"}
	if named {
		head = append(head, "RESOURCE")
	}
	row(w, head...)
	for _, e := range page.Items {
		line := journalLine(e)
		if named {
			line = append(line, e.ResourceType+" "+e.ResourceID)
		}
		row(w, line...)
	}
}

func journalLine(e admin.JournalEntry) []any {
	at, request := e.At.UTC().Format("2006-01-02 15:04:05.000"), or(e.Request, "-")
	if e.Attempt != nil {
		a := e.Attempt
		took := time.Duration(a.Millis) * time.Millisecond
		return []any{at, orDash(e.Version), "  " + string(a.Op), or(a.Connection, "-"), attemptOutcome(a), orDash(a.Status), took, request}
	}
	n := e.Change
	if n == nil { // from a gateway that tells more than we know
		n = &scim.Note{Method: "?"}
	}
	return []any{at, orDash(e.Version), whatChanged(n), "-", changeOutcome(n), orDash(n.Status), "-", request}
}

func orDash[N int | uint64](n N) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func attemptOutcome(a *directory.Attempt) string {
	text := string(a.Outcome)
	if a.Class != "" {
		text += ": " + a.Class
	}
	if a.Unknown {
		text += ", unknown whether it arrived"
	}
	if a.Idle {
		text += ", nothing to send"
	}
	return text
}

func changeOutcome(n *scim.Note) string {
	switch {
	case n.NoOp:
		return "no change"
	case n.Class != "":
		return "refused: " + n.Class
	default:
		return "stored"
	}
}

// whatChanged is a request in a few words.
func whatChanged(n *scim.Note) string {
	const shown = 4
	parts := []string{n.Method}
	if n.Bulk {
		parts[0] += " (bulk)"
	}
	for _, s := range n.Steps[:min(shown, len(n.Steps))] {
		parts = append(parts, s.Op+" "+s.Path)
	}
	if more := len(n.Steps) + n.More - shown; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	if len(n.Tolerated) > 0 {
		parts = append(parts, fmt.Sprint(n.Tolerated))
	}
	return strings.Join(parts, " ")
}
