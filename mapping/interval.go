package mapping

import (
	"time"

	"scimgate/scim/value"
)

const intervalNames = "yyyy years, m months, d days, ww weeks, h hours, n minutes, s seconds"

// interval is a unit of DateAdd and DateDiff.
type interval struct {
	name    string
	seconds int64 // its length, or
	months  int
}

var intervals = []interval{
	{"yyyy", 0, 12},
	{"m", 0, 1},
	{"d", 24 * 60 * 60, 0},
	{"ww", 7 * 24 * 60 * 60, 0},
	{"h", 60 * 60, 0},
	{"n", 60, 0},
	{"s", 1, 0},
}

// interval finds the unit, which must be a literal; nil after a fault.
func (b *binder) interval(c *call) *interval {
	name, ok := b.literal(c, 0, "the interval")
	for i := range intervals {
		if intervals[i].name == name {
			return &intervals[i]
		}
	}
	switch {
	case ok:
		b.fault(c.args[0], "there is no such interval", "there are "+intervalNames)
	case len(c.args) > 0 && c.args[0] == nil:
		b.fault(c, "the interval is missing", "there are "+intervalNames)
	}
	return nil
}

// farthest is the largest number of intervals that is added: more than there are
// seconds in .NET's calendar.
const farthest = 400_000_000_000

func dateAdd(b *binder, c *call) run {
	unit := b.interval(c)
	return func(e *evaluation, args []node) value.Value {
		n, given := e.integer(args[1])
		t, ok := e.date(args[2])
		if !given || !ok {
			return value.Value{}
		}
		if n > farthest || n < -farthest || unit.months > 0 && (n > 120_000 || n < -120_000) {
			return e.fail("a date lies outside of the years 1 to 9999")
		}
		if unit.months > 0 {
			return e.dateResult(addMonths(t, int(n)*unit.months))
		}
		if n > farthest/unit.seconds || n < -farthest/unit.seconds {
			return e.fail("a date lies outside of the years 1 to 9999")
		}
		return e.dateResult(time.Unix(t.Unix()+n*unit.seconds, int64(t.Nanosecond())).UTC())
	}
}

// addMonths keeps to the month: 31 January and a month is the last of February.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

func dateDiff(b *binder, c *call) run {
	unit := b.interval(c)
	return func(e *evaluation, args []node) value.Value {
		from, first := e.date(args[1])
		to, second := e.date(args[2])
		if !first || !second {
			return value.Value{}
		}
		return value.Int(unit.between(from, to))
	}
}

// between counts as Visual Basic's DateDiff does, whose results Microsoft's
// examples show: by the calendar for years and months, from Sunday to Sunday for
// weeks, else whole intervals.
func (u *interval) between(from, to time.Time) int64 {
	switch u.name {
	case "yyyy":
		return int64(to.Year() - from.Year())
	case "m":
		return int64(12*(to.Year()-from.Year()) + int(to.Month()-from.Month()))
	case "ww":
		from, to = from.AddDate(0, 0, -int(from.Weekday())), to.AddDate(0, 0, -int(to.Weekday()))
	}
	return (ticksOf(to) - ticksOf(from)) / (u.seconds * ticks)
}
