package mapping

import "testing"

func TestRewrite(t *testing.T) {
	upper := func(attribute string) string {
		if attribute == `emails[type eq "wo]rk"].value` {
			return "[mail]"
		}
		return "[" + attribute + "!]"
	}
	for expression, want := range map[string]string{
		`[a]`:                          `[a!]`,
		`Join(" ", [a], "[b]" ,[ c ])`: `Join(" ", [a!], "[b]" ,[c!])`,
		`IIF([a]="\"[x]\\", [emails[type eq "wo]rk"].value], 7)`: `IIF([a!]="\"[x]\\", [mail], 7)`,
		`"nothing"`: `"nothing"`,
	} {
		if got, err := Rewrite(expression, upper); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", expression, got, err, want)
		}
	}
	for _, bad := range []string{`Join(`, `[a`, `"a`, ``, `a b`} {
		if got, err := Rewrite(bad, upper); err == nil {
			t.Errorf("%s: %s", bad, got)
		}
	}
}
