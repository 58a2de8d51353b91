package main

import (
	"io"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

func newCredentialCommand() *cobra.Command {
	o := new(operator)
	return o.group("credential", "Let a tenant's identity provider sign in otherwise than by a token",
		newCredentialCreateCommand(o), newCredentialListCommand(o), newCredentialSecretCommand(o), newCredentialDropSecretCommand(o),
		newCredentialSwitchCommand(o, "disable", true), newCredentialSwitchCommand(o, "enable", false), newCredentialDeleteCommand(o))
}

func credentialPath(tenant, id string) string {
	return tenantPath(tenant) + "/credentials/" + url.PathEscape(id)
}

func newCredentialCreateCommand(o *operator) *cobra.Command {
	var in admin.CredentialInput
	var pins admin.IssuedInput
	cmd := &cobra.Command{
		Use:   "create TENANT client|federated|entra",
		Short: "Make an OAuth client, or trust what an issuer signs",
		Long: "Make an OAuth client, or trust what an issuer signs.\n\n" +
			"client      OAuth client credentials: an id and a secret, which is printed this once\n" +
			"federated   workload identity federation: no secret; give what Azure shows\n" +
			"entra       Entra's own token, where the Secret Token is left blank: for testing only",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Kind = tenant.CredentialKind(args[1])
			if pins != (admin.IssuedInput{}) {
				in.Issued = &pins
			}
			return o.made(cmd, tenantPath(args[0])+"/credentials", in)
		},
	}
	cmd.Flags().StringVar(&in.Label, "label", "", "what it is for")
	cmd.Flags().IntVar(&in.ExpiresInDays, "expires-in-days", 0, "days that a client's secret lives (default 365)")
	cmd.Flags().IntVar(&in.TokenMinutes, "token-minutes", 0, "minutes that access tokens live (default 60)")
	cmd.Flags().StringVar(&pins.Issuer, "issuer", "", "issuer (claim iss)")
	cmd.Flags().StringVar(&pins.Subject, "subject", "", "subject (claim sub)")
	cmd.Flags().StringVar(&pins.Audience, "audience", "", "audience (claim aud)")
	cmd.Flags().StringVar(&pins.TenantID, "tenant-id", "", "the customer's directory (claim tid)")
	cmd.Flags().StringVar(&pins.ObjectID, "object-id", "", "object id (claim oid)")
	cmd.Flags().StringVar(&pins.AppID, "app-id", "", "application id (claim appid or azp)")
	cmd.Flags().StringVar(&pins.Keys, "keys", "", "URL of the issuer's keys; known of Entra's")
	return cmd
}

// made asks for a credential or a secret, and prints what is shown this once.
func (o *operator) made(cmd *cobra.Command, path string, in any) error {
	return showAnswer(cmd, o, "POST", path, in, printMade)
}

func newCredentialListCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "list TENANT",
		Short: "List a tenant's credentials other than tokens, newest first",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showAnswer(cmd, o, "GET", tenantPath(args[0])+"/credentials", nil, printCredentials)
		},
	}
}

func newCredentialSecretCommand(o *operator) *cobra.Command {
	var in admin.SecretInput
	cmd := &cobra.Command{
		Use:   "secret TENANT ID",
		Short: "Give a client a second secret, to move to, and print it, this once",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.made(cmd, credentialPath(args[0], args[1])+"/secrets", in)
		},
	}
	cmd.Flags().IntVar(&in.ExpiresInDays, "expires-in-days", admin.DefaultTokenDays, "days that it lives")
	return cmd
}

func newCredentialDropSecretCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "drop-secret TENANT ID SECRETID",
		Short: "End a client's secret, and the access tokens that it gave, at once",
		Args:  cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := credentialPath(args[0], args[1]) + "/secrets/" + url.PathEscape(args[2])
			if err := o.call(cmd.Context(), "DELETE", path, nil, nil); err != nil {
				return err
			}
			return o.done(cmd, "Secret %s of %s is ended.", args[2], args[1])
		},
	}
}

func newCredentialSwitchCommand(o *operator, verb string, disabled bool) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " TENANT ID",
		Short: map[bool]string{true: "Let a credential prove nothing until it is enabled again", false: "Let a credential count again"}[disabled],
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := admin.CredentialChange{Disabled: &disabled}
			if err := o.call(cmd.Context(), "PATCH", credentialPath(args[0], args[1]), in, nil); err != nil {
				return err
			}
			return o.done(cmd, "Credential %s of %s is %sd.", args[1], args[0], verb)
		},
	}
}

func newCredentialDeleteCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "delete TENANT ID",
		Short: "End a credential and its access tokens at once",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.call(cmd.Context(), "DELETE", credentialPath(args[0], args[1]), nil, nil); err != nil {
				return err
			}
			return o.done(cmd, "Credential %s of %s is gone.", args[1], args[0])
		},
	}
}

func printMade(w io.Writer, m admin.MadeCredential) {
	row(w, "Tenant URL", m.TenantURL)
	if m.TokenURL != "" {
		row(w, "Token endpoint", m.TokenURL)
		row(w, "Client ID", m.ID)
	}
	if m.Testing {
		row(w, "Secret Token", "(leave it blank; for testing only)")
	}
	if m.Secret != "" {
		row(w, "Client Secret", m.Secret)
		row(w, "")
		row(w, "Copy the secret now: it cannot be shown again.")
	}
}

func printCredentials(w io.Writer, all items[admin.CredentialView]) {
	row(w, "ID", "KIND", "LABEL", "STATE", "SECRETS UNTIL", "LAST USED")
	for _, c := range all.Items {
		used, state, ends := "never", "enabled", ""
		if !c.LastUsed.IsZero() {
			used = c.LastUsed.Format("2006-01-02 15:04")
		}
		if c.Disabled {
			state = "disabled"
		}
		for _, s := range c.Secrets {
			ends += s.Expires.Format(time.DateOnly) + " "
		}
		row(w, c.ID, c.Kind, c.Label, state, ends, used)
	}
}
