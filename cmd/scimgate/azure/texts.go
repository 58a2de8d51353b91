package azure

import (
	"embed"
	"strings"
	"text/template"
)

//go:embed texts/*.tmpl
var textFiles embed.FS

// texts are the templates. That they can be read is tested.
var texts = template.Must(template.New("").Funcs(template.FuncMap{
	"comment": oneLine, "shell": shell, "hcl": hcl,
	"cell": cell, "code": code, "yes": yes, "from": Mapping.from, "default": Mapping.fallback, "match": Mapping.match, "when": Mapping.when,
}).ParseFS(textFiles, "texts/*.tmpl"))

// Script is a shell script that applies the set-up by Microsoft Graph.
func (s *Setup) Script() string { return s.write("graph.sh.tmpl") }

// Terraform is a fragment for the provider hashicorp/azuread.
func (s *Setup) Terraform() string { return s.write("azure.tf.tmpl") }

// Sheet is the customer's guide with every value filled in, as Markdown.
func (s *Setup) Sheet() string { return s.write("sheet.md.tmpl") }

func (s *Setup) write(name string) string {
	var b strings.Builder
	_ = texts.ExecuteTemplate(&b, name, s) // the templates ask for nothing that can fail
	return b.String()
}

// Label names the tenant's things in Terraform.
func (s *Setup) Label() string {
	return "scimgate_" + strings.ReplaceAll(string(s.Tenant), "-", "_")
}

// Custom are the rows of the attribute list that are the tenant's own.
func (s *Setup) Custom() []Attribute { return s.targets()[:len(s.Attributes)] }

// oneLine keeps a name from ending the comment that it stands in.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func shell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func hcl(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{", "\n", `\n`, "\r", `\r`).Replace(text) + `"`
}

// cell is text within a table of Markdown.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(oneLine(text))
}

// code is text that is to be typed as it is.
func code(text string) string {
	if text == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		text = " " + text + " "
	}
	return fence + strings.NewReplacer("|", `\|`, "\n", " ").Replace(text) + fence
}

func yes(truth bool) string {
	if truth {
		return "yes"
	}
	return "no"
}

// from is what the portal's field takes for the type of a mapping.
func (m Mapping) from() string { return code(m.Source + m.Constant + m.Expression) }

func (m Mapping) fallback() string {
	if m.Default == nil {
		return ""
	}
	return code(*m.Default)
}

func (m Mapping) match() string {
	if m.Matching > 0 {
		return "Yes, precedence 1"
	}
	return "No"
}

func (m Mapping) when() string {
	if m.OnCreate {
		return "Only during object creation"
	}
	return "Always"
}
