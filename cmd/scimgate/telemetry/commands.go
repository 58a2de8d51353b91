package telemetry

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/event"
)

// Commands watches a MongoDB client. Of a command nothing but its name is looked at.
func (t *Telemetry) Commands() *event.CommandMonitor {
	if t == nil {
		return nil
	}
	return &event.CommandMonitor{
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			t.it.command.took(e.Duration, commandKey{e.CommandName, "ok"})
		},
		Failed: func(_ context.Context, e *event.CommandFailedEvent) {
			t.it.command.took(e.Duration, commandKey{e.CommandName, "fault"})
		},
	}
}

type commandKey struct{ name, outcome string }

func (k commandKey) values() []string { return []string{k.name, k.outcome} }
