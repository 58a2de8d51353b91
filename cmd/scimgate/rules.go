package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newRulesCommand() *cobra.Command {
	o := new(operator)
	return o.group("rules", "Show, draft and publish a tenant's mapping rules",
		newRulesShowCommand(o), newRulesDraftCommand(o), newRulesPublishCommand(o), newRulesVersionsCommand(o))
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
			var r admin.RulesView
			if err := o.call(cmd.Context(), "GET", path, nil, &r); err != nil {
				return err
			}
			return show(cmd, o, r, printRules)
		},
	}
	cmd.Flags().BoolVar(&draft, "draft", false, "the draft instead")
	return cmd
}

func newRulesDraftCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "draft TENANT FILE",
		Short: "Check rules and keep them as the draft (FILE - reads standard input); nothing changes for anybody yet",
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

func readRules(stdin io.Reader, file string) (json.RawMessage, error) {
	read := func() ([]byte, error) { return os.ReadFile(file) } //nolint:gosec // the operator names the file
	if file == "-" {
		read = func() ([]byte, error) { return io.ReadAll(stdin) }
	}
	text, err := read()
	if err == nil && !json.Valid(text) {
		err = fmt.Errorf("%s is not JSON: %w", file, json.Unmarshal(text, new(any)))
	}
	return text, err
}

func newRulesPublishCommand(o *operator) *cobra.Command {
	var author string
	cmd := &cobra.Command{
		Use:   "publish TENANT",
		Short: "Put the draft in force: every user is mapped again, and sent if that made a difference",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var r admin.RulesView
			in := map[string]string{"author": author}
			if err := o.call(cmd.Context(), "POST", tenantPath(args[0])+"/rules/publish", in, &r); err != nil {
				return err
			}
			return show(cmd, o, r, func(w io.Writer, r admin.RulesView) {
				row(w, fmt.Sprintf("Version %d of the rules of %s is in force.", r.Rev, args[0]))
			})
		},
	}
	cmd.Flags().StringVar(&author, "author", os.Getenv("USER"), "who publishes")
	return cmd
}

func newRulesVersionsCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "versions TENANT",
		Short: "List what was published, newest first",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var all items[admin.RulesView]
			if err := o.call(cmd.Context(), "GET", tenantPath(args[0])+"/rules/versions", nil, &all); err != nil {
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

func printRules(w io.Writer, r admin.RulesView) {
	if r.Rules == nil {
		row(w, "No rules: what is received is sent as it is.")
		return
	}
	var out []byte
	if indented, err := json.MarshalIndent(r.Rules, "", "  "); err == nil {
		out = indented
	}
	row(w, string(out))
}
