package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newRulesCommand() *cobra.Command {
	o := new(operator)
	cmd := o.group("rules", "Write, try and publish a tenant's mapping rules",
		newRulesStarterCommand(o), newRulesLintCommand(o), newRulesExamplesCommand(o), newRulesFunctionsCommand(o),
		newRulesDraftCommand(o), newRulesDiscardCommand(o), newRulesPreviewCommand(o), newRulesExplainCommand(o),
		newRulesPublishCommand(o), newRulesShowCommand(o), newRulesHistoryCommand(o), newRulesDiffCommand(o), newRulesRollbackCommand(o))
	cmd.Example = `  scimgate rules starter acme > rules.json
  scimgate rules lint rules.json
  scimgate rules draft acme rules.json
  scimgate rules preview acme --progress
  scimgate rules publish acme --author Kim
  scimgate rules rollback acme 3`
	return cmd
}

func newRulesShowCommand(o *operator) *cobra.Command {
	var draft bool
	cmd := &cobra.Command{
		Use:   "show TENANT",
		Short: "Print the rules in force",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := tenantPath(args[0]) + "/rules"
			if draft {
				path += "/draft"
			}
			return showAnswer(cmd, o, "GET", path, nil, printRules)
		},
	}
	cmd.Flags().BoolVar(&draft, "draft", false, "the draft instead")
	return cmd
}

func newRulesDraftCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "draft TENANT FILE",
		Short: "Check rules, in YAML or JSON, and keep them as the draft (FILE - reads standard input); nothing changes for anybody yet",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			rules, err := readRules(cmd.InOrStdin(), args[1])
			if err != nil {
				return err
			}
			if err := o.call(cmd.Context(), "PUT", tenantPath(args[0])+"/rules/draft", rules, nil); err != nil {
				return err
			}
			return o.done(cmd, "The draft of %s is in order. Put it in force: scimgate rules publish %s", args[0], args[0])
		},
	}
}

func newRulesPublishCommand(o *operator) *cobra.Command {
	var (
		in       admin.PublishInput
		expected int64
	)
	cmd := &cobra.Command{
		Use:   "publish TENANT",
		Short: "Put the draft in force: every user is mapped again, and sent if that made a difference",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("expected") {
				rev := uint64(max(expected, 0))
				in.Expected = &rev
			}
			return o.putInForce(cmd, args[0], "publish", in)
		},
	}
	cmd.Flags().StringVar(&in.Author, "author", os.Getenv("USER"), "who publishes (default: $USER, else the key that is used)")
	cmd.Flags().Int64Var(&expected, "expected", 0, "version that must still be in force (0: none yet); else nothing happens")
	return cmd
}

// putInForce publishes or rolls back.
func (o *operator) putInForce(cmd *cobra.Command, id, how string, in any) error {
	return showAnswer(cmd, o, "POST", tenantPath(id)+"/rules/"+how, in, func(w io.Writer, r admin.RulesView) {
		row(w, fmt.Sprintf("Version %d of the rules of %s is in force.", r.Rev, id))
	})
}

func printRules(w io.Writer, r admin.RulesView) {
	if r.Rules == nil {
		row(w, "No rules: what is received is sent as it is.")
		return
	}
	printJSON(w, r.Rules)
}
