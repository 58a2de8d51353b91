package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/value"
)

// The source of all below: Microsoft's page "Reference for writing expressions
// for attribute mappings in Microsoft Entra ID", docs/identity/app-provisioning/
// functions-for-customizing-application-data.md, of 2024-08-06 (MicrosoftDocs/
// entra-docs @1241ebe7) and 2026-04-10 (the copy merill/entra-docs-mirror
// @60bcd50e). Each example of it stands here, under the heading it has there.

// entraFunctions is the page's list, with the one that only the page on roles has.
var entraFunctions = []string{
	"Append", "AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex", "BitAnd", "CBool", "CDate", "Coalesce",
	"ConvertToBase64", "ConvertToUTF8Hex", "Count", "CStr", "DateAdd", "DateDiff", "DateFromNum", "DefaultDomain",
	"FormatDateTime", "Guid", "IgnoreFlowIfNullOrEmpty", "IIF", "InStr", "IsNull", "IsNullOrEmpty", "IsPresent", "IsString",
	"Item", "Join", "Left", "Len", "Mid", "NormalizeDiacritics", "Not", "Now", "NumFromDate", "PCase", "RandomString",
	"Redact", "RemoveDuplicates", "Replace", "SelectUniqueValue", "SingleAppRoleAssignment", "Split", "StripSpaces",
	"Switch", "ToLower", "ToUpper", "Word",
}

// documented is one example: the attributes that it gives, as custom attributes
// of ours, and the result; or the Difference that says why there is none.
type documented struct {
	expression, attributes, want string
	differs                      string
}

