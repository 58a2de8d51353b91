// Package admin is the operator's side of scimgate: tenants, tokens, connections,
// custom attributes, mapping rules and what is owed to each account.
//
// Service does the work, in the words of package tenant; the API under /api/v1
// (OpenAPI at /api/v1/openapi.json) and whoever else needs it call the same
// methods. The service decides what follows a change: which caches forget, what
// becomes due again.
//
// Rules are drafted, tried and published. What is in force stands whole in the
// tenant, author and time too; the history follows, and whoever reads it, or
// publishes next, first adds what a crash kept from it. Preview tries rules on
// users page by page, on all cores: it sends and stores nothing, and what it and
// Explain return is for the administrator who asks, and never logged.
//
// What rules and settings mean is left to packages mapping and connectors, how
// things are kept to the stores of tenant and scim/directory.
package admin
