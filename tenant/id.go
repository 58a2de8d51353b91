package tenant

import "errors"

// maxID is the length of the longest ID: that of a DNS label.
const maxID = 63

// ParseID checks that s has the form of an ID.
func ParseID(s string) (ID, error) {
	if s == "" || len(s) > maxID {
		return "", errors.New("a tenant id has 1 to 63 characters")
	}
	if s[0] == '-' || s[len(s)-1] == '-' {
		return "", errors.New("a tenant id neither begins nor ends with a hyphen")
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return "", errors.New("a tenant id holds only a-z, 0-9 and hyphens")
		}
	}
	return ID(s), nil
}
