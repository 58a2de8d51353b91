// Command scimgate is the provisioning gateway between identity providers and
// Appspace accounts. This package only wires: each command is a file of its own
// that reads flags and calls a package below.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		os.Exit(report(os.Stderr, err))
	}
}

// report prints an error once, for a person, and returns the exit status.
func report(w io.Writer, err error) int {
	var done exitError
	if errors.As(err, &done) {
		return int(done)
	}
	_, _ = fmt.Fprintln(w, "scimgate: "+err.Error())
	return 1
}

// exitError ends the process with a status after everything has been said.
type exitError int

func (s exitError) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "scimgate",
		Short:         "Provision users from an identity provider into Appspace accounts over SCIM 2.0",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newDemoCommand(),
		newServeCommand(),
		newSandboxCommand(),
		newTenantCommand(),
		newTokenCommand(),
		newKeyCommand(),
		newChangesCommand(),
		newCredentialCommand(),
		newConnectionCommand(),
		newAttributesCommand(),
		newRulesCommand(),
		newAzureSetupCommand(),
		newRekeyCommand(),
		newReplayCommand(),
		newDeliveriesCommand(),
		newJournalCommand(),
		newAuditCommand(),
		newEntraCommand(),
		newTrialCommand(),
		newExportCommand(),
		newImportCommand(),
		newBackupCommand(),
		newMigrateCommand(),
		newRemainsCommand(),
		newCheckCommand(),
		newVersionCommand(),
	)
	return root
}
