package mapping

import (
	"strings"
	"testing"

	"scimgate/scim/value"
)

// evaluate returns the result of an expression over britta, "null", or what
// went wrong.
func evaluate(tb testing.TB, expression string) string {
	tb.Helper()
	n, faults := compileExpression(expression, userType(), false)
	if len(faults) > 0 {
		return "fault: " + faults[0].Reason
	}
	e := &evaluation{attributes: object(tb, britta)}
	v := e.value(n)
	text, ok := textOf(v)
	switch {
	case e.failure != "":
		return "failure: " + e.failure
	case !ok:
		return "null"
	default:
		return text
	}
}

func TestExamplesOfTheFunctions(t *testing.T) {
	for _, f := range Functions() {
		if f.Doc == "" || f.Usage() == "" || len(f.Examples) == 0 {
			t.Errorf("%s is not documented", f.Name)
		}
		for _, example := range f.Examples {
			got := strings.TrimPrefix(evaluate(t, example.Expression), "null")
			if got != example.Result {
				t.Errorf("%s = %q, documented as %q", example.Expression, got, example.Result)
			}
		}
	}
}

func TestExpression(t *testing.T) {
	for expression, want := range map[string]string{
		// Values and references.
		`"a \"quoted\" \\ text"`:               `a "quoted" \ text`,
		` [ userName ] `:                       "B.Simon@contoso.com",
		`[USERNAME]`:                           "B.Simon@contoso.com",
		`[name.givenName]`:                     "Britta",
		`[nickName]`:                           "null",
		`[id]`:                                 "8d3f",
		`[active]`:                             "True",
		`[department]`:                         "Research", // misplaced, as Entra's documentation has it
		`[emails[type eq "home"]]`:             "britta@home.example",
		`[emails[primary eq true].value]`:      "b.simon@contoso.com",
		`[phoneNumbers[type eq "fax"].value]`:  "null",
		`[addresses[type eq "work"].locality]`: "Berlin",
		`(("x"))`:                              "x",
		`42`:                                   "42",
		`[urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department]`: "Research",
		`[urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager]`:    "m1",
		`[urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge]`:        "701",
		// Null: each function's own rule.
		`Append([nickName], "x")`:               "null",
		`Append([title], [nickName])`:           "Engineer",
		`Append([title], )`:                     "Engineer",
		`Join(" ", [nickName], [locale])`:       "",
		`Join(, "a", "b")`:                      "ab",
		`Coalesce([nickName], [locale])`:        "null",
		`Coalesce([nickName], "", "x")`:         "",
		`ToLower([nickName])`:                   "null",
		`ToUpper([nickName])`:                   "null",
		`Trim([nickName])`:                      "null",
		`Mid([nickName], 1, 2)`:                 "null",
		`Left([nickName], 2)`:                   "",
		`Replace([nickName], "a", , , "b", , )`: "null",
		`Replace([nickName], "a", , , , , "a")`: "null",
		`Replace([nickName], , "a", , "b", , )`: "null",
		`Switch([nickName], "d", "x", "1")`:     "d",
		`Switch([nickName], , "x", "1")`:        "null",
		`Join(";", [roles.value])`:              "",
		`Replace("a", , "a|(?<g>b)", "g", "x")`: "a",
		// IIF: an empty or absent attribute fails the condition, whatever the operator.
		`IIF([nickName]="", "t", "f")`:      "f",
		`IIF([nickName]<>"x", "t", "f")`:    "f",
		`IIF("x"<>[nickName], "t", "f")`:    "f",
		`IIF([title]<>"", "t", "f")`:        "t",
		`IIF([title]="engineer", "t", "f")`: "f",
		`IIF([active]="true", "t", "f")`:    "t",
		`IIF([active], "t", "f")`:           "t",
		`IIF([nickName], "t", "f")`:         "f",
		`IIF([title]>"Eng", "t", "f")`:      "t",
		`IIF([urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber]=42, "t", "f")`:   "t",
		`IIF([urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber]="42", "t", "f")`: "f",
		`IIF([urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge]>"90", "t", "f")`:            "t",
		`IIF(2<=2, "t", "f")`: "t",
		`IIF(2>=3, "t", "f")`: "f",
		`IIF(2<3, , "f")`:     "null",
		`IIF([title]="Engineer", IIF([active]="True", "both", "one"), "none")`: "both",
		// The portal's own expression for active, turned round.
		`Switch([active], , "False", "True", "True", "False")`: "False",
		// Characters are code points.
		`Left("äöü", 2)`:    "äö",
		`Mid("a€😀b", 2, 2)`: "€😀",
		`Mid("abc", 0, 2)`:  "ab",
		`Mid("abc", 9, 2)`:  "",
		`Mid("abc", 2, -1)`: "",
		`Left("abc", "2")`:  "ab",
		// Replace: text by text is literal, patterns are not.
		`Replace("a.b.c", ".", , , "-", , )`:          "a-b-c",
		`Replace("abc", , "[a-z]", , "$$x$", , )`:     "$x$$x$$x$",
		`Replace("abc", , "(b)", , "<${1}>", , )`:     "a<b>c",
		`Replace("ab12", , "[a-z]*", , "", , )`:       "12",
		`Replace("Aa", "a", , , "b")`:                 "Ab",
		`Replace("x", , "(?<g>y)", "g", , [title], )`: "x",
		`Replace("", , "(?<g>y)", "g", , [title], )`:  "null",
		`Replace("abc", "", , , "x", , )`:             "abc",
		// As in .NET, unnamed groups are numbered first, and what is no group is a text.
		`Replace("ab12", , "(?<l>[a-z]+)(\\d+)", , "$1-$2-${l}-$&", , )`: "12-ab-ab-ab12",
		`Replace("ab", , "(b)", , "$0$9${x}${1", , )`:                    "ab$9${x}${1",
		`Replace("ab", , "b", , "$", , )`:                                "a$",
		`Replace("b", , "(a)?b", , "<$1>", , )`:                          "<>",
		// What is pasted from a web page has other spaces.
		"Trim(\u00a0\"x\"\u00a0)\n": "x",
		// Conditions.
		`CBool([nickName])`:             "False",
		`CBool("-0.5")`:                 "True",
		`CBool([title])`:                "failure: CBool was given neither a boolean nor a number",
		`Not([title]="Engineer")`:       "False",
		`Not([nickName])`:               "True",
		`IIF(Not([active]), "t", "f")`:  "f",
		`IIF(IsNull([nickName]), 1, 2)`: "1",
		`IsString([nickName])`:          "False",
		`IsString(7)`:                   "False",
		`IsNull([roles.value])`:         "True",
		`IsPresent("")`:                 "False",
		// Numbers.
		`BitAnd(-1, 255)`:                          "255",
		`BitAnd([title], 1)`:                       "failure: a function was given something that is no whole number where it takes one",
		`BitAnd([nickName], 1)`:                    "null",
		`InStr("äöü", "ü")`:                        "3",
		`InStr("abc", "z")`:                        "0",
		`InStr("abcabc", "A", 2, "vbTextCompare")`: "4",
		`InStr("abc", "a", 99)`:                    "0",
		`InStr([nickName], "a")`:                   "0",
		`Len("äöü")`:                               "3",
		// Words and lists.
		`Word([nickName], 1, " ")`:                           "",
		`Word("a  b", 2, " ")`:                               "b",
		`Word("a", 0, " ")`:                                  "",
		`PCase("o'neil 1st élan-VITAL")`:                     "O'neil 1st Élan-Vital",
		`PCase([nickName])`:                                  "null",
		`Item([emails.value], 0)`:                            "null",
		`Item([title], 1)`:                                   "Engineer",
		`Count([title])`:                                     "1",
		`Count(Split("a,,b", ","))`:                          "3",
		`Count(Split("a", ""))`:                              "1",
		`Coalesce([nickName], Item([emails.value], 1))`:      "britta@home.example",
		`StripSpaces([nickName])`:                            "null",
		`ConvertToBase64("😀")`:                               "PdgA3g==",
		`FormatDateTime("2123-04-05", , "yyyy-MM-dd", "%y")`: "23",
		// Names of Entra.
		`[givenName]`:          "Britta",
		`[SURNAME]`:            "Simon",
		`[mail]`:               "b.simon@contoso.com",
		`Left("abc", [title])`: "failure: a function was given something that is no whole number where it counts characters",
	} {
		if got := evaluate(t, expression); got != want {
			t.Errorf("%s = %q, want %q", expression, got, want)
		}
	}
}

