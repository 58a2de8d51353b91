package main

import (
	"errors"
	"strings"

	"scimgate/cmd/scimgate/entra"
)

// customFlag reads PROPERTY=VALUE, each time it is given.
type customFlag []entra.Custom

// Set implements pflag.Value.
func (f *customFlag) Set(text string) error {
	property, value, ok := strings.Cut(text, "=")
	if !ok || property == "" {
		return errors.New("write PROPERTY=VALUE")
	}
	*f = append(*f, entra.Custom{Property: property, Value: value})
	return nil
}

// Type implements pflag.Value.
func (f *customFlag) Type() string { return "property=value" }

// String implements pflag.Value.
func (f *customFlag) String() string {
	var all []string
	for _, c := range *f {
		all = append(all, c.Property+"="+c.Value)
	}
	return strings.Join(all, ",")
}
