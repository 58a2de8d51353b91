package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"scimgate/cmd/scimgate/admin"
)

func newRulesPreviewCommand(o *operator) *cobra.Command {
	var (
		in       admin.PreviewInput
		file     string
		progress bool
	)
	cmd := &cobra.Command{
		Use:   "preview TENANT",
		Short: "Try the draft, or a file, on real users; nothing is sent",
		Long: "Try the draft, or a file, on one user, on the users that changed last, or on all users of a tenant. " +
			"Nothing is sent or stored. What is printed holds values of users.",
		Example: `  scimgate rules preview acme --progress
  scimgate rules preview acme --user ana@example.com
  scimgate rules preview acme --file rules.yaml --last 100`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if file != "" {
				if in.Rules, err = readRules(cmd.InOrStdin(), file); err != nil {
					return err
				}
			}
			told := io.Discard
			if progress {
				told = cmd.ErrOrStderr()
			}
			p, err := o.preview(cmd.Context(), args[0], in, told)
			if err != nil {
				return err
			}
			return show(cmd, o, p, printPreview)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&in.UserID, "user", "", "one user, by id or userName")
	flags.IntVar(&in.Last, "last", 0, "this many users, those that changed last")
	flags.StringVar(&file, "file", "", "rules in YAML or JSON instead of the draft (- reads standard input)")
	flags.BoolVar(&in.Creating, "creating", false, "what the account gets with a new user")
	flags.BoolVar(&progress, "progress", false, "tell on standard error how far it has come")
	return cmd
}

// preview asks for a preview, line by line: it may take longer than one answer may.
func (o *operator) preview(ctx context.Context, id string, in admin.PreviewInput, told io.Writer) (*admin.Preview, error) {
	req, err := o.request(ctx, "POST", tenantPath(id)+"/rules/preview", in)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/x-ndjson")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the gateway cannot be reached (--admin-url): %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return nil, refusal(res.StatusCode, text)
	}
	return readPreview(json.NewDecoder(res.Body), told)
}

func readPreview(lines *json.Decoder, told io.Writer) (*admin.Preview, error) {
	for {
		var line struct {
			Progress *admin.Progress
			Preview  *admin.Preview
			Problem  json.RawMessage
		}
		switch err := lines.Decode(&line); {
		case errors.Is(err, io.EOF):
			return nil, errors.New("the gateway broke off")
		case err != nil:
			return nil, fmt.Errorf("the gateway broke off: %w", err)
		case line.Problem != nil:
			var p struct{ Status int }
			_ = json.Unmarshal(line.Problem, &p) // refusal says what is there
			return nil, refusal(p.Status, line.Problem)
		case line.Preview != nil:
			return line.Preview, nil
		case line.Progress != nil:
			p := line.Progress
			_, _ = english().Fprintf(told, "%d of %d users: %d would change, %d would fail\n", p.Users, p.Total, p.Changed, p.Failed)
		}
	}
}

// english writes 9800 as 9,800.
func english() *message.Printer { return message.NewPrinter(language.English) }

func printPreview(w io.Writer, p *admin.Preview) {
	row(w, english().Sprintf("%d of %d users would change, %d would fail.", p.Changed, p.Users, p.Failed))
	if p.FailedAlready > 0 {
		row(w, english().Sprintf("Of those that would fail, %d cannot be delivered now either.", p.FailedAlready))
	}
	if p.Mended > 0 {
		row(w, english().Sprintf("Of those that would change, %d cannot be delivered now.", p.Mended))
	}
	for _, u := range p.Failures {
		row(w, "\n"+u.UserName+" ("+u.UserID+") would fail: "+u.Failure)
	}
	for _, u := range p.Sample {
		row(w, "\n"+u.UserName+" ("+u.UserID+")")
		for _, c := range u.Changes {
			switch {
			case c.Same:
				row(w, "    "+c.Path+": "+string(c.After))
			case c.Kept:
				row(w, "    "+c.Path+": "+string(c.Before)+" stays in the account, and is kept up to date no more")
			default:
				row(w, "  * "+c.Path+": "+string(c.Before)+" → "+string(c.After))
			}
		}
	}
	if more := p.Changed - len(p.Sample); more > 0 && len(p.Sample) > 1 {
		row(w, english().Sprintf("\n… and %d more.", more))
	}
}