func TestFaultsOfExpressions(t *testing.T) {
	deep := strings.Repeat("Trim(", 33) + `"x"` + strings.Repeat(")", 33)
	for expression, want := range map[string]struct {
		column int
		reason string
	}{
		``:                                  {1, "the expression is empty"},
		`  `:                                {1, "the expression is empty"},
		`Trim("ä", Tolower("x"))`:           {11, "there is no function Tolower"},
		`Join("`:                            {6, "this text has no end"},
		`[userName`:                         {1, "this attribute has no end"},
		`"a\n"`:                             {3, "a backslash stands only before"},
		`Trim(“x”)`:                         {6, "this character means nothing here"},
		`Trim "x"`:                          {1, "a function's name is followed by ("},
		`Trim("x"`:                          {9, ") is missing here"},
		`Trim("x"))`:                        {10, "the expression should end here"},
		`"a" "b"`:                           {5, "the expression should end here"},
		`,`:                                 {1, "a value is missing here"},
		`007`:                               {1, "this is not a number"},
		`1.`:                                {1, "this is not a number"},
		`"a" = `:                            {7, "a value is missing here"},
		`(,)`:                               {2, "a value is missing here"},
		`("a"`:                              {5, ") is missing here"},
		`Join(" ", "`:                       {11, "this text has no end"},
		`[emails[type eq "x\"]].value`:      {1, "this attribute has no end"},
		`ToLower("a", "b", "c")`:            {1, "takes 1 to 2"},
		`-`:                                 {1, "this is not a number"},
		`Trim([shoeSize])`:                  {7, "no attribute"},
		`Trim([emails[type zz "x"].value])`: {18, "this is not the path of an attribute"},
		`Trim([password])`:                  {7, "password"},
		`Trim([name])`:                      {6, "has sub-attributes"},
		`Trim([emails])`:                    {6, "has several values"},
		`[emails.value]`:                    {1, "has several values"},
		`[urn:ietf:params:scim:schemas:extension:appspace:2.0:User:undefined]`: {2, "is not a defined attribute"},
		`[urn:ietf:params:scim:schemas:extension:enterprise:2.0:User]`:         {2, "this names a whole schema"},
		`Trim()`:                                       {1, "Trim is given 0 arguments and takes 1"},
		`Mid("a", 1)`:                                  {1, "Mid is given 2 arguments and takes 3"},
		`Coalesce()`:                                   {1, "takes 1 or more"},
		`Switch("a", "b", "c", "d", "e")`:              {1, "the last key of Switch has no value"},
		`"a" = "b"`:                                    {1, "a comparison stands only"},
		`Join(" ", "a" = "b")`:                         {11, "a comparison stands only"},
		`IIF("a"="b"="c", "t", "f")`:                   {12, "one comparison compares two values"},
		`Replace("a", , "(", , "b", , )`:               {16, "the regular expression cannot be read"},
		`Replace("a", , "(?=x)", , "b", , )`:           {16, "the regular expression cannot be read"},
		`Replace("a", , [title], , "b", , )`:           {16, "regexPattern must be written out"},
		`Replace("a", , "b", "g", "c", , )`:            {21, "the pattern has no group of this name"},
		`Replace("a", , "b", , , , )`:                  {1, "none of the five forms"},
		`Replace("a", , "([ab]c{40}){25}", , "b", , )`: {16, "the regular expression is too large"},
		`ToLower("a", "??")`:                           {14, "this culture is not known"},
		deep:                                           {5*32 + 5, "nested more than 32 deep"},
		`"` + strings.Repeat("x", 10_000) + `"`:        {1, "longer than 10,000 characters"},
		`Join(` + strings.Repeat(",", 3_000) + `)`:     {2_005, "more than 2,000 parts"},
	} {
		_, faults := compileExpression(expression, userType(), false)
		if len(faults) == 0 {
			t.Errorf("%.80s: no fault", expression)
			continue
		}
		if f := faults[0]; f.Column != want.column || !strings.Contains(f.Reason, want.reason) {
			t.Errorf("%.80s: column %d: %s; want %d: %s", expression, f.Column, f.Reason, want.column, want.reason)
		}
	}
}

