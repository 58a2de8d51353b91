package main

import (
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/demo"
)

func newDemoCommand() *cobra.Command {
	o := demo.Options{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show everything on this machine: gateway, tenant, sandbox account, and Entra played through them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Out, o.Progress = cmd.OutOrStdout(), cmd.OutOrStdout()
			if o.JSON {
				o.Progress = cmd.ErrOrStderr()
			}
			o.Log = demoLogger(cmd.ErrOrStderr())
			return demo.Run(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "public listener; port 0 takes a free one")
	flags.StringVar(&o.AdminListen, "admin-listen", "127.0.0.1:8081", "operator's listener; port 0 takes a free one")
	flags.StringVar(&o.Data, "data", "", "folder that keeps everything over a restart (default: in memory)")
	flags.BoolVar(&o.NoPlay, "no-play", false, "do not play Entra")
	flags.BoolVar(&o.JSON, "json", false, "print one line of JSON for programs; progress goes to standard error")
	return cmd
}

// demoLogger shows only what went wrong: the demo's own sentences say the rest.
func demoLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
