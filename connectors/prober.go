package connectors

import "context"

// Prober is what a Connector is besides, if it can find out what its target can do.
type Prober interface {
	// Probe asks the target what it can do, and creates and changes nothing. A target
	// that cannot be reached, or refuses the credential, is an *Error.
	Probe(ctx context.Context) ([]Finding, error)
}

// Finding is one thing that a probe found out. It holds nothing of any resource.
type Finding struct {
	What   string `json:"what" doc:"What was asked" example:"filter by externalId"`
	Works  bool   `json:"works" doc:"The target does it"`
	Status int    `json:"status,omitempty" doc:"HTTP status of the answer"`
	Told   string `json:"told,omitempty" doc:"What the target says of itself"`
}
