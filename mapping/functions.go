package mapping

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"scimgate/scim/value"
)

// run computes a call. Arguments are evaluated by whoever needs them, so that
// IIF touches one branch only.
type run func(e *evaluation, args []node) value.Value

// Function describes one function of the expression language, for a manual or
// an editor's help.
type Function struct {
	Name     string
	Usage    string    // its arguments by name
	Doc      string    // one or two sentences
	Examples []Example // each is run as a test

	min, max int  // arguments; max -1: any number
	many     bool // an argument may stand for several values
	// prepare checks the arguments that must be literals and makes run of them;
	// nil where run is given.
	prepare func(b *binder, c *call) run
	run     run
}

// Example is an expression and its result for the user of the tests.
type Example struct{ Expression, Result string }

// Functions returns the functions that expressions may use, in alphabetical
// order. They are Entra's, with Entra's names, arguments and answers to absent
// values. Characters are Unicode code points.
func Functions() []Function { return functions }

var functions = []Function{
	{
		Name: "Append", Usage: "source, suffix", min: 2, max: 2, run: appendSuffix,
		Doc: "Puts suffix behind source. Null if source is.",
		Examples: []Example{
			{`Append([externalId], "@contoso.com")`, "bsimon@contoso.com"},
			{`Append([nickName], "@contoso.com")`, ""},
		},
	},
	{
		Name: "Coalesce", Usage: "source1, source2, …, default", min: 1, max: -1, run: coalesce,
		Doc: "The first argument that is not null; the last one serves as the default.",
		Examples: []Example{
			{`Coalesce([nickName], [displayName], "nobody")`, "Britta Simon"},
			{`Coalesce([nickName], [locale], "nobody")`, "nobody"},
		},
	},
	{
		Name: "IIF", Usage: "condition, valueIfTrue, valueIfFalse", min: 3, max: 3, run: iif,
		Doc: "valueIfTrue where the condition (= <> > >= < <=) holds, else valueIfFalse. " +
			"A condition on an attribute that is empty or absent does not hold.",
		Examples: []Example{
			{`IIF([title]="Engineer", "Technical", "Other")`, "Technical"},
			{`IIF([nickName]<>"Britt", "yes", "no")`, "no"},
		},
	},
	{
		Name: "Join", Usage: "separator, source1, source2, …", min: 2, max: -1, many: true, run: join,
		Doc: "Puts the sources together with separator between them. Empty and absent ones are skipped; " +
			"of an attribute with several values each counts.",
		Examples: []Example{
			{`Join(", ", "", [name.familyName], [name.givenName])`, "Simon, Britta"},
			{`Join(";", [emails.value])`, "britta@home.example;b.simon@contoso.com"},
		},
	},
	{
		Name: "Left", Usage: "source, length", min: 2, max: 2, run: left,
		Doc: "The first length characters of source: none for 0, all of it for a negative length; empty if source is null.",
		Examples: []Example{
			{`Left([name.givenName], 3)`, "Bri"},
			{`Left([name.givenName], 0)`, ""},
			{`Left([name.givenName], -1)`, "Britta"},
		},
	},
	{
		Name: "Mid", Usage: "source, start, length", min: 3, max: 3, run: mid,
		Doc: "length characters of source from start on, counted from 1; what lies beyond the end is left out. Null if source is.",
		Examples: []Example{
			{`Mid([name.familyName], 2, 3)`, "imo"},
			{`Mid([name.familyName], 4, 99)`, "on"},
		},
	},
	{
		Name: "Replace", min: 5, max: 7, prepare: replace,
		Usage: "source, oldValue, regexPattern, regexGroupName, replacementValue, replacementAttributeName, template",
		Doc: "Replaces, in the case as written: oldValue by replacementValue in source; oldValue by source in template; " +
			"what regexPattern matches, or its group regexGroupName, by replacementValue (which may name groups, ${name}); " +
			"or takes regexGroupName out of replacementAttributeName where source is empty. " +
			"Patterns are linear-time: without look-around and back-references.",
		Examples: []Example{
			{`Replace([userName], "@contoso.com", , , "@fabrikam.com", , )`, "B.Simon@fabrikam.com"},
			{`Replace([externalId], "USER", , , , , "USER@fabrikam.com")`, "bsimon@fabrikam.com"},
			{`Replace([phoneNumbers[type eq "work"].value], , "\\+(?<country>\\d+) (?<local>\\d+)", , "0${local}", , )`, "0555123"},
			{`Replace([userName], , "(?<name>.*)@(?<domain>.*)", "domain", "fabrikam.com", , )`, "B.Simon@fabrikam.com"},
			{`Replace([nickName], , "(?<name>.*)@", "name", , [userName], )`, "B.Simon"},
		},
	},
	{
		Name: "Switch", Usage: "source, default, key1, value1, key2, value2, …", min: 4, max: -1, prepare: switchPairs,
		Doc: `The value of the key that equals source, in the case as written; the key "" stands for an empty or absent source. ` +
			"default if there is none.",
		Examples: []Example{
			{`Switch([active], , "False", "suspended", "True", "active")`, "active"},
			{`Switch([title], "other", "engineer", "tech")`, "other"},
			{`Switch([nickName], "other", "", "none")`, "none"},
		},
	},
	{
		Name: "ToLower", Usage: "source, culture", min: 1, max: 2, prepare: changeCase(strings.ToLower, cases.Lower),
		Doc: `source in lower case, by the rules of culture ("tr-TR") if one is given. Null if source is.`,
		Examples: []Example{
			{`ToLower([userName])`, "b.simon@contoso.com"},
			{`ToLower("KARTI", "tr-TR")`, "kartı"},
		},
	},
	{
		Name: "ToUpper", Usage: "source, culture", min: 1, max: 2, prepare: changeCase(strings.ToUpper, cases.Upper),
		Doc:      `source in upper case, by the rules of culture ("tr-TR") if one is given. Null if source is.`,
		Examples: []Example{{`ToUpper([name.familyName])`, "SIMON"}, {`ToUpper("istanbul", "tr-TR")`, "İSTANBUL"}},
	},
	{
		Name: "Trim", Usage: "source", min: 1, max: 1, run: trim,
		Doc:      "source without white space at its beginning and end. Null if source is.",
		Examples: []Example{{`Trim("  Britta ")`, "Britta"}},
	},
}

