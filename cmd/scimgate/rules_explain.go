package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
	"scimgate/mapping"
)

func newRulesExplainCommand(o *operator) *cobra.Command {
	var (
		in   admin.ExplainInput
		file string
	)
	cmd := &cobra.Command{
		Use:   "explain TENANT USER [TARGET]",
		Short: "Tell how a user's attributes come about: which rule, what it reads, the value of each step",
		Long: "Tell how an attribute of a user (by id or userName), or each that the rules set, comes about: " +
			"which rule sets it, what that reads, and the value of each step. What is printed holds values of the user.",
		Example: `  scimgate rules explain acme ana@example.com displayName
  scimgate rules explain acme ana@example.com --draft`,
		Args: cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			in.UserID = args[1]
			if len(args) == 3 {
				in.Target = args[2]
			}
			if file != "" {
				if in.Rules, err = readRules(cmd.InOrStdin(), file); err != nil {
					return err
				}
			}
			return showAnswer(cmd, o, "POST", tenantPath(args[0])+"/rules/explain", in, printExplained)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&in.Draft, "draft", false, "by the draft instead of the rules in force")
	flags.StringVar(&file, "file", "", "by rules in YAML or JSON (- reads standard input)")
	flags.BoolVar(&in.Creating, "creating", false, "as when the account gets the user")
	return cmd
}

func printExplained(w io.Writer, x admin.Explained) {
	row(w, x.UserName+" ("+x.UserID+")")
	for _, e := range x.Explanations {
		by := "no rule sets it"
		if e.Type != "" {
			by = e.Type
		}
		if e.Rule >= 0 {
			by = fmt.Sprintf("rules[%d], %s", e.Rule, e.Type)
		}
		row(w, fmt.Sprintf("\n%s: %s (%s; %s)", e.Target, e.Result, by, outcomes[e.Outcome]))
		printSteps(w, e.Steps, "    ")
		for _, remark := range []string{e.Note, e.Failure} {
			if remark != "" {
				row(w, "    "+remark)
			}
		}
	}
}

var outcomes = map[mapping.Outcome]string{
	mapping.Set: "set", mapping.Default: "the default stands in", mapping.Empty: "without a value, cleared",
	mapping.Kept: "the account keeps its own", mapping.Failed: "the user cannot be delivered", mapping.NoRule: "not sent",
}

func printSteps(w io.Writer, steps []*mapping.Step, indent string) {
	for _, s := range steps {
		row(w, indent+s.Text+" → "+strings.TrimSpace(string(s.Value)))
		printSteps(w, s.Steps, indent+"    ")
	}
}
