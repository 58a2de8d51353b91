// Package server is how an identity provider proves itself over HTTP beside by a
// bearer token: the token endpoint of each tenant, and the verification of what
// the customers' own issuers sign.
//
//	POST /t/{tenant}/oauth2/token
//	  client id + secret          RFC 6749 §4.4   ─┐
//	  client id + signed assertion RFC 7523 §2.2  ─┴─► access token of ours, 60 min
//
//	Verifier   signature, pinned claims, time       (assertions, and Entra's own tokens)
//	Keysets    issuers' keys: cached, fetched again for an unknown one, within limits
//
// Whatever is wrong with a credential is one and the same answer after the same
// work. What credentials are and how they are kept is left to package tenant, the
// requests that access tokens are for to scim/server, and where keys may be fetched
// to whoever makes the http.Client.
package server
