package value

import "strings"

// IsNumber reports whether s is the literal of a JSON number (RFC 8259 §6).
func IsNumber(s string) bool {
	p := parser{text: s}
	_, err := p.number()
	return err == nil && p.at == len(s)
}

// CompareNumbers compares the numbers that a and b spell, exactly and however
// long they are: -1, 0 or 1. It reports false if one of them spells no number.
// Unlike in JSON, zeros may lead: a badge "0701" is 701. Exponents beyond ±10^18
// count as that large.
func CompareNumbers(a, b string) (order int, ok bool) {
	x, okX := readDecimal(a)
	y, okY := readDecimal(b)
	if !okX || !okY {
		return 0, false
	}
	if x.sign != y.sign {
		return sign(x.sign - y.sign), true
	}
	return x.sign * compareSizes(x, y), true
}

// decimal is 0.d₁d₂d₃… × 10^scale, where d₁ is not 0 and the digits are those
// of whole and fraction behind the leading zeros.
type decimal struct {
	sign     int // -1, 0, 1
	whole    string
	fraction string
	scale    int
}

// digit returns the i-th digit, '0' behind the last.
func (d *decimal) digit(i int) byte {
	if i < len(d.whole) {
		return d.whole[i]
	}
	if i -= len(d.whole); i < len(d.fraction) {
		return d.fraction[i]
	}
	return '0'
}

func compareSizes(x, y decimal) int {
	if x.scale != y.scale {
		return sign(x.scale - y.scale)
	}
	for i := range max(len(x.whole)+len(x.fraction), len(y.whole)+len(y.fraction)) {
		if a, b := x.digit(i), y.digit(i); a != b {
			return sign(int(a) - int(b))
		}
	}
	return 0
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func readDecimal(s string) (decimal, bool) {
	d := decimal{sign: 1}
	if strings.HasPrefix(s, "-") {
		d.sign, s = -1, s[1:]
	}
	if s = withoutZeros(s); strings.HasPrefix(s, "-") || !IsNumber(s) {
		return decimal{}, false
	}
	mantissa, exponent := s, ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent = s[:i], s[i+1:]
	}
	d.whole, d.fraction, _ = strings.Cut(mantissa, ".")
	d.trim()
	d.scale += readExponent(exponent)
	return d, true
}

// withoutZeros drops the zeros that stand before another digit.
func withoutZeros(s string) string {
	for len(s) > 1 && s[0] == '0' && '0' <= s[1] && s[1] <= '9' {
		s = s[1:]
	}
	return s
}

// trim drops leading zeros and notes where the first digit stands.
func (d *decimal) trim() {
	if d.whole = strings.TrimLeft(d.whole, "0"); d.whole != "" {
		d.scale = len(d.whole)
		return
	}
	digits := strings.TrimLeft(d.fraction, "0")
	d.scale = len(digits) - len(d.fraction)
	if d.fraction = digits; digits == "" {
		d.sign, d.scale = 0, 0
	}
}

func readExponent(s string) int {
	const most = 1_000_000_000_000_000_000
	negative := strings.HasPrefix(s, "-")
	n := 0
	for _, c := range strings.TrimLeft(s, "+-") {
		if n = n*10 + int(c-'0'); n >= most/10 {
			n = most
			break
		}
	}
	if negative {
		return -n
	}
	return n
}
