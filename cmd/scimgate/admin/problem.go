package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"scimgate/tenant"
)

const (
	readyTime  = 2 * time.Second
	retryAfter = "5" // seconds
)

func problem(status int, detail string) *huma.ErrorModel {
	return &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail}
}

// refusal turns an error of the Service into the API's answer. What is not the
// caller's doing is logged and told as a 503.
func (s *Service) refusal(ctx context.Context, err error) error {
	var (
		told  *InvalidError
		stale *StaleError
		ready *huma.ErrorModel
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &told):
		p := problem(http.StatusUnprocessableEntity, "scimgate cannot take this; nothing was changed")
		for _, fault := range told.Faults {
			p.Errors = append(p.Errors, &huma.ErrorDetail{Message: fault})
		}
		if told.Rules != nil {
			return &rulesError{p, told.written.All(told.Rules)}
		}
		return p
	case errors.As(err, &ready):
		return ready
	case errors.As(err, &stale):
		return problem(http.StatusConflict, stale.Error())
	case errors.Is(err, ErrPrecondition):
		return problem(http.StatusPreconditionFailed, ErrPrecondition.Error())
	case errors.Is(err, ErrBusy):
		return problem(http.StatusConflict, ErrBusy.Error())
	case errors.Is(err, tenant.ErrNotFound):
		return problem(http.StatusNotFound, "there is no such thing")
	case errors.Is(err, tenant.ErrExists):
		return problem(http.StatusConflict, "it exists already")
	case errors.Is(err, tenant.ErrConflict):
		return problem(http.StatusConflict, "others changed it meanwhile; try again")
	}
	s.Log.ErrorContext(ctx, "the operator's API failed", "error", err)
	return huma.ErrorWithHeaders(
		problem(http.StatusServiceUnavailable, "a store does not answer; what was asked may have happened or not"),
		http.Header{"Retry-After": {retryAfter}},
	)
}

// forgetValues keeps what the caller sent out of the answer that refuses it: it
// may hold a secret.
func forgetValues(_ huma.Context, _ string, v any) (any, error) {
	if p, ok := v.(*huma.ErrorModel); ok {
		for _, e := range p.Errors {
			e.Value = nil
		}
	}
	return v, nil
}
