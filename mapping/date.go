package mapping

import (
	"strings"
	"time"

	"scimgate/scim/value"
)

// dateText is how functions write a date: Entra's M/d/yyyy h:mm:ss tt.
const dateText = "1/2/2006 3:04:05 PM"

// dateForms are what CDate reads, in Go's layouts. Months have their English
// names, and the month stands before the day, as in .NET's invariant culture.
var dateForms = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04",
	"2006-01-02", "2006-01-02Z07:00",
	dateText, "1/2/2006 3:04 PM", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006",
	time.RFC1123, time.RFC1123Z, "2 January 2006", "2 Jan 2006", "January 2, 2006", "Jan 2, 2006",
}

// maxDate bounds the length of a text that is read as a date.
const maxDate = 64

// readDate reads a text as CDate does; the date is in UTC. A text without an
// offset is taken for UTC.
func readDate(text string) (time.Time, bool) {
	if text = strings.TrimSpace(text); text == "" || len(text) > maxDate {
		return time.Time{}, false
	}
	for _, form := range dateForms {
		if t, err := time.Parse(form, text); err == nil {
			t = t.UTC()
			return t, inCalendar(t)
		}
	}
	return time.Time{}, false
}

// inCalendar reports whether .NET has such a date.
func inCalendar(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// date evaluates n to a date; ok is false for null and an empty text, and if the
// run has failed.
func (e *evaluation) date(n node) (t time.Time, ok bool) {
	text, _ := e.text(n)
	if text == "" {
		return time.Time{}, false
	}
	if t, ok = readDate(text); !ok {
		e.fail("a function was given something that is no date where it takes one")
	}
	return t, ok
}

func (e *evaluation) dateResult(t time.Time) value.Value {
	if !inCalendar(t) {
		return e.fail("a date lies outside of the years 1 to 9999")
	}
	return e.result(t.Format(dateText))
}

func toDate(e *evaluation, args []node) value.Value {
	t, ok := e.date(args[0])
	if !ok {
		return value.Value{}
	}
	return e.dateResult(t)
}

// Active Directory and .NET count ticks of 100 ns, the former from 1601 on.
const (
	ticks     = 10_000_000 // in a second
	epoch1601 = 11_644_473_600
)

func dateFromNum(e *evaluation, args []node) value.Value {
	n, ok := e.integer(args[0])
	if !ok {
		return value.Value{}
	}
	return e.dateResult(time.Unix(n/ticks-epoch1601, n%ticks*100).UTC())
}

func numFromDate(e *evaluation, args []node) value.Value {
	t, ok := e.date(args[0])
	if !ok {
		return value.Value{}
	}
	return value.Int(ticksOf(t) + epoch1601*ticks)
}

func ticksOf(t time.Time) int64 { return t.Unix()*ticks + int64(t.Nanosecond())/100 }