var documentedExamples = map[string][]documented{
	"Append":                    {{`Append([userPrincipalName], ".test")`, `userPrincipalName=John.Doe@contoso.com`, "John.Doe@contoso.com.test", ""}},
	"AppRoleAssignmentsComplex": {{`AppRoleAssignmentsComplex([appRoleAssignments])`, "", "", "AppRoleAssignmentsComplex"}},
	"AssertiveAppRoleAssignmentsComplex": {
		{`AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`, "", "", "AssertiveAppRoleAssignmentsComplex"},
	},
	"BitAnd": {{`BitAnd(&HF, &HF7)`, "", "7", ""}},
	"CBool": {
		{`CBool([attribute1] = [attribute2])`, "attribute1=a;attribute2=a", "True", ""},
		{`CBool([attribute1] = [attribute2])`, "attribute1=a;attribute2=b", "False", ""},
	},
	"CDate": {
		{`CDate([StatusHireDate])`, "StatusHireDate=2020-03-16-07:00", "3/16/2020 7:00:00 AM", ""},
		{`CDate("2021-06-30+08:00")`, "", "6/29/2021 4:00:00 PM", ""},
		{`CDate("2009-06-15T01:45:30-07:00")`, "", "6/15/2009 8:45:30 AM", ""},
	},
	"Coalesce":        {{`Coalesce([mail],[userPrincipalName])`, "userPrincipalName=John.Doe@contoso.com", "John.Doe@contoso.com", ""}},
	"ConvertToBase64": {{`ConvertToBase64("Hello world!")`, "", "SABlAGwAbABvACAAdwBvAHIAbABkACEA", ""}},
	"ConvertToUTF8Hex": {
		{`ConvertToUTF8Hex("Hello world!")`, "", "48656C6C6F20776F726C6421", ""},
		{
			`Join("", 1000, Replace(ConvertToUTF8Hex([objectId]), , "[a-zA-Z_]*", , "", , ))`, "objectId=00aa00aa-bb11-cc22-dd33-44ee44ee44ee",
			"100064303565343762312333930392343435612626135652636136306362633065346234", "ConvertToUTF8Hex",
		},
	},
	"CStr": {{`CStr([dn])`, "dn=cn=Joe,dc=contoso,dc=com", "cn=Joe,dc=contoso,dc=com", ""}},
	"DateAdd": {
		{`DateAdd("d", 7, CDate([StatusHireDate]))`, "StatusHireDate=2012-03-16-07:00", "3/23/2012 7:00:00 AM", ""},
		{`DateAdd("d", -10, CDate([StatusHireDate]))`, "StatusHireDate=2012-03-16-07:00", "3/6/2012 7:00:00 AM", ""},
		{`DateAdd("ww", 2, CDate([StatusHireDate]))`, "StatusHireDate=2012-03-16-07:00", "3/30/2012 7:00:00 AM", ""},
		{`DateAdd("m", 10, CDate([StatusHireDate]))`, "StatusHireDate=2012-03-16-07:00", "1/16/2013 7:00:00 AM", ""},
		{`DateAdd("yyyy", 2, CDate([StatusHireDate]))`, "StatusHireDate=2012-03-16-07:00", "3/16/2014 7:00:00 AM", ""},
	},
	"DateDiff": {
		{`DateDiff("d", Now(), CDate([StatusHireDate]))`, "StatusHireDate=2012-03-16-07:00", "", "Now"},
		{`DateDiff("d", CDate([a]), CDate([b]))`, "a=2021-08-18+08:00;b=2021-08-31+08:00", "13", ""},
		{`DateDiff("d", CDate([a]), CDate([b]))`, "a=8/25/2021 5:41:18 PM;b=2012-03-16-07:00", "-3449", ""},
		{`DateDiff("ww", CDate([a]), CDate([b]))`, "a=8/25/2021 5:41:18 PM;b=2012-03-16-07:00", "-493", ""},
		{`DateDiff("m", CDate([a]), CDate([b]))`, "a=8/25/2021 5:41:18 PM;b=2012-03-16-07:00", "-113", ""},
		{`DateDiff("yyyy", CDate([a]), CDate([b]))`, "a=8/25/2021 5:41:18 PM;b=2012-03-16-07:00", "-9", ""},
		{`DateDiff("d", CDate([a]), CDate([b]))`, "a=2021-08-31+08:00;b=2021-08-31+08:00", "0", ""},
		{`DateDiff("h", CDate([a]), CDate([b]))`, "a=2021-08-24;b=2021-08-25", "24", ""},
		{`DateDiff("n", CDate([a]), CDate([b]))`, "a=2021-08-24;b=2021-08-25", "1440", ""},
		{`DateDiff("s", CDate([a]), CDate([b]))`, "a=2021-08-24;b=2021-08-25", "86400", ""},
		{
			`Switch([Activated], , "1", IIF(DateDiff("d", Now(), CDate([StatusHireDate])) > 5, "False", "True"), "0", "False")`,
			"Activated=1;StatusHireDate=2021-08-24", "", "Now",
		},
	},
	"DateFromNum": {
		{`DateFromNum([lastLogonTimestamp])`, "lastLogonTimestamp=129699324000000000", "1/1/2012 11:00:00 PM", ""},
		{`DateFromNum(129699324000000000)`, "", "1/1/2012 11:00:00 PM", ""},
	},
	"DefaultDomain": {{`Join("@", [mailNickname], DefaultDomain())`, "mailNickname=jd", "", "DefaultDomain"}},
	"FormatDateTime": {
		{`FormatDateTime([extensionAttribute1], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")`, "extensionAttribute1=20150123105347.1Z", "2015-01-23", ""},
	},
	"Guid": {{`Guid()`, "", "", "Guid"}},
	"IgnoreFlowIfNullOrEmpty": {
		{`IgnoreFlowIfNullOrEmpty([department])`, "", "null", ""},
		{`IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof.", "3445", "Prof. Dr."))`, "prefix=3446", "", ""},
		{`IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof.", "3445", "Prof. Dr."))`, "prefix=3444", "Prof.", ""},
		{`IgnoreFlowIfNullOrEmpty(IIF([country]="USA",[region],""))`, "country=USA;region=West", "West", ""},
		{`IgnoreFlowIfNullOrEmpty(switch([companyName], [companyName], "Company A", "A", "Company B", "B"))`, "companyName=Company A", "A", "Switch"},
	},
	"IIF": {
		{`IIF([country]="USA",[country],[department])`, "country=USA", "USA", ""},
		{`IIF([country]="USA",[country],[department])`, "country=DE;department=Sales", "Sales", ""},
		{`IIF([country]="USA",IIF([state]="CA","True","False"),"False")`, "country=USA;state=CA", "True", ""},
		{`IIF([country]="USA",IIF([state]="CA","True","False"),"False")`, "country=USA;state=NY", "False", ""},
		{`IIF([country]="USA","True",IIF([state]="CA","True","False"))`, "country=MX;state=CA", "True", ""},
		{`IIF([country]="","Other",[country])`, "", "null", ""}, // the condition fails, as documented
		{`IIF(IsNullOrEmpty([country]),"Other",[country])`, "", "Other", "IIF"},
		{`IIF(IsPresent([country]),[country],"Other")`, "", "Other", "IIF"},
		{`IIF(IgnoreFlowIfNullOrEmpty([country]),[country],"Other")`, "", "", "IgnoreFlowIfNullOrEmpty"},
		{`Switch([country],[country],"","Other")`, "", "Other", ""},
		{`Switch([country],[country],"","Other")`, "country=DE", "DE", ""},
	},
	"InStr": {
		{`InStr("The quick brown fox","quick")`, "", "5", ""},
		{`InStr("repEated","e",3,vbBinaryCompare)`, "", "7", ""},
	},
	"IsNull":        {{`IsNull([displayName])`, "", "True", ""}, {`IsNull([displayName])`, "displayName=x", "False", ""}},
	"IsNullOrEmpty": {{`IsNullOrEmpty([displayName])`, "displayName=", "True", ""}, {`IsNullOrEmpty([displayName])`, "", "True", ""}},
	"IsPresent": {
		{`IsPresent([directManager])`, "directManager=m", "True", ""},
		{
			`Switch(IsPresent([directManager]),[directManager], IsPresent([skiplevelManager]),[skiplevelManager], IsPresent([director]),[director])`,
			"skiplevelManager=s", "", "IsPresent",
		},
	},
	"IsString": {{`IsString([displayName])`, "displayName=x", "True", ""}}, // the page has none
	"Item":     {{`Item([proxyAddresses], 1)`, "proxyAddresses=a|b", "a", ""}},
	"Join": {
		{`Join(", ", "", [surname], [givenName])`, "givenName=John;surname=Doe", "Doe, John", ""},
		{`Append("SMTP:", Join("@", Join(".", [givenName], [surname]), "contoso.com"))`, "givenName=John;surname=Doe", "SMTP:John.Doe@contoso.com", ""},
	},
	"Left": {{`Left("John Doe", 3)`, "", "Joh", ""}},
	"Len": {
		{`Len("John Doe")`, "", "8", ""},
		{`Len(42568)`, "", "5", ""},
		{`Len(42568.75)`, "", "8", ""},
		{lenExample, "FirstName=John;LastName=Smith", "SmithJohn", ""},
		{lenExample, "FirstName=John;LastName=Parker", "ParkerJ", ""},
	},
	"Mid":                 {{`Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))`, "givenName=John;surname=Doe", "JohDoe", ""}},
	"NormalizeDiacritics": {{`NormalizeDiacritics([givenName])`, "givenName=Zoë", "Zoe", ""}},
	"Not":                 {{`Not([flag])`, "flag=True", "False", ""}, {`Not([flag])`, "flag=other", "True", ""}},
	"Now":                 {{`Now()`, "", "", "Now"}},
	"NumFromDate": { // without a result on the page; that of .NET's ToFileTime
		{
			`NumFromDate(Join("", FormatDateTime([ContractEndDate], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), " 23:59:59-08:00"))`,
			"ContractEndDate=2020-12-31-08:00", "132539615990000000", "",
		},
		{
			`NumFromDate(Join("",FormatDateTime([endDate], ,"M/d/yyyy hh:mm:ss tt","yyyy-MM-dd")," 23:59:59-08:00"))`,
			"endDate=12/31/2020 12:00:00 AM", "132539615990000000", "",
		},
	},
	"PCase": {
		{`PCase([firstName])`, "firstName=PABLO GONSALVES (SECOND)", "Pablo Gonsalves (Second)", ""},
		{`PCase([lastName]," '-")`, "lastName=PINTO-DE'SILVA", "Pinto-De'Silva", ""},
		{`PCase(Join(" ",[firstName],[lastName]))`, "firstName=GREGORY;lastName=JAMES", "Gregory James", ""},
	},
	"RandomString": {{`RandomString(6,3,0,0,3)`, "", "", "RandomString"}, {`RandomString(10,2,2,2,1,"?,")`, "", "", "RandomString"}},
	"Redact": {
		{`Redact([userPrincipalName])`, "userPrincipalName=a@b.c", "a@b.c", "Redact"},
		{`Redact("StringToBeRedacted")`, "", "StringToBeRedacted", "Redact"},
		{`Redact(RandomString(6,3,0,0,3))`, "", "", "RandomString"},
	},
	"RemoveDuplicates": {{`RemoveDuplicates([proxyAddresses])`, "proxyAddresses=a|b|a", "[a b]", ""}},
	"Replace": {
		{`Replace([BusinessTitle],"Product Developer", , , "Software Engineer", , )`, "BusinessTitle=Product Developer", "Software Engineer", ""},
		{`Replace([UserID],"<username>", , , , , "<username>@contoso.com")`, "UserID=jsmith", "jsmith@contoso.com", ""},
		{
			`Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , )`,
			"telephoneNumber=+91 9998887777", "9998887777", "",
		},
		{`Replace([mobile], , "[()\\s-]+", , "", , )`, "mobile=+1 (999) 888-7777", "+19998887777", "Replace"},
		{`Replace([AddressLineData], ,"(?<streetNumber>^\\d*)","streetNumber", "888", , )`, "AddressLineData=545 Tremont Street", "888 Tremont Street", ""},
		{`Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )`, "userPrincipalName=jsmith@contoso.com", "jsmith", ""},
		{
			`Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [mobile], )`,
			"telephoneNumber=;mobile=+91 8887779999", "8887779999", "",
		},
		{`Replace([mailNickname], , "[a-zA-Z_]*", , "", , )`, "mailNickname=john_doe72", "72", ""},
		{`Replace([mail], "@contoso.com", , ,"", ,)`, "mail=john.doe@contoso.com", "john.doe", ""},
	},
	"SelectUniqueValue":       {{`SelectUniqueValue(Join("@", [a], "contoso.com"), [b])`, "a=John;b=x", "", "SelectUniqueValue"}},
	"SingleAppRoleAssignment": {{`SingleAppRoleAssignment([appRoleAssignments])`, "", "", "SingleAppRoleAssignment"}},
	"Split": {
		{`Split([extensionAttribute5], ",")`, "extensionAttribute5=PermissionSetOne, PermissionSetTwo", "[PermissionSetOne PermissionSetTwo]", ""},
		{splitExample, "givenName=John;surname=Doe", "[smtp:John.Doe@contoso.onmicrosoft.com SMTP:John.Doe@contoso.com]", ""},
	},
	"StripSpaces": {{`StripSpaces([name1])`, "name1= a b ", "ab", ""}}, // the page has none
	"Switch": {
		{`Switch(ToLower([statusFlag]), "0", "true", "1", "false", "0")`, "statusFlag=TRUE", "1", ""},
		{`Switch([statusFlag], "Default Value", "true", "1", "", "0")`, "statusFlag=", "0", ""},
		{`switch([companyName], "External", "Company A", "A", "Company B", "B")`, "companyName=x", "", "Switch"},
		{`IIF([companyName] = "Company A", "A", IIF([companyName] = "Company B", "B", "External"))`, "companyName=Company B", "B", ""},
		{
			`Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney","QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")`,
			"state=QLD", "Australia/Brisbane", "",
		},
	},
	"ToLower": {
		{
			`ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".",  [PreferredFirstName], [PreferredLastName]))), "contoso.com"))`,
			"PreferredFirstName=John;PreferredLastName=Smith", "john.smith@contoso.com", "",
		},
	},
	"ToUpper": {{`ToUpper([surname])`, "surname=Doe", "DOE", ""}}, // the page has none
	"Word": {
		{`Word("The quick brown fox",3," ")`, "", "brown", ""},
		{`Word("This,string!has&many separators",3,",!&#")`, "", "has", ""},
	},
	"Count": {{`Count([proxyAddresses])`, "proxyAddresses=a|b", "2", ""}}, // the page has none
}

