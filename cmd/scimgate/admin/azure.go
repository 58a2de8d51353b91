package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"scimgate/cmd/scimgate/azure"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// AzureInput asks for a tenant's set-up in Azure.
type AzureInput struct {
	InTenant
	Format  string     `query:"format" enum:"graph,terraform,sheet,schema" default:"sheet" doc:"graph is a shell script of Microsoft Graph calls, schema the synchronizationSchema that it applies"`
	MapIn   azure.Side `query:"mapIn" enum:"gateway,azure" default:"gateway" doc:"gateway: Azure sends what the rules read. azure: the rules become Azure's mappings, and are to be taken out here"`
	Groups  bool       `query:"groups" doc:"Send groups, too"`
	Sources []string   `query:"source,explode" maxItems:"200" doc:"PATH=ATTRIBUTE: the attribute of Azure that feeds a SCIM path, or an expression in such" example:"[\"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:costCenter=extensionAttribute1\"]"`
}

// AzureSetup is one of the texts. None of them holds a token.
type AzureSetup struct {
	FileName string         `json:"fileName"`
	Text     string         `json:"text"`
	Choose   []azure.Choice `json:"choose" doc:"Attributes of Azure that somebody must name"`
	Notes    []string       `json:"notes"`
}

// azureTexts are the formats.
var azureTexts = map[string]struct {
	fileName string
	text     func(*azure.Setup) string
}{
	"graph":     {"azure-setup.sh", (*azure.Setup).Script},
	"terraform": {"azure-setup.tf", (*azure.Setup).Terraform},
	"sheet":     {"azure-setup.md", (*azure.Setup).Sheet},
	"schema":    {"azure-schema.json", func(s *azure.Setup) string { return s.Schema().JSON() }},
}

// AzureSetup writes what stands in Azure for a tenant.
func (s *Service) AzureSetup(ctx context.Context, in AzureInput) (*AzureSetup, error) {
	setup, err := s.AzureFor(ctx, in)
	if err != nil {
		return nil, err
	}
	format := azureTexts[in.Format]
	return &AzureSetup{
		FileName: format.fileName, Text: format.text(setup),
		Choose: append([]azure.Choice{}, setup.Choose...), Notes: append([]string{}, setup.Notes...),
	}, nil
}

// AzureFormat reports whether a text of that format can be asked for.
func AzureFormat(name string) bool { return azureTexts[name].text != nil }

// AzureFor is what stands in Azure for a tenant, part by part; in.Format is not
// looked at.
func (s *Service) AzureFor(ctx context.Context, in AzureInput) (*azure.Setup, error) {
	t, err := s.Tenants.Tenant(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	sources := map[string]string{}
	for _, source := range in.Sources {
		path, attribute, ok := strings.Cut(source, "=") // paths hold none
		if !ok {
			return nil, invalid("a source is written PATH=ATTRIBUTE")
		}
		sources[path] = attribute
	}
	setup, err := azure.New(azure.Input{
		Tenant: t.ID, Name: "Appspace " + cmp.Or(t.DisplayName, string(t.ID)), TenantURL: s.TenantURL(t.ID),
		Type: server.Definitions(t).Type("User"), Attributes: viewAttributes(t).Items, Rules: t.Rules,
		MapIn: in.MapIn, Groups: in.Groups, Sources: sources,
	})
	if err != nil {
		return nil, invalid(err.Error())
	}
	return setup, nil
}

// AzureImported is an export of Entra as it would be here, or is from now on.
type AzureImported struct {
	*azure.Imported
	Applied bool     `json:"applied" doc:"The attributes are defined, and the rules are the draft; nothing is published"`
	Notes   []string `json:"notes"`
}

// ImportAzure turns an exported schema into rules. With apply it defines the
// attributes and keeps the rules as the draft, in one change of the tenant.
func (s *Service) ImportAzure(ctx context.Context, id tenant.ID, export json.RawMessage, apply bool) (*AzureImported, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	imported, err := azure.Import(export, t.Attributes)
	if err != nil {
		return nil, invalid(err.Error())
	}
	out := &AzureImported{Imported: imported, Applied: apply, Notes: []string{
		"Azure goes on mapping. Before the rules are published, have it send what they read (azure-setup with mapIn gateway), or the same mapping is done twice.",
	}}
	if !apply {
		return out, nil
	}
	return out, s.applyImported(ctx, id, imported)
}

func (s *Service) applyImported(ctx context.Context, id tenant.ID, imported *azure.Imported) error {
	edit := func(t *tenant.Tenant) error {
		for _, a := range imported.Attributes {
			if findAttribute(t, a.Property) < 0 {
				t.Attributes = append(t.Attributes, a)
			}
		}
		if len(t.Attributes) > maxAttributes {
			return invalid("a tenant has at most 200 attributes")
		}
		if err := compile(t, imported.Rules); err != nil {
			return err
		}
		t.Draft = imported.Rules
		return nil
	}
	if len(imported.Attributes) == 0 {
		_, err := s.update(ctx, id, edit)
		return err
	}
	_, err := s.redefine(ctx, id, edit)
	return err
}

func (s *Service) showAzureSetup(ctx context.Context, in *AzureInput) (*AzureSetup, error) {
	return s.AzureSetup(ctx, *in)
}

func (s *Service) importAzure(ctx context.Context, in *struct {
	InTenant
	Apply bool            `query:"apply" doc:"Define the attributes and keep the rules as the draft"`
	Body  json.RawMessage `doc:"The synchronizationSchema, as the portal's schema editor or Microsoft Graph gives it"`
},
) (*AzureImported, error) {
	return s.ImportAzure(ctx, in.Tenant, in.Body, in.Apply)
}
