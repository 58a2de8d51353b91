package connectors

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestClassify(t *testing.T) {
	tests := []struct {
		status  int
		fault   Fault
		unknown bool // for a request that changes something
	}{
		{300, Protocol, true},
		{302, Protocol, true},
		{304, Protocol, true},
		{307, Protocol, true},
		{400, Rejected, false},
		{401, Unauthorized, false},
		{403, Unauthorized, false},
		{404, Unauthorized, false},
		{405, Rejected, false},
		{408, Transient, true},
		{409, Conflict, false},
		{410, Rejected, false},
		{412, Rejected, false},
		{413, Rejected, false},
		{422, Rejected, false},
		{429, Throttled, false},
		{500, Transient, true},
		{501, Rejected, false},
		{502, Transient, true},
		{503, Throttled, true},
		{504, Transient, true},
		{599, Transient, true},
		{199, Protocol, true},
		{600, Protocol, true},
		{999, Protocol, true},
	}
	for _, test := range tests {
		res := &http.Response{StatusCode: test.status, Header: http.Header{"Retry-After": {"7"}}}
		e := Classify(res, true, time.Now())
		if e.Fault != test.fault || e.Unknown != test.unknown || e.Status != test.status {
			t.Errorf("%d: %+v", test.status, e)
		}
		if e := Classify(res, false, time.Now()); e.Unknown {
			t.Errorf("%d: a read leaves nothing unknown", test.status)
		}
		if want := 7 * time.Second; e.Fault == Throttled && e.RetryAfter != want {
			t.Errorf("%d: wait %v, want %v", test.status, e.RetryAfter, want)
		}
		if !strings.HasPrefix(e.Reason, "the target ") {
			t.Errorf("%d: %q is no sentence for a person", test.status, e.Reason)
		}
	}
	for _, status := range []int{200, 201, 202, 204} {
		if e := Classify(&http.Response{StatusCode: status}, true, time.Now()); e != nil {
			t.Errorf("%d: %v", status, e)
		}
	}
}
