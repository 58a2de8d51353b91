package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newAzureSetupCommand() *cobra.Command {
	var (
		o       = new(operator)
		query   = url.Values{}
		format  string
		mapIn   string
		groups  bool
		sources []string
		out     string
	)
	cmd := o.group("azure-setup TENANT", "Write what an administrator has to enter in Azure, or take over what he has there",
		newAzureImportCommand(o))
	cmd.Example = "  scimgate azure-setup acme --format sheet --out acme.md\n  scimgate azure-setup import acme schema.json --apply"
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		query.Set("format", format)
		query.Set("mapIn", mapIn)
		query.Set("groups", strconv.FormatBool(groups))
		query["source"] = sources
		var setup admin.AzureSetup
		if err := o.call(cmd.Context(), "GET", tenantPath(args[0])+"/azure-setup?"+query.Encode(), nil, &setup); err != nil {
			return err
		}
		return writeSetup(cmd, o, setup, out)
	}
	flags := cmd.Flags()
	flags.StringVar(&format, "format", "sheet", "sheet (Markdown), graph (a shell script of Microsoft Graph calls), schema (the JSON that it applies) or terraform")
	flags.StringVar(&mapIn, "map-in", "gateway", "gateway: Azure sends what the rules read; azure: the rules become Azure's mappings")
	flags.BoolVar(&groups, "groups", false, "send groups, too")
	flags.StringArrayVar(&sources, "source", nil, "PATH=ATTRIBUTE: the attribute of Azure that feeds a SCIM path, or an expression in such; may be repeated")
	flags.StringVar(&out, "out", "", "file to write (default: standard output)")
	return cmd
}

// writeSetup writes the text, and says on standard error what else to know.
func writeSetup(cmd *cobra.Command, o *operator, setup admin.AzureSetup, file string) error {
	if o.json {
		return show(cmd, o, setup, nil)
	}
	for _, c := range setup.Choose {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "Somebody must name the attribute of Azure for %s (%s, or --source %s=…).\n", c.Path, c.Name, c.Path)
	}
	for _, n := range setup.Notes {
		_, _ = fmt.Fprintln(cmd.ErrOrStderr(), n)
	}
	if file != "" {
		return os.WriteFile(file, []byte(setup.Text), 0o600)
	}
	_, err := io.WriteString(cmd.OutOrStdout(), setup.Text)
	return err
}

func newAzureImportCommand(o *operator) *cobra.Command {
	var apply bool
	cmd := &cobra.Command{
		Use:   "import TENANT FILE",
		Short: "Turn a schema that Azure exported into rules and custom attributes (FILE - reads standard input); nothing is published",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			export, err := readExport(cmd.InOrStdin(), args[1])
			if err != nil {
				return err
			}
			path := tenantPath(args[0]) + "/azure-setup/import?apply=" + strconv.FormatBool(apply)
			return showAnswer(cmd, o, "POST", path, export, printImported)
		},
	}
	cmd.Flags().BoolVar(&apply, "apply", false, "define the attributes and keep the rules as the draft")
	return cmd
}

func readExport(stdin io.Reader, file string) (json.RawMessage, error) {
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

func printImported(w io.Writer, got admin.AzureImported) {
	row(w, indented(got.Rules))
	for _, a := range got.Attributes {
		row(w, "define", a.Property, a.Type)
	}
	for _, path := range slices.Sorted(maps.Keys(got.Sources)) {
		row(w, "azure-setup needs", "--source '"+strings.ReplaceAll(path+"="+got.Sources[path], "'", `'\''`)+"'")
	}
	for _, u := range got.Unfit {
		row(w, "does not fit", u.Target, u.What, u.Reason)
	}
	for _, n := range got.Notes {
		row(w, n)
	}
	if got.Applied {
		row(w, "The attributes are defined and the rules are the draft. Put it in force: scimgate rules publish")
	}
}

func indented(raw json.RawMessage) string {
	text, err := json.MarshalIndent(raw, "", "  ")
	if err != nil {
		return string(raw)
	}
	return string(text)
}
