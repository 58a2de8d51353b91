package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"scimgate/cmd/scimgate/admin"
)

// operator calls the admin API of a running gateway for the commands that are
// that API from a shell.
type operator struct {
	url, keyFile string
	json         bool
}

// group makes a command whose children share an operator's flags.
func (o *operator) group(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short,
		Long: short + ", on a running gateway.\n\n" +
			"The operator key, or an API key, is read from --admin-key-file, SCIMGATE_ADMIN_KEY_FILE or SCIMGATE_ADMIN_KEY.",
	}
	o.addFlags(cmd.PersistentFlags())
	cmd.AddCommand(children...)
	return cmd
}

func (o *operator) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.url, "admin-url", or(os.Getenv("SCIMGATE_ADMIN_URL"), "http://127.0.0.1:8081"), "the gateway's operator listener; also SCIMGATE_ADMIN_URL")
	flags.StringVar(&o.keyFile, "admin-key-file", os.Getenv("SCIMGATE_ADMIN_KEY_FILE"), "file that holds the operator key")
	flags.BoolVar(&o.json, "json", false, "print the answer as JSON")
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func (o *operator) key() (string, error) {
	if o.keyFile == "" {
		return os.Getenv("SCIMGATE_ADMIN_KEY"), nil
	}
	text, err := os.ReadFile(o.keyFile)
	return strings.TrimSpace(string(text)), err
}

// call makes one request below /api/v1 and reads its answer into out, unless
// that is nil.
func (o *operator) call(ctx context.Context, method, path string, in, out any) error {
	req, err := o.request(ctx, method, path, in)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: time.Minute}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the gateway cannot be reached (--admin-url): %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return refusal(res.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

func (o *operator) request(ctx context.Context, method, path string, in any) (*http.Request, error) {
	key, err := o.key()
	if err != nil {
		return nil, err
	}
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(o.url, "/")+admin.Prefix+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("User-Agent", admin.CommandAgent)
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

// refusal is what the API says is wrong, for a person.
func refusal(status int, text []byte) error {
	var problem struct {
		Detail string
		Errors []struct{ Message, Location string }
	}
	if err := json.Unmarshal(text, &problem); err != nil || problem.Detail == "" {
		return fmt.Errorf("the gateway answered %d", status)
	}
	faults := []error{fmt.Errorf("%s (%d)", problem.Detail, status)}
	for _, e := range problem.Errors {
		fault := e.Message
		if e.Location != "" {
			fault = e.Location + ": " + fault
		}
		faults = append(faults, errors.New("  "+fault))
	}
	return errors.Join(faults...)
}

// showAnswer makes one request and prints its answer as show does.
func showAnswer[T any](cmd *cobra.Command, o *operator, method, path string, in any, write func(w io.Writer, answer T)) error {
	var answer T
	if err := o.call(cmd.Context(), method, path, in, &answer); err != nil {
		return err
	}
	return show(cmd, o, answer, write)
}

// show prints an answer: as JSON if asked, else as write does it.
func show[T any](cmd *cobra.Command, o *operator, answer T, write func(w io.Writer, answer T)) error {
	if o.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(answer)
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
	write(table, answer)
	return table.Flush()
}

// row prints one line of a table.
func row(w io.Writer, columns ...any) {
	format := strings.TrimSuffix(strings.Repeat("%v\t", len(columns)), "\t") + "\n"
	_, _ = fmt.Fprintf(w, format, columns...)
}

// done says what a command without an answer did.
func (o *operator) done(cmd *cobra.Command, format string, args ...any) error {
	if o.json {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), `{"ok":true}`)
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...)
	return err
}
