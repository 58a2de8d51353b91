// Package connectors is the contract between delivery and the systems it
// delivers to: Connector, Kinds, Error, and the guarded outbound http.Client
// that every connector is handed.
//
// What is sent when is left to connectors/delivery; how it is said, to the
// package of each kind (appspace, webhook).
package connectors
