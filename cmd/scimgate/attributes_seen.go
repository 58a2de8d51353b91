package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

func newAttributesSeenCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "seen TENANT",
		Short: "List properties that users have and nobody defined yet: they are kept, and not sent to the account",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			seen, err := o.seen(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return show(cmd, o, seen, printSeen)
		},
	}
}

func printSeen(w io.Writer, seen admin.Seen) {
	row(w, "PROPERTY", "TYPE", "USERS")
	for _, a := range seen.Items {
		row(w, a.Property, a.Type, a.Users)
	}
	if seen.More {
		row(w, "and more")
	}
}

func newAttributesDefineCommand(o *operator) *cobra.Command {
	var in admin.AttributeInput
	cmd := &cobra.Command{
		Use:   "define TENANT PROPERTY",
		Short: "Define a property that was seen: the values sent long ago take effect",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			seen, err := o.seen(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := fit(&in, seen, args[1]); err != nil {
				return err
			}
			return showAttributes(cmd, o, "POST", args[0], in)
		},
	}
	cmd.Flags().StringVar(&in.Type, "type", "", "String or Integer (default: Integer where that loses nothing, else String)")
	addAttributeFlags(cmd, &in)
	return cmd
}

// fit takes spelling and type from what was seen. A type that would park users is
// refused here; whoever wants it uses add.
func fit(in *admin.AttributeInput, seen admin.Seen, property string) error {
	for _, a := range seen.Items {
		if !strings.EqualFold(a.Property, property) {
			continue
		}
		if in.Type == "Integer" && a.Type == "String" {
			return fmt.Errorf("some of the %d users hold a %s that is no plain whole number; define it as String", a.Users, a.Property)
		}
		in.Property, in.Type = a.Property, or(in.Type, a.Type)
		return nil
	}
	return fmt.Errorf("no user has a %s that is not defined yet; see: scimgate attributes seen, and add", property)
}

func (o *operator) seen(ctx context.Context, id string) (seen admin.Seen, err error) {
	err = o.call(ctx, "GET", tenantPath(id)+"/attributes/seen", nil, &seen)
	return seen, err
}
