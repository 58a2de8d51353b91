// Package gateway builds a whole scimgate from a Config, runs it, and takes it
// down again: stores, SCIM and operator's listeners, delivery. It is the one
// place where the rooms meet; `serve`, `demo` and `check` all stand on it.
//
// Order of life: stores, listeners, delivery. Order of death: stop accepting,
// finish requests, finish claimed deliveries, close stores.
package gateway
