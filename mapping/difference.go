package mapping

import "slices"

// Difference is one thing that the expression language does otherwise than
// Entra's, as Microsoft documents it in "Reference for writing expressions for
// attribute mappings in Microsoft Entra ID".
type Difference struct {
	Name    string // the function or the part of the language
	Entra   string // what Entra does
	Here    string // what we do
	Why     string
	Refused bool   // the function is refused when rules are saved
	Instead string // of a refused one: what to use
}

// Differences returns all of them, in alphabetical order of what they are about.
func Differences() []Difference { return slices.Clone(differences) }

const (
	refused = "It is refused when the rules are saved."
	pure    = "what an account should hold follows from the user alone, or the same user would be sent again and again"
	roles   = "Entra evaluates it before it sends the user"
)

var differences = []Difference{
	{
		Name: "AppRoleAssignmentsComplex", Refused: true, Why: roles, Here: refused,
		Entra:   "Turns the app roles that Entra assigned into roles.",
		Instead: "map roles to roles by a rule of type Direct",
	},
	{
		Name: "AssertiveAppRoleAssignmentsComplex", Refused: true, Why: roles, Here: refused,
		Entra:   "Turns the app roles that Entra assigned into roles, and removes all others.",
		Instead: "map roles to roles by a rule of type Direct",
	},
	{
		Name:  "attributes",
		Entra: "[attribute] names an attribute of Entra, as userPrincipalName.",
		Here: "[attribute] names a SCIM path. Names of Entra that its default mappings send to one path ([mail], [surname], …) " +
			"are taken for it; others are refused with a hint.",
		Why: "rules start from what Entra has sent",
	},
	{
		Name:  "characters",
		Entra: "Left, Len, Mid and InStr count UTF-16 units, so that an emoji counts twice.",
		Here:  "They count Unicode code points.",
		Why:   "half a character is none",
	},
	{
		Name:  "ConvertToUTF8Hex",
		Entra: "The documented id made of an object id shows an output that does not belong to its input, a placeholder.",
		Here:  "The output belongs to the input.",
		Why:   "a fault of the documentation",
	},
	{
		Name:  "dates",
		Entra: "CDate reads whatever .NET's DateTime.Parse reads.",
		Here:  "CDate reads ISO 8601, M/d/yyyy and English dates with month names. Without an offset, and with AssumeLocal, a time is UTC.",
		Why:   "a day taken for a month is found by nobody; other forms are read with FormatDateTime",
	},
	{
		Name: "DefaultDomain", Refused: true, Here: refused,
		Entra:   "The default domain of the Entra tenant.",
		Why:     "only Entra knows it",
		Instead: `write the domain as a "text"`,
	},
	{
		Name: "Guid", Refused: true, Why: pure, Here: refused,
		Entra:   "A new random id each time.",
		Instead: "use [id] or [externalId], which are unique and stay",
	},
	{
		Name:  "IgnoreFlowIfNullOrEmpty",
		Entra: "Drops the attribute from what is sent, which is what happens to all nulls.",
		Here:  "Where there is no value, the account keeps the one it has; other rules clear what they once sent.",
		Why:   "an account is made equal to its user, unless the rule says otherwise",
	},
	{
		Name:  "IIF",
		Entra: "IsNullOrEmpty and IsPresent do not work as its condition.",
		Here:  "They do. A comparison on an attribute that is empty or absent fails, as in Entra.",
		Why:   "a documented defect",
	},
	{
		Name:  "IsPresent",
		Entra: "Must not be the source of Switch, nor may IsNull and IsNullOrEmpty: unexpected results.",
		Here:  `They may; their results are "True" and "False".`,
		Why:   "a documented defect",
	},
	{
		Name: "Now", Refused: true, Why: pure, Here: refused,
		Entra:   "The present time.",
		Instead: "let a rule of Entra's own mapping compute it, or compare dates of the user with DateDiff",
	},
	{
		Name: "RandomString", Refused: true, Why: pure, Here: refused,
		Entra:   "A new random text each time.",
		Instead: "use [id] or [externalId], which are unique and stay",
	},
	{
		Name:  "Redact",
		Entra: "Hides the value in the provisioning logs.",
		Here:  "Hides the value where a rule is explained.",
		Why:   "no value of a user is ever logged here",
	},
	{
		Name:  "regular expressions",
		Entra: "Patterns are .NET's, with look-around and back-references; \\d and \\w are Unicode's.",
		Here: "Patterns are RE2's: look-around and back-references are refused, \\d and \\w are ASCII's (write \\p{Nd}, \\p{L}). " +
			"Groups are numbered as in .NET. An empty match right behind another match does not count.",
		Why: "a pattern runs in time linear in the text",
	},
	{
		Name:  "Replace",
		Entra: "The documented removal of ( ) and - shows an output that has lost its + too, which the pattern leaves.",
		Here:  "What the pattern does not match stays.",
		Why:   "a fault of the documentation",
	},
	{
		Name: "SelectUniqueValue", Refused: true, Here: refused,
		Entra:   "The first value that nobody has yet; only for Active Directory.",
		Why:     "it asks a directory",
		Instead: "use [userName], which is unique, or an expression that makes it so",
	},
	{
		Name: "SingleAppRoleAssignment", Refused: true, Why: roles, Here: refused,
		Entra:   "The name of one app role that Entra assigned.",
		Instead: "use Item([roles.value], 1)",
	},
	{
		Name:  "size",
		Entra: "10,000 characters.",
		Here:  "10,000 characters, 2,000 parts, 32 levels; a text of at most 64 KiB, 1 MiB handled in all, patterns of 1,000 characters.",
		Why:   "no rule keeps the others waiting",
	},
	{
		Name:  "Switch",
		Entra: "Is null where another attribute changed and its source did not. The documentation spells it switch in two places.",
		Here:  "Depends on its arguments only. Names are case-sensitive.",
		Why:   "a documented defect",
	},
	{
		Name:  "Trim",
		Entra: "Is not in the list of functions.",
		Here:  "Removes white space at both ends.",
		Why:   "it is asked for often",
	},
}
