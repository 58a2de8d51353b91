package mapping

import (
	"strings"

	"golang.org/x/text/cases"
)

// functions is the whole language: a new function is one row. The examples are
// run for the user of the tests (mapping_test.go).
var functions = []Function{
	{
		Name: "Append", result: textual, run: appendSuffix,
		params: []param{{"source", textual, once}, {"suffix", textual, once}},
		Doc:    "Puts suffix behind source. Null if source is.",
		Examples: []Example{
			{`Append([externalId], "@contoso.com")`, "bsimon@contoso.com"},
			{`Append([nickName], "@contoso.com")`, ""},
		},
	},
	{
		Name: "BitAnd", result: numeric, run: bitAnd,
		params:   []param{{"value1", whole, once}, {"value2", whole, once}},
		Doc:      "The bits that both whole numbers have; hexadecimal numbers are written &HF7. Null if one of the two is.",
		Examples: []Example{{`BitAnd(&HF, &HF7)`, "7"}},
	},
	{
		Name: "CBool", result: conditional, run: toBool,
		params:   []param{{"expression", conditional, once}},
		Doc:      "True where a comparison holds, and for True and every number but 0; else False.",
		Examples: []Example{{`CBool([name.formatted] = [displayName])`, "True"}, {`CBool(0)`, "False"}},
	},
	{
		Name: "CDate", result: date, run: toDate,
		params: []param{{"expression", date, once}},
		Doc: "The date that a text spells, in UTC, as M/d/yyyy h:mm:ss tt. It is read in ISO 8601, with or without time and " +
			"offset, or as M/d/yyyy with or without a time. Null if the text is empty.",
		Examples: []Example{{`CDate("2021-06-30+08:00")`, "6/29/2021 4:00:00 PM"}},
	},
	{
		Name: "Coalesce", result: anything, run: coalesce,
		params: []param{{"source", anything, repeated}},
		Doc:    "The first argument that is not null; the last one serves as the default.",
		Examples: []Example{
			{`Coalesce([nickName], [displayName], "nobody")`, "Britta Simon"},
			{`Coalesce([nickName], [locale], "nobody")`, "nobody"},
		},
	},
	{
		Name: "ConvertToBase64", result: textual, run: toBase64,
		params:   []param{{"source", textual, once}},
		Doc:      "source in UTF-16 (little-endian), in base64. Null if source is.",
		Examples: []Example{{`ConvertToBase64("Hello world!")`, "SABlAGwAbABvACAAdwBvAHIAbABkACEA"}},
	},
	{
		Name: "ConvertToUTF8Hex", result: textual, run: toHex,
		params:   []param{{"source", textual, once}},
		Doc:      "The bytes of source in UTF-8, as hexadecimal digits. Null if source is.",
		Examples: []Example{{`ConvertToUTF8Hex("Hello world!")`, "48656C6C6F20776F726C6421"}},
	},
	{
		Name: "Count", result: numeric, run: count,
		params:   []param{{"attribute", several, once}},
		Doc:      "How many values an attribute has; 0 for none.",
		Examples: []Example{{`Count([emails.value])`, "2"}, {`Count([roles.value])`, "0"}},
	},
	{
		Name: "CStr", result: textual, run: toText,
		params:   []param{{"value", textual, once}},
		Doc:      "The value as a text: a number by its digits, a boolean as True or False.",
		Examples: []Example{{`CStr([active])`, "True"}, {`CStr(12)`, "12"}},
	},
	{
		Name: "DateAdd", result: date, prepare: dateAdd,
		params: []param{{"interval", textual, once}, {"value", whole, once}, {"dateTime", date, once}},
		Doc: "The date that lies value intervals behind dateTime (before it where value is negative): " + intervalNames +
			". Null if dateTime is. The last day of a shorter month stands for those it does not have.",
		Examples: []Example{
			{`DateAdd("d", 7, CDate("2012-03-16-07:00"))`, "3/23/2012 7:00:00 AM"},
			{`DateAdd("m", 1, "2023-01-31")`, "2/28/2023 12:00:00 AM"},
		},
	},
	{
		Name: "DateDiff", result: numeric, prepare: dateDiff,
		params: []param{{"interval", textual, once}, {"date1", date, once}, {"date2", date, once}},
		Doc: "How many intervals date2 lies behind date1: " + intervalNames +
			". Years and months count by the calendar, weeks from Sunday to Sunday. Null if a date is.",
		Examples: []Example{{`DateDiff("d", CDate("2021-08-18+08:00"), CDate("2021-08-31+08:00"))`, "13"}},
	},
	{
		Name: "DateFromNum", result: date, run: dateFromNum,
		params:   []param{{"value", whole, once}},
		Doc:      "The date that Active Directory writes as this number: units of 100 ns since 1601. Null if value is.",
		Examples: []Example{{`DateFromNum(129699324000000000)`, "1/1/2012 11:00:00 PM"}},
	},
	{
		Name: "FormatDateTime", result: textual, prepare: formatDateTime,
		params: []param{
			{"source", textual, once},
			{"dateTimeStyles", textual, once},
			{"inputFormat", textual, once},
			{"outputFormat", textual, once},
		},
		Doc: "Reads source in inputFormat and writes it in outputFormat, both .NET custom date and time formats. A date with an " +
			"offset becomes UTC. Null if source is empty; a source of another format is a failure.",
		Examples: []Example{{`FormatDateTime("20150123105347.1Z", , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")`, "2015-01-23"}},
	},
	{
		Name: "IgnoreFlowIfNullOrEmpty", result: anything, run: same,
		params: []param{{"expression", anything, once}},
		Doc: "The value of expression. Where it is null or empty the account keeps what it has, instead of losing it: " +
			`the same as "onEmpty":"Keep" in the rule.`,
		Examples: []Example{{`IgnoreFlowIfNullOrEmpty([title])`, "Engineer"}, {`IgnoreFlowIfNullOrEmpty([nickName])`, ""}},
	},
	{
		Name: "IIF", result: anything, run: iif,
		params: []param{{"condition", conditional, once}, {"valueIfTrue", anything, once}, {"valueIfFalse", anything, once}},
		Doc: "valueIfTrue where the condition (= <> > >= < <=) holds, else valueIfFalse. " +
			"A condition on an attribute that is empty or absent does not hold.",
		Examples: []Example{
			{`IIF([title]="Engineer", "Technical", "Other")`, "Technical"},
			{`IIF([nickName]<>"Britt", "yes", "no")`, "no"},
		},
	},
	{
		Name: "InStr", result: numeric, prepare: inStr,
		params: []param{
			{"value1", textual, once},
			{"value2", textual, once},
			{"start", whole, optional},
			{"compareType", textual, optional},
		},
		Doc: "Where value2 first stands in value1, counted from 1 and looked for from start on; 0 if it does not. " +
			"compareType is vbBinaryCompare (in the case as written) or vbTextCompare (in any case).",
		Examples: []Example{
			{`InStr("The quick brown fox","quick")`, "5"},
			{`InStr("repEated","e",3,vbBinaryCompare)`, "7"},
			{`InStr("repEated","e",3,vbTextCompare)`, "4"},
		},
	},
	{
		Name: "IsNull", result: conditional, run: isNull,
		params:   []param{{"expression", several, once}},
		Doc:      "True where there is no value at all; an empty text is one.",
		Examples: []Example{{`IsNull([nickName])`, "True"}, {`IsNull("")`, "False"}},
	},
	{
		Name: "IsNullOrEmpty", result: conditional, run: isNullOrEmpty,
		params:   []param{{"expression", several, once}},
		Doc:      "True where there is no value, or an empty one.",
		Examples: []Example{{`IsNullOrEmpty([nickName])`, "True"}, {`IsNullOrEmpty([title])`, "False"}},
	},
	{
		Name: "IsPresent", result: conditional, run: isPresent,
		params:   []param{{"expression", several, once}},
		Doc:      "True where there is a value that is not empty.",
		Examples: []Example{{`IsPresent([title])`, "True"}, {`IIF(IsPresent([nickName]), [nickName], [title])`, "Engineer"}},
	},
	{
		Name: "IsString", result: conditional, run: isString,
		params:   []param{{"expression", several, once}},
		Doc:      "True where the value is a text: neither a number nor a boolean, a list or null.",
		Examples: []Example{{`IsString([title])`, "True"}, {`IsString([active])`, "False"}},
	},
	{
		Name: "Item", result: textual, run: item,
		params:   []param{{"attribute", several, once}, {"index", whole, once}},
		Doc:      "One value of an attribute, counted from 1. Null if there are fewer.",
		Examples: []Example{{`Item([emails.value], 2)`, "b.simon@contoso.com"}, {`Item([emails.value], 3)`, ""}},
	},
	{
		Name: "Join", result: textual, run: join,
		params: []param{{"separator", textual, once}, {"source", several, repeated}},
		Doc: "Puts the sources together with separator between them. Empty and absent ones are skipped; " +
			"of an attribute with several values each counts.",
		Examples: []Example{
			{`Join(", ", "", [name.familyName], [name.givenName])`, "Simon, Britta"},
			{`Join(";", [emails.value])`, "britta@home.example;b.simon@contoso.com"},
		},
	},
	{
		Name: "Left", result: textual, run: left,
		params: []param{{"string", textual, once}, {"numChars", whole, once}},
		Doc:    "The first numChars characters of string: none for 0, all of it for a negative number; empty if string is null.",
		Examples: []Example{
			{`Left([name.givenName], 3)`, "Bri"},
			{`Left([name.givenName], 0)`, ""},
			{`Left([name.givenName], -1)`, "Britta"},
		},
	},
	{
		Name: "Len", result: numeric, run: length,
		params:   []param{{"string", textual, once}},
		Doc:      "How many characters string has; 0 if it is null.",
		Examples: []Example{{`Len("John Doe")`, "8"}, {`Len(42568.75)`, "8"}, {`Len([nickName])`, "0"}},
	},
	{
		Name: "Mid", result: textual, run: mid,
		params: []param{{"source", textual, once}, {"start", whole, once}, {"length", whole, once}},
		Doc:    "length characters of source from start on, counted from 1; what lies beyond the end is left out. Null if source is.",
		Examples: []Example{
			{`Mid([name.familyName], 2, 3)`, "imo"},
			{`Mid([name.familyName], 4, 99)`, "on"},
		},
	},
	{
		Name: "NormalizeDiacritics", result: textual, run: normalizeDiacritics,
		params: []param{{"source", textual, once}},
		Doc: "source with Latin letters bare of their accents: ë is e, ø and œ are oe, æ is ae, ß is ss, ł is l. " +
			"Other scripts stay as they are. Null if source is.",
		Examples: []Example{{`NormalizeDiacritics("Zoë Łukasz Groß")`, "Zoe Lukasz Gross"}},
	},
	{
		Name: "Not", result: conditional, run: not,
		params:   []param{{"source", conditional, once}},
		Doc:      "False where source is True, else True.",
		Examples: []Example{{`Not([active])`, "False"}, {`Not("False")`, "True"}},
	},
	{
		Name: "NumFromDate", result: numeric, run: numFromDate,
		params:   []param{{"value", date, once}},
		Doc:      "A date as Active Directory writes it: units of 100 ns since 1601. Null if value is.",
		Examples: []Example{{`NumFromDate("2020-12-31 23:59:59-08:00")`, "132539615990000000"}},
	},
	{
		Name: "PCase", result: textual, prepare: properCase,
		params: []param{{"source", textual, once}, {"wordSeparators", textual, optional}},
		Doc: "source with the first letter of each word in upper case and all others in lower case. Words end at the characters " +
			"of wordSeparators; without it at space, punctuation and symbols, but for the apostrophe. Null if source is.",
		Examples: []Example{
			{`PCase("PABLO GONSALVES (SECOND)")`, "Pablo Gonsalves (Second)"},
			{`PCase("PINTO-DE'SILVA", " '-")`, "Pinto-De'Silva"},
		},
	},
	{
		Name: "Redact", result: anything, run: same,
		params:   []param{{"value", anything, once}},
		Doc:      "The value, which is shown as [Redact] where the rule is explained.",
		Examples: []Example{{`Redact([userName])`, "B.Simon@contoso.com"}},
	},
	{
		Name: "RemoveDuplicates", result: several, run: removeDuplicates,
		params:   []param{{"attribute", several, once}},
		Doc:      "The values of an attribute, each once, in the order in which they come.",
		Examples: []Example{{`Join(",", RemoveDuplicates(Split("a,b,a", ",")))`, "a,b"}},
	},
	{
		Name: "Replace", result: textual, prepare: replace,
		params: []param{
			{"source", textual, once},
			{"oldValue", textual, once},
			{"regexPattern", textual, once},
			{"regexGroupName", textual, once},
			{"replacementValue", textual, once},
			{"replacementAttributeName", textual, optional},
			{"template", textual, optional},
		},
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
		Name: "Split", result: several, run: split,
		params: []param{{"source", textual, once}, {"delimiter", textual, once}},
		Doc: "The parts of source between the delimiters, as several values, without white space around each. " +
			"They go to a target with several values, or to Item, Count, Join and RemoveDuplicates.",
		Examples: []Example{{`Item(Split("PermissionSetOne, PermissionSetTwo", ","), 2)`, "PermissionSetTwo"}},
	},
	{
		Name: "StripSpaces", result: textual, run: stripSpaces,
		params:   []param{{"source", textual, once}},
		Doc:      `source without its spaces (" " only). Null if source is.`,
		Examples: []Example{{`StripSpaces([displayName])`, "BrittaSimon"}},
	},
	{
		Name: "Switch", result: anything, prepare: switchPairs,
		params: []param{{"source", textual, once}, {"default", anything, once}, {"key", textual, repeated}, {"value", anything, repeated}},
		Doc: `The value of the key that equals source, in the case as written; the key "" stands for an empty or absent source. ` +
			"default if there is none.",
		Examples: []Example{
			{`Switch([active], , "False", "suspended", "True", "active")`, "active"},
			{`Switch([title], "other", "engineer", "tech")`, "other"},
			{`Switch([nickName], "other", "", "none")`, "none"},
		},
	},
	{
		Name: "ToLower", result: textual, prepare: changeCase(strings.ToLower, cases.Lower),
		params: []param{{"source", textual, once}, {"culture", textual, optional}},
		Doc:    `source in lower case, by the rules of culture ("tr-TR") if one is given. Null if source is.`,
		Examples: []Example{
			{`ToLower([userName])`, "b.simon@contoso.com"},
			{`ToLower("KARTI", "tr-TR")`, "kartı"},
		},
	},
	{
		Name: "ToUpper", result: textual, prepare: changeCase(strings.ToUpper, cases.Upper),
		params:   []param{{"source", textual, once}, {"culture", textual, optional}},
		Doc:      `source in upper case, by the rules of culture ("tr-TR") if one is given. Null if source is.`,
		Examples: []Example{{`ToUpper([name.familyName])`, "SIMON"}, {`ToUpper("istanbul", "tr-TR")`, "İSTANBUL"}},
	},
	{
		Name: "Trim", result: textual, run: trim,
		params:   []param{{"source", textual, once}},
		Doc:      "source without white space at its beginning and end. Null if source is.",
		Examples: []Example{{`Trim("  Britta ")`, "Britta"}},
	},
	{
		Name: "Word", result: textual, run: word,
		params: []param{{"string", textual, once}, {"wordNumber", whole, once}, {"delimiters", textual, once}},
		Doc: "The wordNumber-th word of string, counted from 1, where words end at each of the characters in delimiters. " +
			"Empty if there are fewer.",
		Examples: []Example{
			{`Word("The quick brown fox",3," ")`, "brown"},
			{`Word("This,string!has&many separators",3,",!&#")`, "has"},
		},
	},
}
