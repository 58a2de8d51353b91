package server

import (
	"net/http"

	"scimgate/scim"
)

// The discovery endpoints (RFC 7644 §4) say what this tenant's service has, its
// custom attributes included. They are behind authentication like all else: Test
// Connection in Azure must not pass with a bad token.

func (c *call) providerConfig() error {
	return c.discover(func(dst []byte) []byte {
		return scim.AppendServiceProviderConfig(dst, c.at("/ServiceProviderConfig"))
	})
}

func (c *call) resourceTypes() error {
	types := servedOf(c.defs)
	return c.discover(func(dst []byte) []byte {
		return scim.AppendList(dst, scim.ListHead{Total: len(types), StartIndex: 1, Count: len(types)}, func(dst []byte, i int) []byte {
			return c.appendResourceType(dst, types[i])
		})
	})
}

func (c *call) resourceType() error {
	t := c.defs.Type(c.key)
	if t == nil || !isServed(t) {
		return scim.Statusf(http.StatusNotFound, "There is no resource type with this name.")
	}
	return c.discover(func(dst []byte) []byte { return c.appendResourceType(dst, t) })
}

func (c *call) schemas() error {
	all := c.defs.Schemas
	return c.discover(func(dst []byte) []byte {
		return scim.AppendList(dst, scim.ListHead{Total: len(all), StartIndex: 1, Count: len(all)}, func(dst []byte, i int) []byte {
			return c.appendSchema(dst, all[i])
		})
	})
}

func (c *call) schema() error {
	s := c.defs.Schema(c.key)
	if s == nil {
		return scim.Statusf(http.StatusNotFound, "There is no schema with this URN.")
	}
	return c.discover(func(dst []byte) []byte { return c.appendSchema(dst, s) })
}

func (c *call) appendResourceType(dst []byte, t *scim.ResourceType) []byte {
	return scim.AppendResourceType(dst, t, c.at("/ResourceTypes/"+t.Name))
}

func (c *call) appendSchema(dst []byte, s *scim.Schema) []byte {
	return scim.AppendSchema(dst, s, c.at("/Schemas/"+s.ID))
}

// discover answers with what the build can do. It cannot be filtered, and RFC
// 7644 §4 wants 403 for who tries, lest the whole pass for what was asked.
func (c *call) discover(appendBody func([]byte) []byte) error {
	asked, err := readQuery(c.r.URL.RawQuery)
	if err != nil {
		return err
	}
	if asked.filtered {
		return scim.Statusf(http.StatusForbidden, "The discovery endpoints cannot be filtered.")
	}
	return c.sendBody(http.StatusOK, appendBody)
}
