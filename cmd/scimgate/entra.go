package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"scimgate/cmd/scimgate/entra"
)

// newEntraCommand is Entra from a shell: what it would ask of a Tenant URL, and
// whether the answers are what it needs.
func newEntraCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "entra",
		Short: "Play Microsoft Entra against any Tenant URL",
		Long: "Entra sends what Microsoft Entra ID sends when it provisions users, and judges the answers as Entra does. " +
			"Exit status 1 if one of them would not do.\n\n" +
			"The token is read from --token, --token-file or SCIMGATE_TOKEN. Behind the Tenant URL, ?aadOptscim062020 " +
			"switches on the new dialect of PATCH, as in Entra.",
	}
	cmd.AddCommand(newEntraProbeCommand(), newEntraOnDemandCommand(), newEntraCycleCommand(), newEntraDrillCommand())
	return cmd
}

func newEntraProbeCommand() *cobra.Command {
	var e endpoint
	cmd := &cobra.Command{
		Use:   "probe",
		Short: "Test the connection: a user that cannot exist is not found, the schemas can be read",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.run(cmd, 1, func(c *entra.Client) (ok bool, result any, err error) {
				r := entra.Probe(cmd.Context(), c, e.teller(cmd))
				return r.OK, r, nil
			})
		},
	}
	e.addFlags(cmd)
	return cmd
}

func newEntraOnDemandCommand() *cobra.Command {
	var (
		e endpoint
		u entra.User
	)
	cmd := &cobra.Command{
		Use:   "ondemand",
		Short: "Provision one user: look it up, then create it or change what differs, in the old dialect",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.run(cmd, 1, func(c *entra.Client) (ok bool, result any, err error) {
				r := entra.OnDemand(cmd.Context(), c, u, e.teller(cmd))
				return r.OK, r, nil
			})
		},
	}
	e.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&u.UserName, "user-name", "", "userPrincipalName, by which the user is looked up")
	flags.StringVar(&u.ExternalID, "external-id", "", "mailNickname or objectId")
	flags.StringVar(&u.DisplayName, "display-name", "", "displayName")
	flags.StringVar(&u.GivenName, "given-name", "", "givenName")
	flags.StringVar(&u.FamilyName, "family-name", "", "surname")
	flags.StringVar(&u.Title, "title", "", "jobTitle")
	flags.StringVar(&u.Email, "email", "", "mail, the work e-mail")
	flags.StringVar(&u.Department, "department", "", "department")
	flags.Var((*customFlag)(&u.Custom), "custom", "PROPERTY=VALUE: a custom attribute of Appspace that is mapped in Entra; may be repeated")
	_ = cmd.MarkFlagRequired("user-name")
	return cmd
}

func newEntraCycleCommand() *cobra.Command {
	var (
		e endpoint
		l entra.Load
	)
	cmd := &cobra.Command{
		Use:   "cycle",
		Short: "Provision many users and change, disable and delete them, and measure the answers",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if l.Users < 1 || l.Connections < 1 || l.Groups < 0 || l.Rate < 0 || l.Again < 0 {
				return errors.New("--users and --connections must be at least 1, and --groups, --rate and --again at least 0")
			}
			l.Progress = progressLine(cmd.ErrOrStderr())
			return e.run(cmd, l.Connections, func(c *entra.Client) (ok bool, result any, err error) {
				r := entra.Cycle(cmd.Context(), c, l)
				if !e.json {
					printCycle(cmd.OutOrStdout(), r)
				}
				return r.OK, r, nil
			})
		},
	}
	e.addFlags(cmd)
	flags := cmd.Flags()
	flags.IntVar(&l.Users, "users", 100, "users to provision")
	flags.IntVar(&l.Groups, "groups", 0, "groups to provision besides, and deal the users out to")
	flags.Lookup("groups").NoOptDefVal = "1"
	flags.IntVar(&l.Connections, "connections", 8, "connections, each with one user at a time")
	flags.StringVar(&l.Prefix, "prefix", "", "of all names (default: one that no run had before)")
	flags.BoolVar(&l.Keep, "keep", false, "leave the users there: neither disable nor delete them")
	flags.Float64Var(&l.Rate, "rate", 0, "requests a second, at most (default: as fast as the answers come)")
	flags.BoolVar(&l.Check, "check", false, "look every user up again, and compare it with what was answered")
	flags.IntVar(&l.Again, "again", 0, "times that a user is taken again whose request got no answer, as Entra does in its next cycle")
	return cmd
}

