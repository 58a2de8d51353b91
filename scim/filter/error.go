package filter

import "strconv"

// Error tells what is wrong with a filter or path, and at which byte.
type Error struct {
	Offset     int
	Reason     string // in our own words, without any value of the text
	TooComplex bool   // a bound was passed; the text may be a filter
}

// Error returns the reason and the place.
func (e *Error) Error() string {
	return e.Reason + " (at byte " + strconv.Itoa(e.Offset) + ")"
}

// The bounds of design section 6.15.
const (
	maxText   = 2048 // bytes of a filter or path
	maxLevels = 8    // parentheses and brackets inside one another
	maxTerms  = 20   // comparisons in all
)
