package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
)

// journalRequest is what the command asks for.
type journalRequest struct {
	tenant, user              string
	group, newest             bool
	since, until              string
	class, request, afterThat string
	limit                     int
}

func newJournalCommand() *cobra.Command {
	var (
		o  operator
		in journalRequest
	)
	cmd := &cobra.Command{
		Use:   "journal TENANT [USER]",
		Short: "Tell what happened: each change, who asked for it, and each attempt to deliver it",
		Long: "Tell what happened to a user, by id or by userName, or in a whole tenant: which request made which version, " +
			"how often that was sent to which connection, and what the account answered. It holds no values.\n\n" +
			"A userName finds whoever has it, else whoever had it when deleted last.",
		Example: "  scimgate journal acme ana@example.com\n  scimgate journal acme --class rejected --since 24h\n  scimgate journal acme --request 0f6b1c2e-…",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.tenant = args[0]
			if len(args) == 2 {
				in.user = args[1]
			}
			page, err := in.page(cmd.Context(), &o, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return show(cmd, &o, page, func(w io.Writer, page admin.JournalPage) { printJournal(w, page, in.user == "") })
		},
	}
	o.addFlags(cmd.Flags())
	flags := cmd.Flags()
	flags.BoolVar(&in.group, "group", false, "USER is a group: its id or displayName")
	flags.BoolVar(&in.newest, "newest", false, "newest first")
	flags.StringVar(&in.since, "since", "", "at this time or later (RFC 3339, or a duration such as 2h for ago)")
	flags.StringVar(&in.until, "until", "", "before this time")
	flags.StringVar(&in.class, "class", "", "of this class of failure or refusal, as in rejected")
	flags.StringVar(&in.request, "request", "", "of this request, by the client's id of it")
	flags.StringVar(&in.afterThat, "after", "", "what follows this position")
	flags.IntVar(&in.limit, "limit", 500, "at most so many entries")
	return cmd
}

// page asks for as many entries as are wanted, which may take several questions.
func (in *journalRequest) page(ctx context.Context, o *operator, hints io.Writer) (page admin.JournalPage, err error) {
	path, err := in.path(ctx, o, hints)
	if err != nil {
		return page, err
	}
	query, err := in.query()
	if err != nil {
		return page, err
	}
	query.Set("after", in.afterThat)
	all, err := upTo[admin.JournalEntry](ctx, o, hints, path, query, in.limit, atOnce)
	return admin.JournalPage(all), err
}

func (in *journalRequest) query() (url.Values, error) {
	var since, until time.Time
	query := url.Values{"class": {in.class}, "request": {in.request}, "order": {"oldest"}}
	err := errors.Join(readTime(&since, "since", in.since), readTime(&until, "until", in.until))
	if !since.IsZero() {
		query.Set("since", since.Format(time.RFC3339Nano))
	}
	if !until.IsZero() {
		query.Set("until", until.Format(time.RFC3339Nano))
	}
	if in.newest {
		query.Set("order", "newest")
	}
	return query, err
}

// path is where the journal is: that of the tenant, or of the user, who is looked
// up unless it is an id.
func (in *journalRequest) path(ctx context.Context, o *operator, hints io.Writer) (string, error) {
	users, name := "/users/", "userName"
	if in.group {
		users, name = "/groups/", "displayName"
	}
	switch {
	case in.user == "":
		return tenantPath(in.tenant) + "/journal", nil
	case uuid.Validate(in.user) == nil:
		return tenantPath(in.tenant) + users + in.user + "/journal", nil
	}
	var found items[admin.Bearer]
	if err := o.call(ctx, "GET", tenantPath(in.tenant)+"/named?"+name+"="+url.QueryEscape(in.user), nil, &found); err != nil {
		return "", err
	}
	if len(found.Items) == 0 {
		return "", fmt.Errorf("nobody has that %s, or had it when deleted", name)
	}
	for i, b := range found.Items {
		_, _ = fmt.Fprintln(hints, describe(b, i > 0))
	}
	return tenantPath(in.tenant) + users + found.Items[0].ID + "/journal", nil
}

// describe says who was found, and who else.
func describe(b admin.Bearer, also bool) string {
	text := b.ID
	if also {
		text = "also " + text
	}
	if b.Deleted {
		return text + ", deleted " + b.Modified.Format(time.RFC3339)
	}
	return text
}
