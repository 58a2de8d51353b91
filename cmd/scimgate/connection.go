package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newConnectionCommand() *cobra.Command {
	o := new(operator)
	return o.group("connection", "Lead a tenant to its Appspace account",
		newConnectionSetCommand(o), newConnectionListCommand(o), newConnectionTestCommand(o), newConnectionProbeCommand(o), newConnectionDeleteCommand(o),
		newConnectionAdoptCommand(o), newConnectionPaceCommand(o),
		newConnectionPauseCommand(o, "pause", "Hold back what is owed to a connection", true),
		newConnectionPauseCommand(o, "resume", "Let go what was held back", false),
		newConnectionShadowCommand(o))
}

// connectionFlags are the settings of an appspace connection, or a file with
// those of another kind.
type connectionFlags struct {
	kind, url, token, tokenFile, settingsFile string
	groups, overlap                           bool
}

func newConnectionSetCommand(o *operator) *cobra.Command {
	var f connectionFlags
	cmd := &cobra.Command{
		Use:   "set TENANT CONNECTION",
		Short: "Make a connection or change its settings; a new one is owed everything that the tenant has",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := f.settings()
			if err != nil {
				return err
			}
			in := admin.ConnectionInput{Kind: f.kind, Settings: settings}
			if cmd.Flags().Changed("groups") {
				in.Groups = &f.groups
			}
			if f.overlap {
				return f.succeed(cmd, o, args, in)
			}
			if err := o.call(cmd.Context(), "PUT", connectionPath(args), in, nil); err != nil {
				return err
			}
			return o.done(cmd, "Connection %s of %s is set. Try it: scimgate connection test %s %s", args[1], args[0], args[0], args[1])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.kind, "kind", "appspace", "type of target")
	flags.StringVar(&f.url, "url", "", "SCIM address of the account")
	flags.StringVar(&f.token, "token", "", "token of the account; --token-file and SCIMGATE_ACCOUNT_TOKEN keep it out of the process list")
	flags.StringVar(&f.tokenFile, "token-file", "", "file that holds the account's token")
	flags.StringVar(&f.settingsFile, "settings-file", "", "JSON with all settings of the kind, instead of --url and --token")
	flags.BoolVar(&f.groups, "groups", false, "send groups and memberships too (the account has User Group Sync on); --groups=false stops it")
	flags.BoolVar(&f.overlap, "overlap", false, "replace the settings of a connection that there is; the earlier ones stay in force until the account has accepted these")
	cmd.MarkFlagsMutuallyExclusive("token", "token-file", "settings-file")
	cmd.MarkFlagsMutuallyExclusive("url", "settings-file")
	return cmd
}

func (f *connectionFlags) settings() (json.RawMessage, error) {
	if f.settingsFile != "" {
		return os.ReadFile(f.settingsFile)
	}
	token := or(f.token, os.Getenv("SCIMGATE_ACCOUNT_TOKEN"))
	if f.tokenFile != "" {
		text, err := os.ReadFile(f.tokenFile)
		if err != nil {
			return nil, err
		}
		token = strings.TrimSpace(string(text))
	}
	if f.url == "" || token == "" {
		return nil, errors.New("give --url and the account's token, or --settings-file")
	}
	return json.Marshal(map[string]string{"baseURL": f.url, "token": token})
}

func newConnectionListCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "list TENANT",
		Short: "List a tenant's connections, without their settings",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showAnswer(cmd, o, "GET", tenantPath(args[0])+"/connections", nil, func(w io.Writer, all items[admin.ConnectionView]) {
				row(w, "CONNECTION", "KIND", "GROUPS", "STATE", "PACE", "BREAKER")
				for _, c := range all.Items {
					row(w, c.ID, c.Kind, yesOrNo(c.Groups), sending(c), paceText(c), breaker(c))
				}
			})
		},
	}
}

func newConnectionTestCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "test TENANT CONNECTION",
		Short: "Ask the account whether it answers and takes the credential; exit status 1 if not",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var r admin.TestResult
			if err := o.call(cmd.Context(), "POST", connectionPath(args)+"/test", nil, &r); err != nil {
				return err
			}
			err := show(cmd, o, r, func(w io.Writer, r admin.TestResult) {
				if r.OK {
					row(w, "The account answers and takes the credential.")
				} else {
					row(w, "The account cannot be used: "+r.Reason)
				}
			})
			if err == nil && !r.OK {
				return exitError(1)
			}
			return err
		},
	}
}

func newConnectionPauseCommand(o *operator, use, short string, paused bool) *cobra.Command {
	return &cobra.Command{
		Use:   use + " TENANT CONNECTION",
		Short: short,
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.call(cmd.Context(), "PATCH", connectionPath(args), admin.ConnectionInput{Paused: &paused}, nil); err != nil {
				return err
			}
			return o.done(cmd, "Connection %s of %s is %s.", args[1], args[0], onOrPaused(paused))
		},
	}
}

func newConnectionDeleteCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "delete TENANT CONNECTION",
		Short: "Forget a connection; its account stays as it is",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.call(cmd.Context(), "DELETE", connectionPath(args), nil, nil); err != nil {
				return err
			}
			return o.done(cmd, "Connection %s of %s is gone.", args[1], args[0])
		},
	}
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func connectionPath(args []string) string {
	return tenantPath(args[0]) + "/connections/" + url.PathEscape(args[1])
}
