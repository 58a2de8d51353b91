package mapping

import (
	"strings"
	"testing"
)

func TestDates(t *testing.T) {
	for expression, want := range map[string]string{
		// What CDate reads.
		`CDate("2021-06-30")`:                    "6/30/2021 12:00:00 AM",
		`CDate(" 2021-06-30T13:05:09.123Z ")`:    "6/30/2021 1:05:09 PM",
		`CDate("2021-06-30 13:05")`:              "6/30/2021 1:05:00 PM",
		`CDate("6/30/2021 1:05:09 PM")`:          "6/30/2021 1:05:09 PM",
		`CDate("6/30/2021 23:05")`:               "6/30/2021 11:05:00 PM",
		`CDate("Wed, 30 Jun 2021 01:05:09 GMT")`: "6/30/2021 1:05:09 AM",
		`CDate("June 30, 2021")`:                 "6/30/2021 12:00:00 AM",
		`CDate(CDate("2021-06-30"))`:             "6/30/2021 12:00:00 AM",
		`CDate([nickName])`:                      "null",
		`CDate("")`:                              "fault: expression of CDate is a date",
		`CDate("30/6/2021")`:                     "fault: expression of CDate is a date",
		`CDate("0000-01-01")`:                    "fault: expression of CDate is a date",
		`CDate([title])`:                         "failure: a function was given something that is no date where it takes one",
		// DateAdd keeps to the month and to the calendar.
		`DateAdd("m", 1, "2024-01-31")`:             "2/29/2024 12:00:00 AM",
		`DateAdd("m", -1, "2024-03-31")`:            "2/29/2024 12:00:00 AM",
		`DateAdd("yyyy", 1, "2024-02-29")`:          "2/28/2025 12:00:00 AM",
		`DateAdd("h", 25, "2024-02-28")`:            "2/29/2024 1:00:00 AM",
		`DateAdd("n", -1, "2024-01-01")`:            "12/31/2023 11:59:00 PM",
		`DateAdd("s", 86399, "2024-01-01")`:         "1/1/2024 11:59:59 PM",
		`DateAdd("d", "7", "2024-01-01")`:           "1/8/2024 12:00:00 AM",
		`DateAdd("d", 7, [nickName])`:               "null",
		`DateAdd("d", [nickName], "2024-01-01")`:    "null",
		`DateAdd("d", [title], "2024-01-01")`:       "failure: a function was given something that is no whole number where it takes one",
		`DateAdd("yyyy", 8000, "2024-01-01")`:       "failure: a date lies outside of the years 1 to 9999",
		`DateAdd("yyyy", 130000, "2024-01-01")`:     "failure: a date lies outside of the years 1 to 9999",
		`DateAdd("ww", 399999999999, "2024-01-01")`: "failure: a date lies outside of the years 1 to 9999",
		`DateAdd("s", -99999999999, "2024-01-01")`:  "failure: a date lies outside of the years 1 to 9999",
		// DateDiff.
		`DateDiff("d", "2024-01-01T23:00:00Z", "2024-01-02T01:00:00Z")`: "0",
		`DateDiff("yyyy", "2023-12-31", "2024-01-01")`:                  "1",
		`DateDiff("m", "2023-12-31", "2024-01-01")`:                     "1",
		`DateDiff("ww", "2024-01-06", "2024-01-07")`:                    "1", // Saturday, Sunday
		`DateDiff("h", "2024-01-02", "2024-01-01")`:                     "-24",
		`DateDiff("s", "0001-01-01", "9999-12-31")`:                     "315537811200",
		`DateDiff("d", [nickName], "2024-01-01")`:                       "null",
		`DateFromNum(0)`:                                   "1/1/1601 12:00:00 AM",
		`DateFromNum([nickName])`:                          "null",
		`DateFromNum(9223372036854775807)`:                 "failure: a date lies outside of the years 1 to 9999",
		`NumFromDate("1601-01-01")`:                        "0",
		`NumFromDate([nickName])`:                          "null",
		`DateFromNum(NumFromDate("2024-02-29T12:00:00Z"))`: "2/29/2024 12:00:00 PM",
	} {
		if got := evaluate(t, expression); got != want {
			t.Errorf("%s = %q, want %q", expression, got, want)
		}
	}
}

