// Package mapping turns a Resource into its Projection: what the tenant's
// Appspace account should hold. Rules are written as JSON, compiled once per
// version, and applied without I/O, clock or chance.
//
// Where rules are stored is left to package tenant, when they are applied to
// connectors/delivery, and how a Projection is sent to the connectors.
package mapping
