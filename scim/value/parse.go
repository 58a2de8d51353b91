package value

// Limits bounds what Parse accepts. The zero Limits accepts nothing.
type Limits struct {
	Depth  int // objects and arrays inside one another
	Values int // values in all, so that "[[],[],…]" cannot fill the memory
	Text   int // bytes of one string or name, after unescaping
}

// DefaultLimits are the bounds of design section 6.15.
var DefaultLimits = Limits{Depth: 32, Values: 250_000, Text: 1 << 20}

// SyntaxError tells what is wrong with a JSON text, and at which byte.
type SyntaxError struct {
	Offset   int
	Reason   string // in our own words, without any value of the text
	TooLarge bool   // a bound was passed; the text may be JSON
}

func (e *SyntaxError) Error() string { return e.Reason }
