// Package azure speaks of a tenant's set-up in Azure: what an Entra administrator
// has to enter there, made from the tenant, and what he has entered there, turned
// into rules. It is pure: values in, text out.
//
//	tenant, attributes, rules ── New ──► *Setup ──► Schema     synchronizationSchema of Microsoft Graph
//	                                           ├──► Script     the calls that apply it, for bash, curl and jq
//	                                           ├──► Terraform  the application and its job, for hashicorp/azuread
//	                                           └──► Sheet      the customer's guide with every value filled in
//	Entra's exported schema ── Import ──► rules, custom attributes to define, what does not fit
//
// A rule reads what Entra has sent, so a mapping may be done on either side, and
// must not be done on both: Append would append twice. Input.MapIn says where.
//
//   - Gateway: Azure sends the attributes that the rules read, each to its own SCIM
//     name, and the rules here do the rest. This is what goes with rules in force.
//   - Azure: the rules become Azure's own mappings. Whoever applies that publishes
//     rules without them here.
//
// Import is the way back of the second: mappings of Azure become rules, in terms of
// the SCIM attributes that carry what the mapping reads. A mapping that reads what
// SCIM has no name for (extensionAttribute3, IsSoftDeleted, app roles) stays in
// Azure, and the rule takes what Azure sends.
//
// What Azure alone knows is never guessed: the ids of tenant, application and job
// are found by the script or asked for; an attribute of Azure that nobody named is a
// placeholder that begins with CHOOSE_. The Secret Token is in none of the texts.
//
// The names of the JSON are those of Microsoft Graph v1.0. It leaves to admin where
// tenants come from, and to mapping what a rule means.
package azure
