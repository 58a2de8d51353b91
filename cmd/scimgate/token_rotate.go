package main

import (
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func tokenPath(tenant, keyID string) string {
	return tenantPath(tenant) + "/tokens/" + url.PathEscape(keyID)
}

func newTokenRotateCommand(o *operator) *cobra.Command {
	var overlap int
	cmd := &cobra.Command{
		Use:   "rotate TENANT KEYID",
		Short: "Mint a token to replace another, which lives on for the overlap",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := admin.RotateInput{OverlapDays: &overlap}
			return showAnswer(cmd, o, "POST", tokenPath(args[0], args[1])+"/rotate", in, printMinted)
		},
	}
	cmd.Flags().IntVar(&overlap, "overlap-days", admin.DefaultOverlapDays, "days that the old token lives on; 0 for a leak revokes it at once")
	return cmd
}

func newTokenExtendCommand(o *operator) *cobra.Command {
	var days int
	cmd := &cobra.Command{
		Use:   "extend TENANT KEYID",
		Short: "Give a token a new end; its secret stays, and nothing changes in Azure",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var changed admin.TokenView
			end := time.Now().AddDate(0, 0, days)
			if err := o.call(cmd.Context(), "PATCH", tokenPath(args[0], args[1]), admin.TokenChange{Expires: &end}, &changed); err != nil {
				return err
			}
			if o.json {
				return show(cmd, o, changed, nil)
			}
			return o.done(cmd, "Token %s of %s lives until %s.", args[1], args[0], changed.Expires.Format(time.DateOnly))
		},
	}
	cmd.Flags().IntVar(&days, "days", admin.DefaultTokenDays, "days from now until its end")
	return cmd
}