// Formats are .NET's; the results are those of its invariant culture.
func TestDateFormats(t *testing.T) {
	const at = "2009-06-15T13:45:30.6175425Z"
	for format, want := range map[string]string{
		"yyyy-MM-dd": "2009-06-15", "d.M.yy": "15.6.09", "y": "", "%y": "9", "yyy": "2009", "yyyyy": "02009",
		"dddd, dd MMMM": "Monday, 15 June", "ddd MMM": "Mon Jun", "h:mm tt": "1:45 PM", "hh t": "01 P", "H HH": "13 13",
		"ss.f": "30.6", "ss.fff": "30.617", "fffffff": "6175425", "FFFF": "6175", "m s": "45 30", "%h": "1",
		"zzz": "+00:00", "zz": "+00", "%z": "+0", "HHK": "13Z", "'at' HH\\h": "at 13h", "\"o'clock\"": "o'clock",
		"d": "06/15/2009", "D": "Monday, 15 June 2009", "t": "13:45", "T": "13:45:30", "g": "06/15/2009 13:45", "G": "06/15/2009 13:45:30",
		"s": "2009-06-15T13:45:30", "u": "2009-06-15 13:45:30Z", "o": "2009-06-15T13:45:30.6175425Z", "r": "Mon, 15 Jun 2009 13:45:30 GMT",
	} {
		out := strings.ReplaceAll(strings.ReplaceAll(format, `\`, `\\`), `"`, `\"`)
		got := evaluate(t, `FormatDateTime("`+at+`", , "o", "`+out+`")`)
		if want == "" {
			want = "fault: outputFormat is no date and time format"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
}

func TestDatesThatAreRead(t *testing.T) {
	for _, test := range []struct{ source, format, want string }{
		{"20150123105347.1Z", "yyyyMMddHHmmss.fZ", "2015-01-23T10:53:47"},
		{"2020-12-31-08:00", "yyyy-MM-ddzzz", "2020-12-31T08:00:00"},
		{"2020-12-31+14", "yyyy-MM-ddzz", "2020-12-30T10:00:00"},
		{"2020-12-31T10:00Z", "yyyy-MM-ddTHH:mmK", "2020-12-31T10:00:00"},
		{"2020-12-31T10:00", "yyyy-MM-ddTHH:mmK", "2020-12-31T10:00:00"},
		{" 1/2/2020 12:05:06 am ", "M/d/yyyy hh:mm:ss tt", "2020-01-02T00:05:06"},
		{"12/31/2020 12:05:06 PM", "M/d/yyyy h:mm:ss tt", "2020-12-31T12:05:06"},
		{"3 P", "h t", "0001-01-01T15:00:00"},
		{"Tue 5 May 30", "ddd d MMM yy", "1930-05-05T00:00:00"},
		{"5 december 29", "d MMMM yy", "2029-12-05T00:00:00"},
		{"10.5", "HH.FF", "0001-01-01T10:00:00"},
		{"2021-02-29", "yyyy-MM-dd", ""},
		{"2021-13-01", "yyyy-MM-dd", ""},
		{"2021-1-1", "yyyy-MM-dd", ""},
		{"2021-01-01x", "yyyy-MM-dd", ""},
		{"2021-01-0", "yyyy-MM-dd", ""},
		{"24:00", "HH:mm", ""},
		{"13:00 PM", "hh:mm tt", ""},
		{"00:00 PM", "hh:mm tt", ""},
		{"12:60", "HH:mm", ""},
		{"2021-01-01+15:00", "yyyy-MM-ddzzz", ""},
		{"2021-01-01", "yyyy-MM-ddzzz", ""},
		{"2021-01-01+1:x", "yyyy-MM-ddzzz", ""},
		{"1 Foo 2021", "d MMM yyyy", ""},
		{"5 xm", "h tt", ""},
		{"1.x", "s.f", ""},
	} {
		want := test.want
		if want == "" {
			want = "failure: the source of FormatDateTime is not in its inputFormat"
		}
		if got := evaluate(t, `FormatDateTime("`+test.source+`", "AllowWhiteSpaces, AdjustToUniversal", "`+test.format+`", "s")`); got != want {
			t.Errorf("%s as %s: %q, want %q", test.source, test.format, got, want)
		}
	}
	if got := evaluate(t, `FormatDateTime([nickName], , "yyyy", "yyyy")`); got != "null" {
		t.Errorf("of nothing: %s", got)
	}
}