func appendSuffix(e *evaluation, args []node) value.Value {
	source, ok := e.text(args[0])
	if !ok {
		return value.Value{}
	}
	suffix, _ := e.text(args[1])
	return e.result(source + suffix)
}

func coalesce(e *evaluation, args []node) value.Value {
	for _, arg := range args {
		if v := e.value(arg); !v.IsNull() {
			return v
		}
	}
	return value.Value{}
}

// iif also takes a condition without a comparison, such as [active].
func iif(e *evaluation, args []node) value.Value {
	if condition, _ := e.text(args[0]); strings.EqualFold(condition, "True") {
		return e.value(args[1])
	}
	return e.value(args[2])
}

func join(e *evaluation, args []node) value.Value {
	separator, _ := e.text(args[0])
	var b strings.Builder
	add := func(v value.Value) {
		text, _ := textOf(v)
		switch {
		case text == "" || e.failure != "":
			return
		case b.Len()+len(separator)+len(text) > maxText:
			e.fail("the result of Join is longer than 64 KiB")
			return
		case b.Len() > 0:
			b.WriteString(separator)
		}
		b.WriteString(text)
	}
	for _, arg := range args[1:] {
		v := e.value(arg)
		add(v)
		for _, item := range v.Items() {
			add(item)
		}
	}
	return value.NewText(b.String())
}

func left(e *evaluation, args []node) value.Value {
	source, _ := e.text(args[0])
	length, ok := e.number(args[1])
	if !ok || length < 0 {
		return value.NewText(source)
	}
	return value.NewText(source[:skip(source, length)])
}

// mid counts from 1; Microsoft does not say what a start below 1 means, and we
// take it for 1.
func mid(e *evaluation, args []node) value.Value {
	source, ok := e.text(args[0])
	if !ok {
		return value.Value{}
	}
	start, _ := e.number(args[1])
	length, _ := e.number(args[2])
	rest := source[skip(source, max(start-1, 0)):]
	return value.NewText(rest[:skip(rest, max(length, 0))])
}

// skip is the length in bytes of the first n characters of s.
func skip(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

func trim(e *evaluation, args []node) value.Value {
	source, ok := e.text(args[0])
	if !ok {
		return value.Value{}
	}
	return value.NewText(strings.TrimSpace(source))
}

// switchPairs makes Switch: keys and values come in pairs.
func switchPairs(b *binder, c *call) run {
	if len(c.args)%2 != 0 {
		b.fault(c, "the last key of Switch has no value", "keys and values come in pairs: Switch(source, default, key1, value1, …)")
	}
	return func(e *evaluation, args []node) value.Value {
		source, _ := e.text(args[0])
		for i := 2; i+1 < len(args); i += 2 {
			if key, _ := e.text(args[i]); key == source {
				return e.value(args[i+1])
			}
		}
		return e.value(args[1])
	}
}

// changeCase makes ToLower and ToUpper. A culture is a literal, so that a name
// nobody knows is found when the rules are compiled.
func changeCase(plain func(string) string, cultured func(language.Tag, ...cases.Option) cases.Caser) func(*binder, *call) run {
	return func(b *binder, c *call) run {
		change := plain
		if culture, given := b.literal(c, 1, "the culture"); given {
			tag, err := language.Parse(culture)
			if err != nil {
				b.fault(c.args[1], "this culture is not known", `write a name such as "en-US"`)
			}
			change = func(s string) string { return cultured(tag).String(s) }
		}
		return func(e *evaluation, args []node) value.Value {
			source, ok := e.text(args[0])
			if !ok {
				return value.Value{}
			}
			return e.result(change(source))
		}
	}
}
