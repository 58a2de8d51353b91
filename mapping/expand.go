package mapping

import "strings"

// expansion is the text that a Replace with a pattern makes.
type expansion struct {
	p      *pattern
	source string
	kept   int // up to here source is in out, or replaced
	out    []byte
}

// keep appends what of source stands before end.
func (x *expansion) keep(end int) { x.out = append(x.out, x.source[x.kept:end]...) }

// expand appends a replacement for match. As in .NET, $1, ${1} and ${name} stand
// for groups, $& and $0 for the whole match, $$ for a dollar sign; what names no
// group is a text like any other. It stops soon after maxText.
func (x *expansion) expand(by string, match []int) {
	for len(x.out) <= maxText {
		before, after, found := strings.Cut(by, "$")
		x.out = append(x.out, before...)
		if !found {
			return
		}
		group, size := x.p.group(after)
		switch {
		case strings.HasPrefix(after, "$"):
			x.out, by = append(x.out, '$'), after[1:]
		case size == 0:
			x.out, by = append(x.out, '$'), after
		default:
			if from := match[2*group]; from >= 0 {
				x.out = append(x.out, x.source[from:match[2*group+1]]...)
			}
			by = after[size:]
		}
	}
}

// group reads the group that text, what stands behind a dollar sign, begins with;
// size is 0 if it names none.
func (p *pattern) group(text string) (group, size int) {
	if strings.HasPrefix(text, "&") {
		return 0, 1
	}
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 0 {
		return p.numbered(text[:digits], digits)
	}
	name, _, closed := strings.Cut(strings.TrimPrefix(text, "{"), "}")
	if !closed || text[0] != '{' {
		return 0, 0
	}
	if i := p.SubexpIndex(name); i > 0 {
		return i, len(name) + 2
	}
	return p.numbered(name, len(name)+2)
}

// numbered is the group that .NET gives a number.
func (p *pattern) numbered(digits string, length int) (group, size int) {
	if digits == "" || len(digits) > 4 || strings.Trim(digits, "0123456789") != "" {
		return 0, 0
	}
	if n := atoi(digits); n < len(p.numbers) {
		return p.numbers[n], length
	}
	return 0, 0
}