func TestAllFaultsOfOneExpression(t *testing.T) {
	_, faults := compileExpression(`Join(Lower([a]), [b], Mid("x"), Nope([c]))`, userType(), false)
	columns := make([]int, len(faults))
	for i, f := range faults {
		columns[i] = f.Column
	}
	want := []int{6, 13, 19, 23, 33, 39}
	if len(columns) != len(want) {
		t.Fatalf("faults: %v", faults)
	}
	for i := range want {
		if columns[i] != want[i] {
			t.Errorf("fault %d at column %d, want %d: %v", i, columns[i], want[i], faults[i])
		}
	}
}

func TestHintsNameWhatIsMeant(t *testing.T) {
	for expression, hint := range map[string]string{
		`tolower("x")`:             "write ToLower",
		`[mailNickname]`:           "externalId",
		`[dispayName]`:             "did you mean displayName?",
		`[bagde]`:                  "did you mean urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge?",
		`Apend("a", "b")`:          "did you mean Append?",
		`NormaliseDiacritics("x")`: "did you mean NormalizeDiacritics?",
		`Lower("x")`:               "there are Append, BitAnd",
		`Guid()`:                   "use [id]",
		`Now()`:                    "DateDiff",
		`IIF("a", "b", "c")`:       "write a comparison",
		`Left("a", "b")`:           "write it as 7",
		`ToLower(x)`:               `"x"`,
	} {
		_, faults := compileExpression(expression, userType(), false)
		if len(faults) != 1 || !strings.Contains(faults[0].Hint, hint) {
			t.Errorf("%s: %v, want a hint with %s", expression, faults, hint)
		}
	}
}

