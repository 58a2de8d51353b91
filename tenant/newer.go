package tenant

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// Decode reads a stored JSON document into v, a pointer to a struct. It returns the
// document where that holds members which v's type does not know: a newer build
// wrote them, which shares the store while one build replaces the other, and may be
// back tomorrow. KeepNewer puts them into what is stored next.
func Decode(doc []byte, v any) (newer []byte, err error) {
	strictly := json.NewDecoder(bytes.NewReader(doc))
	strictly.DisallowUnknownFields()
	if strictly.Decode(v) == nil {
		return nil, nil
	}
	return doc, json.Unmarshal(doc, v)
}

// KeepNewer returns next, the document of a struct of v's type, with those members
// of newer that the type does not know. What this build knows and left out stays out.
// Structs within are treated alike, if they are still the same: where they may be
// replaced by another, in arrays and behind pointers, their first member says so.
// Without newer that is next.
func KeepNewer(newer, next []byte, v any) ([]byte, error) {
	if newer == nil {
		return next, nil
	}
	return mergeObjects(newer, next, indirect(reflect.TypeOf(v)))
}

func merge(old, next []byte, t reflect.Type) ([]byte, error) {
	switch to := indirect(t); {
	case to.Kind() == reflect.Struct && isObject(old) && isObject(next):
		if to != t && called(old, to) != called(next, to) {
			return next, nil
		}
		return mergeObjects(old, next, to)
	case to.Kind() == reflect.Slice && indirect(to.Elem()).Kind() == reflect.Struct && isArray(old) && isArray(next):
		return mergeArrays(old, next, indirect(to.Elem()))
	default:
		return next, nil
	}
}

func mergeObjects(old, next []byte, t reflect.Type) ([]byte, error) {
	var was, is map[string]json.RawMessage
	if err := json.Unmarshal(old, &was); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(next, &is); err != nil {
		return nil, err
	}
	known := members(t)
	for name, value := range was {
		of, ok := known[strings.ToLower(name)]
		switch {
		case !ok:
			is[name] = value
		case is[name] != nil:
			merged, err := merge(value, is[name], of)
			if err != nil {
				return nil, err
			}
			is[name] = merged
		}
	}
	return json.Marshal(is)
}

func mergeArrays(old, next []byte, t reflect.Type) ([]byte, error) {
	var was, is []json.RawMessage
	if err := json.Unmarshal(old, &was); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(next, &is); err != nil {
		return nil, err
	}
	for i, one := range is {
		for _, before := range was {
			if !isObject(one) || called(before, t) != called(one, t) {
				continue
			}
			merged, err := mergeObjects(before, one, t)
			if err != nil {
				return nil, err
			}
			is[i] = merged
			break
		}
	}
	return json.Marshal(is)
}

// called is the first member of a struct, as text.
func called(one []byte, t reflect.Type) string {
	var all map[string]json.RawMessage
	if json.Unmarshal(one, &all) != nil || t.NumField() == 0 {
		return ""
	}
	name, _, _ := strings.Cut(t.Field(0).Tag.Get("json"), ",")
	return string(all[name])
}

// members are the types of a struct's members, by name in lower case, as
// encoding/json finds them.
func members(t reflect.Type) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" && !f.Anonymous {
			name = f.Name
		}
		if f.IsExported() && name != "" && name != "-" {
			all[strings.ToLower(name)] = f.Type
		}
	}
	return all
}

func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func isObject(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) }
func isArray(text []byte) bool  { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) }
