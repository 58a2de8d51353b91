package admin

import (
	"context"
	"encoding/json"
	"time"

	"scimgate/connectors"
	"scimgate/tenant"
)

// ProbeView is what was found out of an account, and when.
type ProbeView struct {
	At       time.Time            `json:"at"`
	Findings []connectors.Finding `json:"findings"`
}

// ProbeConnection finds out what an account can do, and keeps it. Nothing is
// created there. An account that cannot be asked leaves what was known.
func (s *Service) ProbeConnection(ctx context.Context, id tenant.ID, connectionID string) (ProbeView, error) {
	t, c, err := s.connection(ctx, id, connectionID)
	if err != nil {
		return ProbeView{}, err
	}
	asking, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	found, err := s.askAccount(asking, t, c)
	if err != nil {
		return ProbeView{}, err
	}
	view := ProbeView{time.Now().UTC().Truncate(time.Second), found}
	text, err := json.Marshal(view)
	if err != nil {
		return ProbeView{}, err
	}
	_, err = s.update(ctx, id, func(t *tenant.Tenant) error {
		at := find(t, connectionID)
		if at < 0 {
			return tenant.ErrNotFound
		}
		t.Connections[at].Probed = text
		return nil
	})
	return view, err
}

func (s *Service) askAccount(ctx context.Context, t *tenant.Tenant, c tenant.Connection) ([]connectors.Finding, error) {
	connector, err := s.Open(ctx, t, c)
	if err != nil {
		return nil, invalid("settings: " + err.Error())
	}
	prober, can := connector.(connectors.Prober)
	if !can {
		return nil, invalid("a connection of kind " + c.Kind + " cannot be asked what it can do")
	}
	found, err := prober.Probe(ctx)
	if err != nil {
		return nil, invalid("the account does not answer as it should: " + err.Error())
	}
	return found, nil
}

// Probed reads what is kept of a probe; nil where nothing is.
func Probed(c tenant.Connection) *ProbeView {
	view := new(ProbeView)
	if c.Probed == nil || json.Unmarshal(c.Probed, view) != nil {
		return nil
	}
	return view
}

func (s *Service) probeConnection(ctx context.Context, in *InConnection) (ProbeView, error) {
	return s.ProbeConnection(ctx, in.Tenant, in.Connection)
}
