package connectors

import (
	"errors"
	"fmt"
	"time"
)

// Fault says whose fault an Error is, which is all that delivery needs to decide
// what to do next.
type Fault string

// The faults.
const (
	Transient    Fault = "transient"    // the target is away: retry, no last attempt
	Throttled    Fault = "throttled"    // the target asks for patience: the whole connection waits
	Rejected     Fault = "rejected"     // the target refuses this object: park after a few tries
	Conflict     Fault = "conflict"     // the account has such a user already, and it is not ours: park
	Unauthorized Fault = "unauthorized" // the target refuses our credential: the whole connection waits
	Protocol     Fault = "protocol"     // an answer that makes no sense: retry as Transient
)

// ErrCannotAsk is the one answer of a Connector that is no *Error: Matches of a
// target that only listens. Nobody knows what such a target holds, so delivery
// tells it once more, and an audit has nothing to compare.
var ErrCannotAsk = errors.New("the target only listens and cannot be asked what it holds")

// Error is what a Connector reports. Reason holds nothing that the target said
// beyond its status, and no value of the object.
type Error struct {
	Fault      Fault
	Status     int           // HTTP status of the answer; 0 if there was none
	RetryAfter time.Duration // what the target asked for; 0 if nothing
	Unknown    bool          // a change may have been applied, or may be yet
	Creating   bool          // if Unknown: the change was a creation
	Reason     string        // one sentence for a person
	Err        error         // cause, for logs; may be nil
}

func (e *Error) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("%s (HTTP %d)", e.Reason, e.Status)
	}
	return e.Reason
}

func (e *Error) Unwrap() error { return e.Err }

// AsError returns err as an *Error; anything else is Transient and of unknown
// outcome, which is the careful reading.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Fault: Transient, Unknown: true, Reason: "the connector failed", Err: err}
}
