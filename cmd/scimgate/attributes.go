package main

import (
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

func newAttributesCommand() *cobra.Command {
	o := new(operator)
	return o.group("attributes", "List, define and undefine a tenant's custom attributes",
		newAttributesListCommand(o), newAttributesAddCommand(o), newAttributesRemoveCommand(o),
		newAttributesSeenCommand(o), newAttributesDefineCommand(o))
}

func newAttributesListCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "list TENANT",
		Short: "List a tenant's custom attributes",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showAttributes(cmd, o, "GET", args[0], nil)
		},
	}
}

func newAttributesAddCommand(o *operator) *cobra.Command {
	var in admin.AttributeInput
	cmd := &cobra.Command{
		Use:   "add TENANT PROPERTY",
		Short: "Define a custom attribute; property and type cannot change later",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Property = args[1]
			return showAttributes(cmd, o, "POST", args[0], in)
		},
	}
	cmd.Flags().StringVar(&in.Type, "type", "String", "String or Integer")
	addAttributeFlags(cmd, &in)
	return cmd
}

func addAttributeFlags(cmd *cobra.Command, in *admin.AttributeInput) {
	flags := cmd.Flags()
	flags.StringVar(&in.DisplayName, "name", "", "name for people")
	flags.StringVar(&in.Description, "description", "", "what it is for")
	flags.StringVar(&in.Visibility, "visibility", string(tenant.Visible), "VISIBLE or HIDDEN in the account")
	flags.BoolVar(&in.Required, "required", false, "a user with custom attributes must have it")
}

func newAttributesRemoveCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "remove TENANT PROPERTY",
		Short: "Undefine a custom attribute; what was stored of it stays, and is sent no more",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := tenantPath(args[0]) + "/attributes/" + url.PathEscape(args[1])
			if err := o.call(cmd.Context(), "DELETE", path, nil, nil); err != nil {
				return err
			}
			return o.done(cmd, "Attribute %s of %s is undefined.", args[1], args[0])
		},
	}
}

func showAttributes(cmd *cobra.Command, o *operator, method, id string, in any) error {
	return showAnswer(cmd, o, method, tenantPath(id)+"/attributes", in, func(w io.Writer, all items[tenant.Attribute]) {
		row(w, "PROPERTY", "TYPE", "REQUIRED", "VISIBILITY", "NAME", "DESCRIPTION")
		for _, a := range all.Items {
			row(w, a.Property, a.Type, a.Required, a.Visibility, a.DisplayName, a.Description)
		}
	})
}
