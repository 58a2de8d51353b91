package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/azure"
)

// azureData is the page of what an administrator enters in Azure.
type azureData struct {
	*azure.Setup
	MapIn    azure.Side
	Sources  []azureSource
	Query    template.URL // of the choices, for the files
	Files    []string     // that can be had, by format
	Linked   bool         // the account is connected
	Faults   []string
	Imported *admin.AzureImported // nil: nothing was looked at
	Export   string               // that was looked at
	Refused  []string             // why it was not
}

// azureSource is an attribute of Azure that feeds a path, as the administrator
// names it; "" where nobody did yet.
type azureSource struct{ Path, Attribute string }

// azureFiles are the texts that can be had, in their order on the page.
var azureFiles = []string{"sheet", "graph", "terraform", "schema"}

func (v *visit) azure() error { return v.showAzure(http.StatusOK, azureData{}) }

func (v *visit) showAzure(status int, data azureData) error {
	in, sources := v.azureInput()
	setup, err := v.Service.AzureFor(v.r.Context(), in)
	if data.Faults = faultsOf(err); data.Faults != nil {
		status = http.StatusUnprocessableEntity
		setup, err = v.Service.AzureFor(v.r.Context(), admin.AzureInput{InTenant: in.InTenant, MapIn: in.MapIn, Groups: in.Groups})
	}
	if err != nil {
		return err
	}
	data.Setup, data.MapIn, data.Files = setup, in.MapIn, azureFiles
	data.Linked = v.accountConnection() != nil
	data.Sources = unnamed(sources, setup.Choose)
	if v.r.Method == http.MethodGet {
		query := v.r.URL.Query()
		query.Del("done")
		data.Query = template.URL(query.Encode()) //nolint:gosec // encoded
	}
	return v.render(status, "azure", data)
}

// unnamed are the sources that were named, and those that somebody must name.
func unnamed(named []azureSource, choose []azure.Choice) []azureSource {
	for _, c := range choose {
		if !slices.ContainsFunc(named, func(s azureSource) bool { return s.Path == c.Path }) {
			named = append(named, azureSource{Path: c.Path})
		}
	}
	return named
}

// azureInput reads the choices of the page. Until somebody chose, groups are sent
// if the account gets them.
func (v *visit) azureInput() (admin.AzureInput, []azureSource) {
	query := v.r.URL.Query()
	in := admin.AzureInput{InTenant: admin.InTenant{Tenant: v.tenant.ID}, MapIn: azure.Gateway, Groups: query.Get("groups") != ""}
	if query.Get("mapIn") == string(azure.Azure) {
		in.MapIn = azure.Azure
	}
	if c := v.accountConnection(); c != nil && query.Get("chosen") == "" {
		in.Groups = c.Groups
	}
	paths, attributes := query["path"], query["attribute"]
	var sources []azureSource
	for i := range min(len(paths), len(attributes), mostSources) {
		s := azureSource{paths[i], strings.TrimSpace(attributes[i])}
		if s.Attribute != "" {
			in.Sources = append(in.Sources, s.Path+"="+s.Attribute)
			sources = append(sources, s)
		}
	}
	return in, sources
}

// mostSources bounds what can be named, as the API does.
const mostSources = 200

// azureFile is one of the texts, to be kept.
func (v *visit) azureFile() error {
	in, _ := v.azureInput()
	if in.Format = v.r.PathValue("file"); !admin.AzureFormat(in.Format) {
		return errNotFound
	}
	setup, err := v.Service.AzureSetup(v.r.Context(), in)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.Header().Set("Content-Disposition", "attachment; filename="+url.PathEscape(string(v.tenant.ID)+"-"+setup.FileName))
	_, _ = io.WriteString(v.w, setup.Text)
	return nil
}

// importAzure shows what becomes of a schema that Entra exported, or takes it over
// as a draft.
func (v *visit) importAzure() error {
	export, err := v.export()
	if err != nil {
		return err
	}
	imported, err := v.Service.ImportAzure(v.r.Context(), v.tenant.ID, export, v.ticked("apply"))
	if faults := faultsOf(err); faults != nil {
		return v.showAzure(http.StatusUnprocessableEntity, azureData{Refused: faults})
	}
	if err != nil {
		return err
	}
	if imported.Applied {
		return v.done("mapping", "imported")
	}
	return v.showAzure(http.StatusOK, azureData{Imported: imported, Export: string(export)})
}

// export is what was pasted, else the file that was sent, without blanks.
func (v *visit) export() ([]byte, error) {
	if err := v.r.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
			return nil, err
		}
		return nil, &admin.InvalidError{Faults: []string{texts.of("azure.import.unreadable")}}
	}
	text := []byte(v.field("export"))
	if file, _, err := v.r.FormFile("file"); err == nil && len(text) == 0 {
		defer func() { _ = file.Close() }()
		if text, err = io.ReadAll(file); err != nil {
			return nil, err
		}
	}
	var compact bytes.Buffer
	if json.Compact(&compact, text) == nil {
		text = compact.Bytes()
	}
	return text, nil
}
