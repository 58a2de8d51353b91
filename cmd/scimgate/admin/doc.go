// Package admin is the operator's side of scimgate: tenants, tokens, connections,
// custom attributes, mapping rules and what is owed to each account.
//
// Service does the work, in the words of package tenant; the API under /api/v1
// (OpenAPI at /api/v1/openapi.json) and whoever else needs it call the same
// methods. The service decides what follows a change: which caches forget, what
// becomes due again.
//
// What rules and settings mean is left to packages mapping and connectors, how
// things are kept to the stores of tenant and scim/directory.
package admin