// endpoint is what the commands have in common: whom to speak to, and how to print.
type endpoint struct {
	url, token, tokenFile string
	json                  bool
}

func (e *endpoint) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&e.url, "url", "", "Tenant URL, as entered in Entra")
	flags.StringVar(&e.token, "token", "", "secret token; --token-file and SCIMGATE_TOKEN keep it out of the process list")
	flags.StringVar(&e.tokenFile, "token-file", "", "file that holds the token")
	flags.BoolVar(&e.json, "json", false, "print the result as one JSON object")
	_ = cmd.MarkFlagRequired("url")
	cmd.MarkFlagsMutuallyExclusive("token", "token-file")
}

// run lets play speak to the endpoint and turns its verdict into the exit status.
func (e *endpoint) run(cmd *cobra.Command, connections int, play func(*entra.Client) (ok bool, result any, err error)) error {
	token, err := e.secret()
	if err != nil {
		return err
	}
	c, err := entra.NewClient(e.url, token, connections)
	if err != nil {
		return err
	}
	defer c.Close()
	ok, result, err := play(c)
	if err != nil {
		return err
	}
	if e.json {
		if err := json.NewEncoder(cmd.OutOrStdout()).Encode(result); err != nil {
			return err
		}
	}
	if !ok {
		return exitError(1)
	}
	return nil
}

func (e *endpoint) secret() (string, error) {
	if e.tokenFile != "" {
		text, err := os.ReadFile(e.tokenFile)
		return strings.TrimSpace(string(text)), err
	}
	if e.token != "" {
		return e.token, nil
	}
	return os.Getenv("SCIMGATE_TOKEN"), nil
}

// teller prints each step as it happens, unless the result is printed as JSON.
func (e *endpoint) teller(cmd *cobra.Command) func(entra.Step) {
	if e.json {
		return nil
	}
	return func(s entra.Step) {
		verdict := "ok   "
		if !s.OK {
			verdict = "FAULT"
		}
		answered := ""
		if s.Status != 0 {
			answered = fmt.Sprintf("%d in %.1f ms. ", s.Status, s.Milliseconds)
		}
		_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n       %s%s\n", verdict, s.Request, answered, s.Outcome)
	}
}

// progressLine writes over one line of a terminal.
func progressLine(w io.Writer) func(entra.Progress) {
	return func(p entra.Progress) {
		end := ""
		if p.Done == p.Of {
			end = "\n"
		}
		_, _ = fmt.Fprintf(w, "\r%-20s %d of %d, %d failures%s", p.Phase, p.Done, p.Of, p.Failures, end)
	}
}

func printCycle(w io.Writer, r entra.Result) {
	_, _ = fmt.Fprintf(w, "%-20s %9s %9s %11s %9s %9s\n", "phase", "requests", "failures", "requests/s", "p50 ms", "p99 ms")
	for _, p := range append(r.Phases, r.Total) {
		_, _ = fmt.Fprintf(w, "%-20s %9d %9d %11.0f %9.2f %9.2f\n",
			p.Name, p.Requests, p.Failures, p.RequestsPerSecond, p.P50Milliseconds, p.P99Milliseconds)
	}
	if r.Total.Unanswered > 0 {
		_, _ = fmt.Fprintf(w, "%d requests got no answer; their users were taken again.\n", r.Total.Unanswered)
	}
	if r.Total.Waits > 0 {
		_, _ = fmt.Fprintf(w, "%d times the endpoint asked to come again later.\n", r.Total.Waits)
	}
	for _, reason := range r.Reasons {
		_, _ = fmt.Fprintf(w, "%d × %s\n", reason.Count, reason.Reason)
	}
}
