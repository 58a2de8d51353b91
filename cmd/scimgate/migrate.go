package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/gateway"
)

func newMigrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Make in MongoDB what this build needs, before its processes start",
		Long: "Migrate takes --mongodb-uri and makes the collections and indexes that this build needs and the database lacks, while processes " +
			"of the build before go on; it takes nothing away, and may be repeated or broken off. Each process does the same when it starts: run it first " +
			"where an index takes a while, so that none of them waits for it. The embedded store belongs to one process, which sees to it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			if c.MongoDBURI == "" {
				return errors.New("give --mongodb-uri (or SCIMGATE_MONGODB_URI): the embedded store is migrated by the process that opens it")
			}
			return migrate(cmd.Context(), c, cmd.OutOrStdout())
		},
	}
	config.AddFlags(cmd.Flags())
	return cmd
}

// stillEvery is how often a long migration says that it goes on.
const stillEvery = 10 * time.Second

func migrate(ctx context.Context, c *config.Config, out io.Writer) error {
	began := time.Now()
	took := func() time.Duration { return time.Since(began).Round(time.Millisecond) }
	_, _ = fmt.Fprintln(out, "collections and indexes are made where they are missing")
	made := make(chan error, 1)
	go func() { made <- openOnce(ctx, c) }()
	still := time.NewTicker(stillEvery)
	defer still.Stop()
	for {
		select {
		case err := <-made:
			if err != nil {
				return fmt.Errorf("migrate: after %v: %w", took(), err)
			}
			_, _ = fmt.Fprintf(out, "the database has what this build needs (%v)\n", took())
			return nil
		case <-still.C:
			_, _ = fmt.Fprintf(out, "at it for %v\n", took())
		}
	}
}

// openOnce opens the stores, which makes what they lack, and closes them again.
func openOnce(ctx context.Context, c *config.Config) error {
	stores, err := gateway.OpenStores(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(stores.Ping(ctx), stores.Close())
}