// What could grow without bound is stopped at 64 KiB before it is made.
func TestResultsAreBounded(t *testing.T) {
	big := strings.Repeat("x", maxText)
	long := func(expression string) string {
		n, faults := compileExpression(expression, userType(), false)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		e := &evaluation{attributes: value.NewObject(
			value.Member{Name: "nickName", Value: value.NewText(big)},
			value.Member{Name: "title", Value: value.NewText(big + "x")})}
		e.value(n)
		return e.failure
	}
	for _, expression := range []string{
		`Append([nickName], "x")`, `Join("", [nickName], "x")`, `Replace([nickName], "x", , , "xy", , )`,
		`Replace([nickName], "x", , , [nickName], , )`, `Replace([nickName], , "x", , [nickName], , )`,
		`Replace("x", , "(?<g>x)", , "${g}${g}", , "") `, `ToLower([title])`, `Left([title], 1)`, `Replace([nickName], , "(x|y)*?", , "z", , )`,
	} {
		failed := long(expression) != ""
		if want := !strings.Contains(expression, "${g}"); failed != want {
			t.Errorf("%s: failed is %v", expression, failed)
		}
	}
	if failure := long(`ToLower([nickName])`); failure != "" {
		t.Errorf("64 KiB exactly: %s", failure)
	}
}

func FuzzExpression(f *testing.F) {
	for _, function := range Functions() {
		for _, example := range function.Examples {
			f.Add(example.Expression)
		}
	}
	f.Add(`IIF([nickName]<>"x", Join(";", [emails.value]), Switch([active], , "True", 1, "", -2.5))`)
	f.Add(`Replace("ab", , "(?<g>a)?", "g", "$${g}", , )`)
	t, attributes := userType(), object(f, britta)
	f.Fuzz(func(tt *testing.T, expression string) {
		n, faults := compileExpression(expression, t, true)
		for _, fault := range faults {
			if fault.Column < 1 || fault.Reason == "" {
				tt.Errorf("fault without a place or a reason: %+v", fault)
			}
		}
		if len(faults) > 0 {
			return
		}
		e := &evaluation{attributes: attributes}
		v := e.value(n.node)
		if text, _ := textOf(v); e.failure == "" && len(text) > maxText {
			tt.Errorf("a result of %d bytes", len(text))
		}
		if v.Kind() == value.Array && !n.many {
			tt.Error("a list where one value was promised")
		}
		traced := &evaluation{attributes: attributes, trace: &trace{open: new(Step)}}
		if again := traced.value(n.node); !value.Equal(v, again) || traced.failure != e.failure {
			tt.Errorf("explained, it is %v (%s), else %v (%s)", again, traced.failure, v, e.failure)
		}
	})
}
