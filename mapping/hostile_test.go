package mapping

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scimgate/scim/value"
)

// patience is how long a hostile expression may take to be refused or to fail.
const patience = 10 * time.Millisecond

// within10ms runs f up to ten times and fails unless one run is fast enough: the
// machine is shared, and one slow run says nothing.
func within10ms(t *testing.T, what string, f func()) {
	t.Helper()
	best := time.Hour
	for range 10 {
		start := time.Now()
		f()
		if best = min(best, time.Since(start)); best <= patience {
			return
		}
	}
	t.Errorf("%.60s takes %v", what, best)
}

func nested(open string, n int, inner, end string) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
}

// hostile are expressions that a careless evaluator works on for long.
var hostile = map[string]string{
	"too long":           `"` + strings.Repeat("x", 10_000) + `"`,
	"far too long":       strings.Repeat(`Trim(`, 200_000),
	"too deep":           nested("Trim(", 1_000, `"x"`, ")"),
	"groups":             nested("(", 9_000, `"x"`, ""),
	"brackets":           strings.Repeat("[", 9_999),
	"many faults":        "Join(" + strings.Repeat("[x],", 1_900) + `"")`,
	"many functions":     "Join(" + strings.Repeat("Nope(),", 1_300) + `"")`,
	"long name":          strings.Repeat("x", 9_000) + "()",
	"exponential":        nested(`Replace(`, 30, `"aaaaaaaaaa"`, `, "a", , , "aaaaaaaaaa", , )`),
	"doubling":           nested(`Replace(`, 30, `"aa"`, `, , "a", , "aa")`),
	"huge join":          `Join("", ` + strings.TrimSuffix(strings.Repeat("[nickName],", 850), ",") + ")",
	"huge coalesce":      "Coalesce(" + strings.Repeat("ToLower([nickName]),", 480) + `"x")`,
	"huge lengths":       "Join(\"\"," + strings.TrimSuffix(strings.Repeat("Len([nickName]),", 600), ",") + ")",
	"many lists":         "Join(\"\"," + strings.TrimSuffix(strings.Repeat("Count([emails.value]),", 450), ",") + ")",
	"split":              `Count(Split([nickName], "x"))`,
	"split by nothing":   `Count(Split([nickName], ""))`,
	"million repeats":    `Replace([nickName], , "((x{100}){100}){100}", , "")`,
	"thousand repeats":   `Replace([nickName], , "x{1000}", , "")`,
	"quadratic":          `Replace([nickName], , "(x*)*y", , "")`,
	"lazy":               `Replace([nickName], , "(x|y)*?", , "z", , )`,
	"classes":            `Replace([nickName], , "` + strings.Repeat(`\\pL`, 300) + `", , "")`,
	"folded classes":     `Replace([nickName], , "(?i)` + strings.Repeat(`\\pL`, 300) + `", , "")`,
	"folded wide ranges": `Replace([nickName], , "(?i)` + strings.Repeat(`[B-\\x{1e942}]`, 60) + `", , "")`,
	"folded in a group":  `Replace([nickName], , "(?s-m:(?Ui:` + strings.Repeat(`[B-\\x{1e942}]`, 60) + `))", , "")`,
	"long alternation":   `Replace([nickName], , "` + strings.TrimSuffix(strings.Repeat(`ab|`, 330), "|") + `", , "")`,
	"groups in a reply":  `Replace([displayName], , "(.)", , "` + strings.Repeat("$1", 4_000) + `")`,
	"far dates":          `DateAdd("yyyy", 9000000000000000000, "2021-01-01")`,
	"long date":          `CDate([nickName])`,
	"dates":              "Join(\"\"," + strings.TrimSuffix(strings.Repeat("CDate([title]),", 600), ",") + ")",
	"formats":            `FormatDateTime([nickName], , "` + strings.Repeat("yyyy ", 1_900) + `", "yyyy")`,
	"hexadecimal":        "&H" + strings.Repeat("F", 9_000),
	"decimals":           `IIF(` + strings.Repeat("9", 4_000) + `>` + strings.Repeat("8", 4_000) + `, "x", "y")`,
	"diacritics":         `NormalizeDiacritics([profileUrl])`,
	"escapes":            `"` + strings.Repeat(`\\`, 4_900) + `"`,
}

// benign are those of hostile that do have a result.
var benign = map[string]bool{"decimals": true, "escapes": true, "huge coalesce": true}

func TestHostileExpressionsEndSoon(t *testing.T) {
	user := value.NewObject(
		value.Member{Name: "nickName", Value: value.NewText(strings.Repeat("x", maxText))},
		value.Member{Name: "displayName", Value: value.NewText(strings.Repeat("y", 1_000))},
		value.Member{Name: "title", Value: value.NewText("December 32, 2020")},
		value.Member{Name: "profileUrl", Value: value.NewText(strings.Repeat("ä", maxText/2+1))},
		value.Member{Name: "emails", Value: manyEmails(20_000)})
	definitions := userType()
	for name, expression := range hostile {
		failed := ""
		within10ms(t, name, func() {
			n, faults := compileExpression(expression, definitions, false)
			if len(faults) > 0 {
				failed = faults[0].String()
				return
			}
			e := &evaluation{attributes: user}
			e.value(n.node)
			failed = e.failure
		})
		if (failed != "") == benign[name] {
			t.Errorf("%s: the failure is %q", name, failed)
		}
		if len(failed) > 2_000 {
			t.Errorf("%s: the failure is %d bytes long", name, len(failed))
		}
	}
}

func manyEmails(n int) value.Value {
	list := make([]value.Value, n)
	for i := range list {
		list[i] = value.Of(value.NewObject(value.Member{Name: "value", Value: value.NewText(fmt.Sprint(i, "@x.io"))}))
	}
	return value.List(list...)
}

// A pattern that fits a person's data is never refused for its steps.
func TestUsualPatternsAreNotTooMuch(t *testing.T) {
	user := object(t, `{"displayName":"`+strings.Repeat("Dr. Britta-Maria O'Simon (ext) ", 12)+`"}`)
	for _, p := range []string{
		`[^a-zA-Z0-9]+`, `\\s+`, `(?i)\\b(dr|prof)\\.?\\s*`, `(?<first>\\w+)\\W+(?<last>\\w+)`, `[()\\s-]+`, `\\p{Lu}`, `.`,
	} {
		n, faults := compileExpression(`Replace([displayName], , "`+p+`", , "_", , )`, userType(), false)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		e := &evaluation{attributes: user}
		if e.value(n.node); e.failure != "" {
			t.Errorf("%s: %s after %d steps", p, e.failure, e.steps)
		}
	}
}
