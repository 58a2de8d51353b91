package scim

import (
	"encoding/json"

	"scimgate/scim/value"
)

const (
	// MaxResults is the most resources that one ListResponse holds.
	MaxResults = 200
	// DefaultResults is how many it holds where a client does not say.
	DefaultResults = 100
	// CursorTimeout is how many seconds a cursor leads on (RFC 9865 §4).
	CursorTimeout = 600
)

// URNs of the discovery resources (RFC 7643 §5 to §7).
const (
	SchemaURN                = "urn:ietf:params:scim:schemas:core:2.0:Schema"
	ResourceTypeURN          = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	ServiceProviderConfigURN = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
)

// AppendSchema appends s as /Schemas shows it (RFC 7643 §7).
func AppendSchema(dst []byte, s *Schema, location string) []byte {
	shown := struct {
		Schemas []string `json:"schemas"`
		*Schema
		Meta discoveryMeta `json:"meta"`
	}{[]string{SchemaURN}, s, discoveryMeta{"Schema", location}}
	if s.Attributes == nil {
		empty := *s
		empty.Attributes = []*Attribute{} // an empty list, not null
		shown.Schema = &empty
	}
	return appendJSON(dst, shown)
}

// AppendResourceType appends t as /ResourceTypes shows it (RFC 7643 §6).
func AppendResourceType(dst []byte, t *ResourceType, location string) []byte {
	type extension struct {
		Schema   string `json:"schema"`
		Required bool   `json:"required"`
	}
	extensions := make([]extension, len(t.Extensions))
	for i, s := range t.Extensions {
		extensions[i].Schema = s.ID
	}
	return appendJSON(dst, struct {
		Schemas     []string      `json:"schemas"`
		ID          string        `json:"id"`
		Name        string        `json:"name"`
		Endpoint    string        `json:"endpoint"`
		Description string        `json:"description"`
		Schema      string        `json:"schema"`
		Extensions  []extension   `json:"schemaExtensions,omitempty"`
		Meta        discoveryMeta `json:"meta"`
	}{
		[]string{ResourceTypeURN},
		t.Name, t.Name, t.Endpoint, t.Core.Description,
		t.Core.ID, extensions,
		discoveryMeta{"ResourceType", location},
	})
}

// discoveryMeta is meta of what is neither created nor changed.
type discoveryMeta struct {
	ResourceType string `json:"resourceType"`
	Location     string `json:"location,omitempty"`
}

// AppendServiceProviderConfig appends what this build can do (RFC 7643 §5).
func AppendServiceProviderConfig(dst []byte, location string) []byte {
	type supported struct {
		Supported bool `json:"supported"`
	}
	type bulk struct {
		Supported      bool `json:"supported"`
		MaxOperations  int  `json:"maxOperations"`
		MaxPayloadSize int  `json:"maxPayloadSize"`
	}
	type filtering struct {
		Supported  bool `json:"supported"`
		MaxResults int  `json:"maxResults"`
	}
	type paging struct { // RFC 9865 §4
		Cursor                  bool   `json:"cursor"`
		Index                   bool   `json:"index"`
		DefaultPaginationMethod string `json:"defaultPaginationMethod"`
		DefaultPageSize         int    `json:"defaultPageSize"`
		MaxPageSize             int    `json:"maxPageSize"`
		CursorTimeout           int    `json:"cursorTimeout"`
	}
	type scheme struct {
		Type        string `json:"type"`
		Name        string `json:"name"`
		Description string `json:"description"`
		SpecURI     string `json:"specUri"`
		Primary     bool   `json:"primary"`
	}
	return appendJSON(dst, struct {
		Schemas        []string      `json:"schemas"`
		Patch          supported     `json:"patch"`
		Bulk           bulk          `json:"bulk"`
		Filter         filtering     `json:"filter"`
		ChangePassword supported     `json:"changePassword"`
		Sort           supported     `json:"sort"`
		ETag           supported     `json:"etag"`
		Pagination     paging        `json:"pagination"`
		Schemes        []scheme      `json:"authenticationSchemes"`
		Meta           discoveryMeta `json:"meta"`
	}{
		Schemas:    []string{ServiceProviderConfigURN},
		Patch:      supported{true},
		Bulk:       bulk{true, MaxBulkOperations, MaxBulkPayload},
		Filter:     filtering{true, MaxResults},
		Sort:       supported{true},
		ETag:       supported{true},
		Pagination: paging{true, true, "index", DefaultResults, MaxResults, CursorTimeout},
		Schemes: []scheme{{
			"oauthbearertoken", "OAuth Bearer Token", "The token that the gateway's operator gave for this tenant.",
			"https://www.rfc-editor.org/info/rfc6750", true,
		}},
		Meta: discoveryMeta{"ServiceProviderConfig", location},
	})
}

// appendJSON appends v, which is made of strings, numbers and booleans of ours
// and therefore always encodes.
func appendJSON(dst []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return value.Append(dst, value.Value{})
	}
	return append(dst, text...)
}
