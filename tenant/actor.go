package tenant

// Actor is who an Authorization header that was let in belongs to, as it may be
// noted: the key id of a token; "" for what has none.
func Actor(authorization string) string {
	text := bearer(authorization)
	if text == noToken || text[:len(tokenPrefix)] != tokenPrefix {
		return ""
	}
	return text[len(tokenPrefix) : len(tokenPrefix)+keyIDLength]
}
