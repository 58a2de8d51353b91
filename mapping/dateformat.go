package mapping

import (
	"strconv"
	"strings"
	"time"

	"scimgate/scim/value"
)

// datePart is a piece of a .NET date and time format: a specifier such as yyyy,
// or a literal.
type datePart struct {
	specifier byte // 0 for a literal
	width     int  // how often it stands
	literal   string
}

// standardFormats are .NET's single letters, as the invariant culture has them.
var standardFormats = map[string]string{
	"d": "MM/dd/yyyy", "D": "dddd, dd MMMM yyyy", "t": "HH:mm", "T": "HH:mm:ss",
	"g": "MM/dd/yyyy HH:mm", "G": "MM/dd/yyyy HH:mm:ss", "s": "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
	"u": "yyyy'-'MM'-'dd HH':'mm':'ss'Z'", "o": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
	"O": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK", "r": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'", "R": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
}

// widths says how often each specifier may stand.
var widths = map[byte]int{
	'd': 4, 'f': 7, 'F': 7, 'h': 2, 'H': 2, 'K': 1, 'm': 2, 'M': 4, 's': 2, 't': 2, 'y': 5, 'z': 3,
}

// dateFormat takes a .NET format apart; ok is false for what .NET does not know
// either, and for eras.
func dateFormat(format string) (parts []datePart, ok bool) {
	if standard, ok := standardFormats[format]; ok {
		format = standard
	} else if len(format) == 1 {
		return nil, false
	}
	for at := 0; at < len(format); {
		part, size := nextPart(format[at:])
		if size == 0 {
			return nil, false
		}
		if part.specifier != 0 || part.literal != "" {
			parts = append(parts, part)
		}
		at += size
	}
	return parts, len(parts) > 0
}

// nextPart reads the first piece of a format, and its size; 0 for none.
func nextPart(format string) (part datePart, size int) {
	switch c := format[0]; {
	case widths[c] > 0:
		for size < len(format) && format[size] == c {
			size++
		}
		if size > widths[c] {
			return part, 0
		}
		return datePart{specifier: c, width: size}, size
	case c == 'g':
		return part, 0
	case c == '\'' || c == '"':
		end := strings.IndexByte(format[1:], c)
		if end < 0 {
			return part, 0
		}
		return datePart{literal: format[1 : 1+end]}, end + 2
	case c == '\\':
		if len(format) == 1 {
			return part, 0
		}
		return datePart{literal: format[1:2]}, 2
	case c == '%':
		return part, 1
	default:
		return datePart{literal: format[:1]}, 1
	}
}

// The names that .NET's DateTimeStyles has. Only AdjustToUniversal and the like
// say something that is not always so here.
var dateStyles = []string{
	"None", "RoundtripKind", "AllowLeadingWhite", "AllowTrailingWhite", "AllowInnerWhite", "AllowWhiteSpaces",
	"AssumeUniversal", "AssumeLocal", "AdjustToUniversal", "NoCurrentDateDefault",
}

func (b *binder) dateStyles(c *call) {
	styles, ok := b.literal(c, 1, "dateTimeStyles")
	if !ok || strings.TrimSpace(styles) == "" {
		return
	}
	for style := range strings.SplitSeq(styles, ",") {
		style = strings.TrimPrefix(strings.TrimSpace(style), "DateTimeStyles.")
		if !containsFold(dateStyles, style) {
			b.fault(c.args[1], "there is no such style of dates", "there are "+strings.Join(dateStyles, ", "))
			return
		}
	}
}

func containsFold(list []string, s string) bool {
	for _, one := range list {
		if strings.EqualFold(one, s) {
			return true
		}
	}
	return false
}

// format reads a format argument, which must be a literal.
func (b *binder) format(c *call, i int, what string) []datePart {
	text, ok := b.literal(c, i, what)
	if !ok {
		if i < len(c.args) && c.args[i] == nil {
			b.fault(c, what+" is missing", `write it as in "yyyy-MM-dd"`)
		}
		return nil
	}
	parts, ok := dateFormat(text)
	if !ok {
		b.fault(c.args[i], what+" is no date and time format", `write it as in "yyyy-MM-dd HH:mm:ss"; eras are not supported`)
	}
	return parts
}

func formatDateTime(b *binder, c *call) run {
	b.dateStyles(c)
	in, out := b.format(c, 2, "inputFormat"), b.format(c, 3, "outputFormat")
	return func(e *evaluation, args []node) value.Value {
		source, _ := e.text(args[0])
		if source == "" {
			return value.Value{}
		}
		t, ok := parseDate(strings.TrimSpace(source), in)
		if !ok || !inCalendar(t) {
			return e.fail("the source of FormatDateTime is not in its inputFormat")
		}
		var b strings.Builder
		for _, part := range out {
			part.write(&b, t)
		}
		return e.result(b.String())
	}
}

// layouts are the pieces that Go writes as .NET does.
var layouts = map[byte][]string{
	'd': {"2", "02", "Mon", "Monday"}, 'h': {"3", "03"}, 'H': {"", "15"}, 'm': {"4", "04"},
	'M': {"1", "01", "Jan", "January"}, 's': {"5", "05"}, 't': {"PM", "PM"}, 'y': {"", "06", "", "2006"},
	'K': {"Z07:00"}, 'z': {"", "-07", "-07:00"},
}

func (p *datePart) write(b *strings.Builder, t time.Time) {
	switch layout := p.layout(); {
	case p.specifier == 0:
		b.WriteString(p.literal)
	case layout != "":
		text := t.Format(layout)
		if p.specifier == 't' {
			text = text[:p.width]
		}
		b.WriteString(text)
	case p.specifier == 'f' || p.specifier == 'F':
		p.writeFraction(b, t)
	case p.specifier == 'H':
		b.WriteString(strconv.Itoa(t.Hour()))
	case p.specifier == 'z':
		b.WriteString("+0") // all dates are UTC
	default: // y, yyy, yyyyy
		year := t.Year()
		if p.width == 1 {
			year %= 100
		}
		text := strconv.Itoa(year)
		b.WriteString(strings.Repeat("0", max(p.width-len(text), 0)) + text)
	}
}

func (p *datePart) layout() string {
	if known := layouts[p.specifier]; p.width <= len(known) && p.width > 0 {
		return known[p.width-1]
	}
	return ""
}

func (p *datePart) writeFraction(b *strings.Builder, t time.Time) {
	digits := t.Format(".000000000")[1 : 1+p.width]
	if p.specifier == 'F' {
		digits = strings.TrimRight(digits, "0")
	}
	b.WriteString(digits)
}