const lenExample = `IIF(Len([LastName]) <= 5,

  Left(Join ("",[LastName],[FirstName]),10),
  Join("", Mid([LastName],1,9), Mid([FirstName],1,1))

)`

const splitExample = `Split(
    Join(",",
        Append("smtp:", Join("@", NormalizeDiacritics(StripSpaces(Join(".", [givenName], [surname]))), "contoso.onmicrosoft.com")),
        Append("SMTP:", Join("@", NormalizeDiacritics(StripSpaces(Join(".", [givenName], [surname]))), "contoso.com"))
    ),
    ","
)`

// attributePattern finds the references of an example.
var attributePattern = regexp.MustCompile(`\[([A-Za-z]\w*)\](?:[ ,)=<>]|$)`)

// result evaluates a documented example. Its attributes are custom ones of ours,
// but for proxyAddresses, which has several values and stands in ims.
func (d documented) result(tb testing.TB) string {
	tb.Helper()
	given := map[string]string{}
	for pair := range strings.SplitSeq(d.attributes, ";") {
		name, v, _ := strings.Cut(pair, "=")
		given[name] = v
	}
	var custom []scim.CustomAttribute
	own := value.NewObject()
	expression := attributePattern.ReplaceAllStringFunc(d.expression, func(match string) string {
		name, rest, _ := strings.Cut(match[1:], "]")
		if name == "proxyAddresses" {
			return "[ims.value]" + rest
		}
		if !slices.ContainsFunc(custom, func(c scim.CustomAttribute) bool { return c.Property == name }) {
			custom = append(custom, scim.CustomAttribute{Property: name, Type: "String"})
		}
		if v, ok := given[name]; ok {
			own.Set(name, value.NewText(v))
		}
		return "[" + scim.AppspaceUserURN + ":" + name + "]" + rest
	})
	var many []value.Value
	for _, one := range strings.Split(given["proxyAddresses"], "|") {
		many = append(many, value.Of(value.NewObject(value.Member{Name: "value", Value: value.NewText(one)})))
	}
	user := value.NewObject(value.Member{Name: scim.AppspaceUserURN, Value: value.Of(own)}, value.Member{Name: "ims", Value: value.List(many...)})
	n, faults := compileExpression(expression, scim.Define(custom).Type("User"), true)
	if len(faults) > 0 {
		return "fault: " + faults[0].String()
	}
	e := &evaluation{attributes: user}
	v := e.value(n.node)
	switch text, ok := textOf(v); {
	case e.failure != "":
		return "failure: " + e.failure
	case v.Kind() == value.Array:
		texts := make([]string, len(v.Items()))
		for i, item := range v.Items() {
			texts[i] = item.Text()
		}
		return fmt.Sprint(texts)
	case !ok:
		return "null"
	default:
		return text
	}
}

