package tenant

// Actor is who an Authorization header that was let in belongs to, as it may be
// noted: the key id of a token, the id of an access token's credential, "entra"
// for a token of the customer's own; "" for what has none.
func Actor(authorization string) string {
	text := bearer(authorization)
	switch {
	case isAccess(text):
		a, _ := parseAccess(text)
		return a.credential
	case isJWT(text):
		return string(EntraCredential)
	case text == noToken || text[:len(tokenPrefix)] != tokenPrefix:
		return ""
	}
	return text[len(tokenPrefix) : len(tokenPrefix)+keyIDLength]
}
