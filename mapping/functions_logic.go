package mapping

import (
	"strconv"
	"strings"

	"scimgate/scim/value"
)

// same is what a function yields that only says something about its argument.
func same(e *evaluation, args []node) value.Value { return e.value(args[0]) }

func coalesce(e *evaluation, args []node) value.Value {
	for _, arg := range args {
		if v := e.value(arg); !v.IsNull() {
			return v
		}
	}
	return value.Value{}
}

// iif also takes a condition without a comparison, such as [active].
func iif(e *evaluation, args []node) value.Value {
	if condition, _ := e.text(args[0]); strings.EqualFold(condition, "True") {
		return e.value(args[1])
	}
	return e.value(args[2])
}

// switchPairs makes Switch: keys and values come in pairs.
func switchPairs(b *binder, c *call) run {
	if len(c.args)%2 != 0 {
		b.fault(c, "the last key of Switch has no value", "keys and values come in pairs: Switch(source, default, key1, value1, …)")
	}
	return func(e *evaluation, args []node) value.Value {
		source, _ := e.text(args[0])
		for i := 2; i+1 < len(args); i += 2 {
			if key, _ := e.text(args[i]); key == source {
				return e.value(args[i+1])
			}
		}
		return e.value(args[1])
	}
}

func isNull(e *evaluation, args []node) value.Value { return value.Truth(e.value(args[0]).IsNull()) }

func isNullOrEmpty(e *evaluation, args []node) value.Value {
	return value.Truth(e.value(args[0]).Unassigned())
}

func isPresent(e *evaluation, args []node) value.Value {
	return value.Truth(!e.value(args[0]).Unassigned())
}

func isString(e *evaluation, args []node) value.Value {
	return value.Truth(e.value(args[0]).Kind() == value.String)
}

func not(e *evaluation, args []node) value.Value {
	source, _ := e.text(args[0])
	return value.Truth(!strings.EqualFold(source, "True"))
}

func toBool(e *evaluation, args []node) value.Value {
	text, _ := e.text(args[0])
	if v, ok := truth(text); ok || text == "" {
		return value.Truth(v.True())
	}
	number, ok := decimal(text)
	if !ok {
		return e.fail("CBool was given neither a boolean nor a number")
	}
	return value.Truth(number.Sign() != 0)
}

func bitAnd(e *evaluation, args []node) value.Value {
	a, first := e.integer(args[0])
	b, second := e.integer(args[1])
	if !first || !second {
		return value.Value{}
	}
	return value.Int(a & b)
}

// integer evaluates n to a whole number; ok is false for null, and if the run has
// failed.
func (e *evaluation) integer(n node) (number int64, ok bool) {
	text, ok := e.text(n)
	if !ok || text == "" {
		return 0, false
	}
	number, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		e.fail("a function was given something that is no whole number where it takes one")
	}
	return number, err == nil
}
