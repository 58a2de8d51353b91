package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/admin"
	"scimgate/connectors/delivery"
)

// differs is the exit status of an audit that found something.
const differs = exitError(3)

func newAuditCommand() *cobra.Command {
	var (
		o          operator
		connection string
		repair     bool
	)
	cmd := &cobra.Command{
		Use:   "audit TENANT",
		Short: "Compare all users and groups of a tenant with what its account holds; exit status 3 if something differs",
		Long: "Compare all users of a tenant with what its account holds, and where group sync is on its groups and who is in them.\n" +
			"Nothing is changed unless --repair is given; what the account has beside the tenant's users and groups is listed\n" +
			"and never touched. Every replica of the gateway shows the result, for seven days.\n" +
			"The audit runs in the gateway: ending this command does not end it. Exit status 3 if something differs.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return auditing{cmd, &o, args[0]}.run(connection, repair)
		},
	}
	o.addFlags(cmd.PersistentFlags())
	cmd.Flags().StringVar(&connection, "connection", "", "the account behind this connection; without it the first that can be asked")
	cmd.Flags().BoolVar(&repair, "repair", false, "send again what is missing or different")
	cmd.AddCommand(newAuditAdoptCommand(&o))
	return cmd
}

func newAuditAdoptCommand(o *operator) *cobra.Command {
	return &cobra.Command{
		Use:   "adopt TENANT ID...",
		Short: "Make the account users of conflicts that the latest audit found the tenant's own; never an administrator",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return auditing{cmd, o, args[0]}.adopt(args[1:])
		},
	}
}

// auditing is the audits of one tenant, from a shell.
type auditing struct {
	cmd    *cobra.Command
	o      *operator
	tenant string
}

func (a auditing) path(more string) string { return tenantPath(a.tenant) + "/audits" + more }

func (a auditing) run(connection string, repair bool) error {
	ctx := a.cmd.Context()
	var view admin.AuditView
	in := map[string]string{"connection": connection}
	if err := a.o.call(ctx, "POST", a.path(""), in, &view); err != nil {
		return err
	}
	view, err := a.wait(ctx, view.ID)
	if err != nil {
		return err
	}
	if err := show(a.cmd, a.o, view, writeAudit); err != nil {
		return err
	}
	if repair {
		err = a.repair(ctx, view)
	}
	if err == nil && disagree(view) {
		return differs
	}
	return err
}

// disagree reports whether there is more than what the next delivery adopts.
func disagree(v admin.AuditView) bool {
	return slices.ContainsFunc(v.Findings, func(f admin.FindingView) bool { return f.Kind != delivery.Match })
}

// wait tells how far the audit is until it has ended, and returns it with all
// that it lists.
func (a auditing) wait(ctx context.Context, id string) (view admin.AuditView, err error) {
	for said := ""; ; {
		if err := a.o.call(ctx, "GET", a.path("/"+id+"?limit=0"), nil, &view); err != nil {
			return view, err
		}
		if view.State != admin.AuditRunning {
			break
		}
		if now := progress(view); now != said {
			said = now
			_, _ = fmt.Fprintln(a.cmd.ErrOrStderr(), now)
		}
		select {
		case <-time.After(300 * time.Millisecond):
		case <-ctx.Done():
			return view, ctx.Err()
		}
	}
	if view.State == admin.AuditFailed {
		return view, errors.New("the audit failed: " + view.Reason)
	}
	return a.whole(ctx, id)
}

func progress(v admin.AuditView) string {
	switch {
	case v.Stage == "":
		return "auditing"
	case v.Total > 0:
		return fmt.Sprintf("auditing: %s, %d of %d", v.Stage, v.Done, v.Total)
	default:
		return fmt.Sprintf("auditing: %s, %d", v.Stage, v.Done)
	}
}