func TestDocumentedExamples(t *testing.T) {
	for name, examples := range documentedExamples {
		for _, d := range examples {
			got := d.result(t)
			difference := differenceNamed(d.differs)
			switch {
			case d.differs == "" && got != d.want:
				t.Errorf("%s: %s with %s = %q, documented as %q", name, d.expression, d.attributes, got, d.want)
			case d.differs != "" && difference == nil:
				t.Errorf("%s: %s differs because of %q, which is not in the table", name, d.expression, d.differs)
			case d.differs != "" && difference.Refused && !strings.Contains(got, "the function "+d.differs+" is not available"):
				t.Errorf("%s: %s = %q, which is to be refused", name, d.expression, got)
			}
		}
	}
}

func differenceNamed(name string) *Difference {
	for _, d := range Differences() {
		if d.Name == name {
			return &d
		}
	}
	return nil
}

// The table of differences says of each function of Entra that we refuse, and of
// each of ours that Entra has not, why that is so; each row is complete.
func TestDifferencesAreComplete(t *testing.T) {
	for _, name := range entraFunctions {
		d := differenceNamed(name)
		if known, refused := functionNamed(name) != nil, d != nil && d.Refused; known == refused {
			t.Errorf("%s: there is a function: %v; it is refused: %v", name, known, refused)
		}
		if len(documentedExamples[name]) == 0 {
			t.Errorf("%s: no documented example", name)
		}
	}
	for _, f := range Functions() {
		if !slices.Contains(entraFunctions, f.Name) && differenceNamed(f.Name) == nil {
			t.Errorf("%s is ours alone, and no difference says so", f.Name)
		}
	}
	for i, d := range differences {
		if d.Entra == "" || d.Here == "" || d.Why == "" || d.Refused != (d.Instead != "") {
			t.Errorf("the difference %q is not told in full", d.Name)
		}
		if i > 0 && value.Fold(d.Name) <= value.Fold(differences[i-1].Name) {
			t.Errorf("the difference %q stands out of order", d.Name)
		}
		if d.Refused && !slices.Contains(entraFunctions, d.Name) {
			t.Errorf("%q is refused and no function of Entra", d.Name)
		}
	}
}

