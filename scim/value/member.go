package value

// MemberOf finds the member called name in the object that text is, as Append
// writes one, and reads nothing of the others: found is false where there is none.
// The error is a *SyntaxError.
func MemberOf(text []byte, name string, l Limits) (v Value, found bool, err error) {
	if len(text) == 0 || text[0] != '{' {
		return Value{}, false, &SyntaxError{Reason: "expected an object"}
	}
	for at := 1; at < len(text) && text[at] != '}'; at++ {
		colon := endOfString(text, at)
		if text[at] != '"' || colon >= len(text) || text[colon] != ':' {
			return Value{}, false, &SyntaxError{Offset: at, Reason: "expected the name of an object's member"}
		}
		end := endOfMember(text, colon+1)
		if spells(text[at+1:colon-1], name) {
			v, err = Parse(text[colon+1:end], l)
			return v, err == nil, err
		}
		at = end
	}
	if text[len(text)-1] != '}' {
		return Value{}, false, &SyntaxError{Offset: len(text), Reason: "an object does not end"}
	}
	return Value{}, false, nil
}

func spells(text []byte, name string) bool {
	return len(text) == len(name) && SameName(string(text), name)
}

// endOfString is behind the string that starts at a quotation mark.
func endOfString(text []byte, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '"':
			return at + 1
		case '\\':
			at++
		}
	}
	return len(text)
}

// endOfMember is where the comma or the brace behind a member's value stands.
func endOfMember(text []byte, at int) int {
	for depth := 0; at < len(text); at++ {
		switch c := text[at]; {
		case c == '"':
			at = endOfString(text, at) - 1
		case depth == 0 && (c == ',' || c == '}'):
			return at
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			depth--
		}
	}
	return len(text)
}
