package connectors

import (
	"testing"
	"time"
)

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		header string
		want   time.Duration
	}{
		{"", 0},
		{"abc", 0},
		{"1.5", 0},
		{"+5", 0},
		{"5 seconds", 0},
		{"2026-11-24T12:00:30Z", 0},
		{"0", time.Second},
		{"-1", time.Second},
		{"-99999999999999999999", time.Second},
		{"1", time.Second},
		{" 30 ", 30 * time.Second},
		{"900", 15 * time.Minute},
		{"901", 15 * time.Minute},
		{"99999999", 15 * time.Minute},
		{"99999999999999999999999999", 15 * time.Minute},
		{"Tue, 24 Nov 2026 12:00:30 GMT", 30 * time.Second},
		{"Tuesday, 24-Nov-26 12:01:00 GMT", time.Minute},
		{"Thu, 01 Jan 1970 00:00:00 GMT", time.Second},
		{"Fri, 31 Dec 9999 23:59:59 GMT", 15 * time.Minute},
	}
	for _, test := range tests {
		if got := ParseRetryAfter(test.header, now); got != test.want {
			t.Errorf("%q: %v, want %v", test.header, got, test.want)
		}
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "-1", "120", "Tue, 24 Nov 2026 12:00:30 GMT", "99999999999999999999", "abc"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, header string) {
		d := ParseRetryAfter(header, now)
		if d != 0 && (d < minRetryAfter || d > maxRetryAfter) {
			t.Errorf("%q gives %v", header, d)
		}
	})
}
