package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"scimgate/mapping"
)

// linted is what lint says of a file.
type linted struct {
	OK     bool              `json:"ok"`
	Faults []mapping.Located `json:"faults"`
}

func newRulesLintCommand(o *operator) *cobra.Command {
	var attributes string
	cmd := &cobra.Command{
		Use:   "lint FILE",
		Short: "Check rules, in YAML or JSON, on this machine; exit status 1 tells of faults",
		Long: "Check rules, in YAML or JSON, on this machine, without a gateway: every fault at once, with line and column, " +
			"and their examples are run. The exit status is 1 if there is a fault.",
		Example: `  scimgate attributes list acme --json > attributes.json
  scimgate rules lint rules.yaml --attributes attributes.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := lint(cmd.InOrStdin(), args[0], attributes)
			if err != nil {
				return err
			}
			if err := show(cmd, o, found, func(w io.Writer, l linted) { printFaults(w, args[0], l) }); err != nil {
				return err
			}
			return failedUnless(found.OK)
		},
	}
	addAttributesFlag(cmd, &attributes)
	return cmd
}

func addAttributesFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "attributes", "", "file with the tenant's custom attributes, as attributes list --json prints them")
}

// failedUnless is exit status 1, after everything has been said.
func failedUnless(ok bool) error {
	if ok {
		return nil
	}
	return exitError(1)
}

// lint checks a file. The error is that it cannot be checked.
func lint(stdin io.Reader, name, attributes string) (linted, error) {
	users, err := userType(attributes)
	if err != nil {
		return linted{}, err
	}
	f, err := openFile(stdin, name)
	if err != nil {
		return linted{}, err
	}
	raw, err := f.json()
	if err != nil {
		line, column := f.broken(err)
		unread := mapping.Located{Fault: mapping.Fault{Rule: -1, Reason: err.Error()}, Line: line, LineColumn: column}
		return linted{Faults: []mapping.Located{unread}}, nil
	}
	return f.faultsOf(mapping.Compile(raw, users))
}

func (f rulesFile) faultsOf(_ *mapping.Rules, err error) (linted, error) {
	var all *mapping.Errors
	if err != nil && !errors.As(err, &all) {
		return linted{}, err
	}
	if all == nil {
		return linted{OK: true, Faults: []mapping.Located{}}, nil
	}
	return linted{Faults: mapping.Locate(f.text).All(all.Faults)}, nil
}

func printFaults(w io.Writer, file string, l linted) {
	for _, f := range l.Faults {
		place := file
		if f.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", file, f.Line, f.LineColumn)
		}
		row(w, place+": "+f.String())
	}
	if l.OK {
		row(w, file+": the rules are in order.")
	}
}

func newRulesExamplesCommand(o *operator) *cobra.Command {
	var attributes string
	cmd := &cobra.Command{
		Use:   "examples FILE",
		Short: "Run the examples beside rules on this machine, one by one; exit status 1 tells that one failed",
		Example: `  scimgate rules examples rules.yaml
  scimgate rules examples rules.yaml --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := readRules(cmd.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			users, err := userType(attributes)
			if err != nil {
				return err
			}
			results, err := mapping.Examples(raw, users)
			if err != nil {
				return err
			}
			if err := show(cmd, o, items[mapping.ExampleResult]{results}, printExamples); err != nil {
				return err
			}
			return failedUnless(allHold(results))
		},
	}
	addAttributesFlag(cmd, &attributes)
	return cmd
}

func allHold(results []mapping.ExampleResult) bool {
	for _, r := range results {
		if !r.Holds {
			return false
		}
	}
	return true
}

func printExamples(w io.Writer, all items[mapping.ExampleResult]) {
	for _, r := range all.Items {
		verdict, of := "holds", "the document"
		if !r.Holds {
			verdict = "FAILS"
		}
		if r.Rule >= 0 {
			of = fmt.Sprintf("rules[%d] (%s)", r.Rule, r.Target)
		}
		row(w, verdict, of, r.Name)
		for _, f := range r.Faults {
			f.Rule, f.Example = -1, ""
			row(w, "", "", "  "+f.String())
		}
	}
	if len(all.Items) == 0 {
		row(w, `There are no examples. Write them beside a rule: "examples": [{"input": {…}, "output": {…}}].`)
	}
}

// printJSON writes a document as it is, indented.
func printJSON(w io.Writer, raw json.RawMessage) {
	var out []byte
	if indented, err := json.MarshalIndent(raw, "", "  "); err == nil {
		out = indented
	}
	row(w, string(out))
}