// whole reads an audit and all of its findings, page by page.
func (a auditing) whole(ctx context.Context, id string) (view admin.AuditView, err error) {
	const limit = 5000
	var all []admin.FindingView
	for {
		view = admin.AuditView{}
		page := url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(len(all))}}
		if err := a.o.call(ctx, "GET", a.path("/"+id+"?"+page.Encode()), nil, &view); err != nil {
			return view, err
		}
		all = append(all, view.Findings...)
		if len(view.Findings) < limit {
			view.Findings = all
			return view, nil
		}
	}
}

func writeAudit(w io.Writer, v admin.AuditView) {
	if len(v.Findings) > 0 {
		row(w, "FINDING", "ABOUT", "ID", "ACCOUNT ID", "NAME", "WHERE")
	}
	for _, f := range v.Findings {
		where := strings.Join(f.Paths, ", ")
		switch {
		case f.Protected:
			where = "protected"
		case f.Group != "":
			where = "in group " + f.Group
		}
		row(w, f.Kind, f.About, or(f.ID, "-"), or(f.RemoteID, "-"), or(f.UserName, "-"), where)
	}
	found := 0
	for _, n := range v.Counts {
		found += n
	}
	row(w, fmt.Sprintf("%d users here, %d in the account: %d the same, %d new, %d not compared (due, or kept there by a decision); %d findings.", v.Stored, v.Held, v.Same, v.New, v.Owed, found))
	if g := v.Groups; g != nil {
		row(w, fmt.Sprintf("%d groups here, %d in the account: %d the same, %d new, %d not compared (due, or their members not all there); members of %d compared, %d memberships.", g.Stored, g.Held, g.Same, g.New, g.Owed, g.Compared, g.Memberships))
		if g.Unread > 0 {
			row(w, fmt.Sprintf("%d groups are too large for the account to show who is in them.", g.Unread))
		}
	}
	if found > len(v.Findings) {
		row(w, fmt.Sprintf("%d are listed; repair these, and audit again.", len(v.Findings)))
	}
}

func (a auditing) repair(ctx context.Context, v admin.AuditView) error {
	var done admin.Replayed
	if err := a.o.call(ctx, "POST", a.path("/"+v.ID+"/repair"), admin.RepairInput{All: true}, &done); err != nil {
		return err
	}
	said := fmt.Sprintf("%d resources are due again", done.Resources)
	if done.Memberships > 0 {
		said += fmt.Sprintf(", %d memberships are told again", done.Memberships)
	}
	_, err := fmt.Fprintln(a.cmd.ErrOrStderr(), said+".")
	return err
}

// adoptAtOnce is how many one request adopts: the account is asked about each.
const adoptAtOnce = 50

// adopt adopts by what the latest audit found.
func (a auditing) adopt(ids []string) error {
	ctx := a.cmd.Context()
	var all items[admin.AuditView]
	if err := a.o.call(ctx, "GET", a.path(""), nil, &all); err != nil {
		return err
	}
	if len(all.Items) == 0 {
		return fmt.Errorf("there is no audit of this tenant of the last seven days: run scimgate audit %s first", a.tenant)
	}
	var done admin.Adopted
	for few := range slices.Chunk(ids, adoptAtOnce) {
		var some admin.Adopted
		in := map[string][]string{"ids": few}
		if err := a.o.call(ctx, "POST", a.path("/"+all.Items[0].ID+"/adopt"), in, &some); err != nil {
			return err
		}
		done.Adopted, done.Refused = append(done.Adopted, some.Adopted...), append(done.Refused, some.Refused...)
	}
	err := show(a.cmd, a.o, done, func(w io.Writer, done admin.Adopted) {
		for _, id := range done.Adopted {
			row(w, id, "adopted; its next delivery takes the account user over")
		}
		for _, r := range done.Refused {
			row(w, r.ID, "not adopted: "+r.Reason)
		}
	})
	if err == nil && len(done.Refused) > 0 {
		return exitError(1)
	}
	return err
}
