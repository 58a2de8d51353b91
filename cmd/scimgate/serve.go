package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/gateway"
	"scimgate/cmd/scimgate/telemetry"
)

func newServeCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the gateway",
		Long: "Run the gateway until it is told to stop (SIGINT or SIGTERM), then drain.\n\n" +
			"Settings come from a YAML file (--config), then from SCIMGATE_* in the environment, then from flags.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, secrets, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			g, err := gateway.Open(cmd.Context(), c, secrets, newLogger(cmd.ErrOrStderr(), c))
			if err != nil {
				return err
			}
			debug.FreeOSMemory() // what building it took: an idle process stays small
			if err := announce(cmd.OutOrStdout(), g, asJSON); err != nil {
				return err
			}
			return g.Run(cmd.Context())
		},
	}
	config.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the addresses as one JSON object")
	return cmd
}

func loadConfig(cmd *cobra.Command) (*config.Config, config.Secrets, error) {
	c, err := config.Load(cmd.Flags(), os.Environ())
	if err != nil {
		return nil, config.Secrets{}, err
	}
	if err := c.Validate(); err != nil {
		return nil, config.Secrets{}, fmt.Errorf("the configuration has faults:\n%w", err)
	}
	secrets, err := c.Secrets()
	return c, secrets, err
}

func newLogger(w io.Writer, c *config.Config) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // Validate has looked at it
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(telemetry.WithTrace(slog.NewJSONHandler(w, options)))
	}
	return slog.New(telemetry.WithTrace(slog.NewTextHandler(w, options)))
}

func announce(w io.Writer, g *gateway.Gateway, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(map[string]string{"publicURL": g.PublicURL, "adminURL": g.AdminURL, "consoleURL": g.Admin.ConsoleURL})
	}
	if g.PublicURL == "" {
		_, err := fmt.Fprintf(w, "Delivery; probes at %s/readyz\n", g.AdminURL)
		return err
	}
	_, err := fmt.Fprintf(w, "SCIM        %s/t/{tenant}/identity/scim\nAdmin API   %s/api/v1\nConsole     %s\n", g.PublicURL, g.AdminURL, g.Admin.ConsoleURL)
	return err
}
