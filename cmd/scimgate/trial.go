package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/entra"
)

// trial is a whole gateway tried from outside: as its operator, then as an
// identity provider.
type trial struct {
	*operator
	publicURL string // instead of the gateway's own, where that leads elsewhere from here
	drill     bool
}

// tried is what a trial found.
type tried struct {
	OK     bool           `json:"ok"`
	Tenant string         `json:"tenant"` // made for the trial, and gone again
	Probe  entra.Report   `json:"probe"`
	Drill  *entra.Drilled `json:"drill,omitempty"`
}

func newTrialCommand() *cobra.Command {
	t := &trial{operator: new(operator)}
	cmd := &cobra.Command{
		Use:   "trial",
		Short: "Try a running gateway: make a tenant, play Entra's connection test and the drill on it, remove it",
		Long: "Trial makes a tenant of its own without a connection, so that nothing reaches any account, plays on it what " +
			"`scimgate entra probe` and `scimgate entra drill` do, and removes it, also when it is interrupted. Exit status 1 " +
			"if an answer would not do. `helm test` runs it.\n\n" +
			"The operator key is read from --admin-key-file, SCIMGATE_ADMIN_KEY_FILE or SCIMGATE_ADMIN_KEY.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, err := t.run(cmd)
			if err != nil {
				return err
			}
			return t.tell(cmd, result)
		},
	}
	t.addFlags(cmd.Flags())
	cmd.Flags().StringVar(&t.publicURL, "public-url", "", "where the public listener is reached from here (default: as the gateway says)")
	cmd.Flags().BoolVar(&t.drill, "drill", true, "play the drill too, not the connection test alone")
	return cmd
}

// run makes the tenant, plays, and removes it whatever happened.
func (t *trial) run(cmd *cobra.Command) (result tried, err error) {
	ctx := cmd.Context()
	id := "trial-" + uuid.NewString()[:8]
	settings := &admin.SettingsInput{Limit: &admin.LimitInput{Rate: 1000, Burst: 1000}}
	in := admin.TenantInput{ID: id, DisplayName: "scimgate trial", Settings: settings}
	if err := t.call(ctx, "POST", "/tenants", in, nil); err != nil {
		return tried{}, err
	}
	defer func() { err = errors.Join(err, t.remove(ctx, id)) }()
	var minted admin.Minted
	if err := t.call(ctx, "POST", tenantPath(id)+"/tokens", admin.TokenInput{Label: "trial", ExpiresInDays: 1}, &minted); err != nil {
		return tried{}, err
	}
	return t.play(cmd, id, minted)
}

func (t *trial) play(cmd *cobra.Command, id string, minted admin.Minted) (tried, error) {
	at := minted.TenantURL
	if t.publicURL != "" {
		at = strings.TrimRight(t.publicURL, "/") + "/t/" + id + "/identity/scim"
	}
	client, err := entra.NewClient(at, minted.Secret, 1)
	if err != nil {
		return tried{}, err
	}
	defer client.Close()
	e := endpoint{json: t.json}
	probed := entra.Probe(cmd.Context(), client, e.teller(cmd))
	result := tried{OK: probed.OK, Tenant: id, Probe: probed}
	if !probed.OK || !t.drill {
		return result, nil
	}
	drilled, err := entra.Drill(cmd.Context(), client, entra.Exercise{})
	if err == nil && !t.json {
		err = printDrilled(cmd.OutOrStdout(), drilled)
	}
	result.OK, result.Drill = drilled.OK, &drilled
	return result, err
}

// tell prints the result, unless it was told as it came, and is the exit status.
func (t *trial) tell(cmd *cobra.Command, result tried) error {
	if t.json {
		if err := json.NewEncoder(cmd.OutOrStdout()).Encode(result); err != nil {
			return err
		}
	}
	if !result.OK {
		return exitError(1)
	}
	return nil
}

func (t *trial) remove(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := t.call(ctx, "DELETE", tenantPath(id), nil, nil); err != nil {
		return fmt.Errorf("the trial's tenant %s is left behind: %w", id, err)
	}
	return nil
}