func TestFunctionsAreInOrder(t *testing.T) {
	for i := range functions[1:] {
		if value.Fold(functions[i].Name) >= value.Fold(functions[i+1].Name) {
			t.Errorf("%s stands before %s", functions[i].Name, functions[i+1].Name)
		}
	}
}

// Microsoft's table of letters, row by row.
func TestNormalizeDiacriticsTable(t *testing.T) {
	for want, letters := range map[string]string{
		"a": "ä à â ã å á ą ă ā ā́ ā̀ ā̂ ā̃ ǟ ā̈ ǡ a̱ å̄", "ae": "æ ǣ", "c": "ç č ć c̄ c̱", "d": "ď d̄ ḏ",
		"e": "ë è é ê ę ě ė ē ḗ ḕ ē̂ ē̃ ê̄ e̱ ë̄ e̊̄", "g": "ğ ḡ g̱", "i": "ï î ì í ı ī ī́ ī̀ ī̂ ī̃ i̱", "l": "ľ ł l̄ ḹ ḻ",
		"n": "ñ ń ň n̄ ṉ", "o": "ö ò ő õ ô ó ō ṓ ṑ ō̂ ō̃ ȫ ō̈ ǭ ȭ ȱ o̱", "oe": "ø ø̄ œ̄", "r": "ř r̄ ṟ ṝ", "ss": "ß",
		"s": "š ś ș ş s̄ s̱", "t": "ť ț t̄ ṯ", "u": "ü ù û ú ů ű ū ū́ ū̀ ū̂ ū̃ u̇̄ ǖ ṻ ṳ̄ u̱", "y": "ÿ ý ȳ ȳ́ ȳ̀ ȳ̃ y̱", "z": "ź ž ż z̄ ẕ",
		"A": "Ä À Â Ã Å Á Ą Ă Ā Ā́ Ǟ Ǡ A̱ Å̄", "AE": "Æ Ǣ", "I": "Ï Î İ Ī Ī́ I̱", "L": "Ł Ľ L̄ Ḹ Ḻ", "OE": "Ø Ø̄ Œ̄", "Y": "Ÿ Ý Ȳ Y̱",
		"が": "が", "Й": "Й", "한": "한",
	} {
		for _, letter := range strings.Fields(letters) {
			if got := withoutMarks(letter); got != want {
				t.Errorf("%s = %q, want %q", letter, got, want)
			}
		}
	}
}
