package main

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newRulesHistoryCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:     "history TENANT [VERSION]",
		Aliases: []string{"versions"},
		Short:   "List what was published, newest first, or print one version",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := tenantPath(args[0]) + "/rules/versions"
			if len(args) == 2 {
				return showAnswer(cmd, o, "GET", path+"/"+url.PathEscape(args[1]), nil, printRules)
			}
			all, err := allOf(cmd.Context(), o, path, func(v admin.RulesView) string { return strconv.FormatUint(v.Rev, 10) })
			if err != nil {
				return err
			}
			return show(cmd, o, all, func(w io.Writer, all items[admin.RulesView]) {
				row(w, "VERSION", "PUBLISHED", "AUTHOR")
				for _, v := range all.Items {
					row(w, v.Rev, v.Published.Format(time.RFC3339), v.Author)
				}
			})
		},
	}
}

func newRulesDiffCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "diff TENANT [FROM [TO]]",
		Short: "Show what differs between two versions, by number, current or draft; the draft against the current rules if none is given",
		Example: `  scimgate rules diff acme
  scimgate rules diff acme 3 current`,
		Args: cobra.RangeArgs(1, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			query := url.Values{}
			for i, name := range []string{"from", "to"} {
				if len(args) > i+1 {
					query.Set(name, args[i+1])
				}
			}
			return showAnswer(cmd, o, "GET", tenantPath(args[0])+"/rules/diff?"+query.Encode(), nil, printDiff)
		},
	}
}

func printDiff(w io.Writer, d admin.RulesDiff) {
	for _, c := range d.Changes {
		target := or(c.Target, "the examples beside the rules")
		row(w, fmt.Sprintf("%s %s", map[string]string{"added": "+", "removed": "-", "changed": "~"}[c.Change], target))
		for _, k := range c.Keys {
			row(w, fmt.Sprintf("    %s: %s → %s", k.Key, k.Before, k.After))
		}
		if rule := or(string(c.After), string(c.Before)); c.Keys == nil {
			row(w, "    "+rule)
		}
	}
	if len(d.Changes) == 0 {
		row(w, fmt.Sprintf("Nothing differs between %s and %s.", d.From, d.To))
	}
}

func newRulesRollbackCommand(o *operator) *cobra.Command {
	in := admin.RollbackInput{}
	cmd := &cobra.Command{
		Use:     "rollback TENANT VERSION",
		Short:   "Publish the rules of an earlier version again, as a new one; 0 is what was before the first",
		Example: "  scimgate rules rollback acme 3 --author Kim",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if in.Rev, err = strconv.ParseUint(args[1], 10, 64); err != nil {
				return fmt.Errorf("%q is no version: rules history %s lists them", args[1], args[0])
			}
			return o.putInForce(cmd, args[0], "rollback", in)
		},
	}
	cmd.Flags().StringVar(&in.Author, "author", os.Getenv("USER"), "who rolls back (default: $USER, else the key that is used)")
	return cmd
}

func newRulesDiscardCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "discard TENANT",
		Short: "Drop the draft",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.call(cmd.Context(), "DELETE", tenantPath(args[0])+"/rules/draft", nil, nil); err != nil {
				return err
			}
			return o.done(cmd, "The draft of %s is gone.", args[0])
		},
	}
}

func newRulesStarterCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:     "starter TENANT",
		Short:   "Print rules to begin with: Entra's default mapping, and the tenant's custom attributes",
		Example: "  scimgate rules starter acme > rules.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showAnswer(cmd, o, "GET", tenantPath(args[0])+"/rules/starter", nil, printJSON)
		},
	}
}

func newRulesFunctionsCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "functions",
		Short: "List the functions of expressions, with examples, and where they differ from Entra's",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd, o, admin.Functions(), func(w io.Writer, l admin.Language) {
				for _, f := range l.Functions {
					row(w, f.Signature+"\n    "+f.Doc)
					for _, e := range f.Examples {
						row(w, fmt.Sprintf("    %s → %s", e.Expression, or(e.Result, "null")))
					}
				}
				row(w, "\nOtherwise than in Entra:")
				for _, d := range l.Differences {
					row(w, fmt.Sprintf("  %s: %s Here: %s", d.Name, d.Entra, d.Here))
				}
			})
		},
	}
}
