package mapping

import (
	"strings"
	"time"
)

// dateReading is what a text has told of a date so far.
type dateReading struct {
	text                                   string
	year, month, day, hour, minute, second int
	nanos                                  int
	pm, half                               bool // half: the hour is one of twelve
	offset                                 int  // seconds east of UTC
}

// parseDate reads text as a .NET format says. The date is in UTC, to which an
// offset in the text leads.
func parseDate(text string, format []datePart) (time.Time, bool) {
	r := &dateReading{text: text, year: 1, month: 1, day: 1}
	for _, part := range format {
		if !r.read(part) {
			return time.Time{}, false
		}
	}
	if r.text != "" || !r.plausible() {
		return time.Time{}, false
	}
	t := time.Date(r.year, time.Month(r.month), r.day, r.hour, r.minute, r.second, r.nanos, time.UTC)
	return t.Add(-time.Duration(r.offset) * time.Second), t.Day() == r.day
}

func (r *dateReading) plausible() bool {
	if r.half {
		if r.hour < 1 || r.hour > 12 {
			return false
		}
		r.hour %= 12
	}
	if r.pm && r.hour < 12 {
		r.hour += 12
	}
	return r.month >= 1 && r.month <= 12 && r.day >= 1 && r.hour < 24 && r.minute < 60 && r.second < 60
}

func (r *dateReading) read(p datePart) bool {
	switch p.specifier {
	case 0:
		rest, ok := strings.CutPrefix(r.text, p.literal)
		r.text = rest
		return ok
	case 'y':
		return r.readYear(p.width)
	case 'M':
		if p.width > 2 {
			return r.name(monthNames, p.width == 3, &r.month)
		}
		return r.number(p.width, 2, &r.month)
	case 'd':
		if p.width > 2 {
			return r.name(dayNames, p.width == 3, new(int))
		}
		return r.number(p.width, 2, &r.day)
	default:
		return r.readTime(p)
	}
}

func (r *dateReading) readTime(p datePart) bool {
	switch p.specifier {
	case 'h':
		r.half = true
		return r.number(p.width, 2, &r.hour)
	case 'H':
		return r.number(p.width, 2, &r.hour)
	case 'm':
		return r.number(p.width, 2, &r.minute)
	case 's':
		return r.number(p.width, 2, &r.second)
	case 'f', 'F':
		return r.fraction(p.width, p.specifier == 'F')
	case 't':
		return r.half12(p.width)
	default: // z, K
		return r.zone(p.specifier == 'K')
	}
}

// number reads width digits, or up to most where width is 1.
func (r *dateReading) number(width, most int, into *int) bool {
	n := 0
	for n < len(r.text) && n < max(width, most) && isDigit(r.text[n]) {
		n++
	}
	if n == 0 || width > 1 && n != width {
		return false
	}
	*into = atoi(r.text[:n])
	r.text = r.text[n:]
	return true
}

// atoi reads a few digits.
func atoi(digits string) int {
	n := 0
	for i := range len(digits) {
		n = 10*n + int(digits[i]-'0')
	}
	return n
}

// readYear takes two digits for 1930 to 2029, as .NET's invariant culture does.
func (r *dateReading) readYear(width int) bool {
	if width > 2 {
		return r.number(width, width, &r.year)
	}
	if !r.number(width, 2, &r.year) {
		return false
	}
	if r.year += 2000; r.year > 2029 {
		r.year -= 100
	}
	return true
}

func (r *dateReading) fraction(width int, some bool) bool {
	n := 0
	for n < width && n < len(r.text) && isDigit(r.text[n]) {
		n++
	}
	if n < width && !some {
		return false
	}
	r.nanos = atoi((r.text[:n] + "000000000")[:9])
	r.text = r.text[n:]
	return true
}

func (r *dateReading) half12(width int) bool {
	for _, name := range []string{"AM", "PM"} {
		if len(r.text) >= width && strings.EqualFold(r.text[:width], name[:width]) {
			r.pm, r.text = name == "PM", r.text[width:]
			return true
		}
	}
	return false
}

// zone reads +1, +01 or +01:00, in K also Z and nothing.
func (r *dateReading) zone(optional bool) bool {
	if rest, ok := strings.CutPrefix(r.text, "Z"); ok {
		r.text = rest
		return true
	}
	if r.text == "" || r.text[0] != '+' && r.text[0] != '-' {
		return optional
	}
	sign := 1 - 2*strings.Count(r.text[:1], "-")
	r.text = r.text[1:]
	hours, minutes := 0, 0
	if !r.number(1, 2, &hours) {
		return false
	}
	if rest, ok := strings.CutPrefix(r.text, ":"); ok {
		if r.text = rest; !r.number(2, 2, &minutes) {
			return false
		}
	}
	r.offset = sign * (hours*3600 + minutes*60)
	return hours <= 14 && minutes < 60
}

var (
	monthNames = []string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	}
	dayNames = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
)

// name reads one of names, or its first three letters.
func (r *dateReading) name(names []string, short bool, into *int) bool {
	for i, name := range names {
		if short {
			name = name[:3]
		}
		if len(r.text) >= len(name) && strings.EqualFold(r.text[:len(name)], name) {
			*into, r.text = i+1, r.text[len(name):]
			return true
		}
	}
	return false
}
