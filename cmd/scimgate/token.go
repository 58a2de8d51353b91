package main

import (
	"io"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newTokenCommand() *cobra.Command {
	o := new(operator)
	return o.group("token", "Mint, list, replace, extend and revoke a tenant's tokens",
		newTokenCreateCommand(o), newTokenListCommand(o), newTokenRotateCommand(o), newTokenExtendCommand(o), newTokenRevokeCommand(o))
}

func newTokenCreateCommand(o *operator) *cobra.Command {
	var in admin.TokenInput
	cmd := &cobra.Command{
		Use:   "create TENANT",
		Short: "Mint a token and print it, this once, with the Tenant URL; earlier ones stay valid",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showAnswer(cmd, o, "POST", tenantPath(args[0])+"/tokens", in, printMinted)
		},
	}
	cmd.Flags().StringVar(&in.Label, "label", "", "what the token is for")
	cmd.Flags().IntVar(&in.ExpiresInDays, "expires-in-days", admin.DefaultTokenDays, "days that it lives")
	return cmd
}

func newTokenListCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "list TENANT",
		Short: "List a tenant's tokens, newest first, without their secrets",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			tokens, err := allOf(cmd.Context(), o, tenantPath(args[0])+"/tokens", func(t admin.TokenView) string { return t.KeyID })
			if err != nil {
				return err
			}
			return show(cmd, o, tokens, printTokens)
		},
	}
}

func newTokenRevokeCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke TENANT KEYID",
		Short: "End a token at once",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := tenantPath(args[0]) + "/tokens/" + url.PathEscape(args[1])
			if err := o.call(cmd.Context(), "DELETE", path, nil, nil); err != nil {
				return err
			}
			return o.done(cmd, "Token %s of %s is revoked.", args[1], args[0])
		},
	}
}

func printMinted(w io.Writer, m admin.Minted) {
	row(w, "Tenant URL", m.TenantURL)
	row(w, "Secret Token", m.Secret)
	row(w, "Key id", m.KeyID)
	row(w, "Expires", m.Expires.Format(time.DateOnly))
	row(w, "")
	row(w, "Copy the secret now: it cannot be shown again.")
}

func printTokens(w io.Writer, tokens items[admin.TokenView]) {
	row(w, "KEY ID", "LABEL", "CREATED", "EXPIRES", "LAST USED")
	for _, t := range tokens.Items {
		used := "never"
		if !t.LastUsed.IsZero() {
			used = t.LastUsed.Format("2006-01-02 15:04")
		}
		row(w, t.KeyID, t.Label, t.Created.Format(time.DateOnly), t.Expires.Format(time.DateOnly), used)
	}
}
