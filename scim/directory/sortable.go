package directory

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// cut returns at most n bytes of s, and no half of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// after is the least string, of whole characters, that sorts after everything
// that begins with s.
func after(s string) string {
	for len(s) > 0 {
		r, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
		switch {
		case r == utf8.RuneError && size == 1, r == utf8.MaxRune:
			continue
		case r == 0xD7FF: // surrogates are no characters
			return s + "\uE000"
		default:
			return s + string(r+1)
		}
	}
	return string(utf8.MaxRune)
}

// readTime reads a dateTime (RFC 7643 §2.3.5); one without a zone is in UTC.
func readTime(text string) (time.Time, bool) {
	if len(text) < len("2006-01-02T15:04:05") || text[4] != '-' {
		return time.Time{}, false
	}
	text = strings.ToUpper(text)
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// sortableTime orders instants from the year 0 to 9999, whatever their zone.
func sortableTime(t time.Time) string {
	const yearZero = -62167305600 // a day before 0000-01-01, in Unix seconds
	key := make([]byte, 0, 21)
	key = appendDigits(key, uint64(max(0, t.Unix()-yearZero)), 12)
	return string(appendDigits(key, uint64(t.Nanosecond()), 9))
}

// sortableNumber orders JSON numbers by value, without losing a digit of the
// first 40. It is: sign, exponent of the decimal 0.ddd, digits; all of it
// complemented for negative numbers.
func sortableNumber(text string) (string, bool) {
	negative, digits, exponent, ok := decimal(text)
	switch {
	case !ok:
		return "", false
	case digits == "":
		return "1", true
	}
	const bias, most = 1_000_000_000, 999_999_999
	if exponent < -most || exponent > most {
		exponent, digits = min(max(exponent, -most), most), ""
	}
	key := strconv.Itoa(exponent + bias)
	key = "0000000000"[len(key):] + key + cut(digits, 40)
	if !negative {
		return "2" + key, true
	}
	flipped := []byte("0" + key + "~")
	for i := 1; i < len(flipped)-1; i++ {
		flipped[i] = '0' + '9' - flipped[i]
	}
	return string(flipped), true
}

// decimal splits a number into sign, significant digits and the exponent of
// 0.digits; zero has no digits.
func decimal(text string) (negative bool, digits string, exponent int, ok bool) {
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, power, scaled := strings.Cut(strings.ToLower(rest), "e")
	if scaled {
		if exponent, ok = readExponent(power); !ok {
			return false, "", 0, false
		}
	}
	whole, fraction, pointed := strings.Cut(mantissa, ".")
	if whole == "" || pointed && fraction == "" || !onlyDigits(whole) || !onlyDigits(fraction) {
		return false, "", 0, false
	}
	digits = strings.TrimLeft(whole+fraction, "0")
	exponent += len(whole) - (len(whole) + len(fraction) - len(digits))
	return negative, strings.TrimRight(digits, "0"), exponent, true
}

func readExponent(power string) (int, bool) {
	n := strings.TrimLeft(power, "+-")
	if n == "" || len(power)-len(n) > 1 || !onlyDigits(n) {
		return 0, false
	}
	if n = strings.TrimLeft(n, "0"); len(n) > 9 {
		n = "999999999"
	}
	e, _ := strconv.Atoi("0" + n)
	if power[0] == '-' {
		e = -e
	}
	return e, true
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
