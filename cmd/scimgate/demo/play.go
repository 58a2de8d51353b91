package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"text/tabwriter"
	"time"

	"scimgate/cmd/scimgate/entra"
)

// deliveryTime is how long the demo waits for the account to hold what Entra
// sent. It takes milliseconds; more means that something is wrong.
const deliveryTime = 15 * time.Second

// play plays Entra through the gateway and then shows the account.
func play(ctx context.Context, o Options, t tenancy) error {
	client, err := entra.NewClient(t.TenantURL, t.Token, 1)
	if err != nil {
		return err
	}
	say := func(sentence string) { _, _ = fmt.Fprintln(o.Progress, "  "+sentence) }
	if err := entra.Play(ctx, client, say); err != nil {
		return fmt.Errorf("playing Entra: %w", err)
	}
	begin := time.Now()
	users, err := settled(ctx, t)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(o.Progress, "\nThe Appspace account holds the same users (%d ms after the last answer):\n\n",
		time.Since(begin).Milliseconds())
	return table(o.Progress, users)
}

// settled waits until gateway and account show the same users.
func settled(ctx context.Context, t tenancy) ([]user, error) {
	deadline := time.Now().Add(deliveryTime)
	for {
		sent, err := list(ctx, t.TenantURL, t.Token)
		if err != nil {
			return nil, err
		}
		held, err := list(ctx, t.SandboxURL, t.SandboxToken)
		if err != nil {
			return nil, err
		}
		if slices.Equal(sent, held) {
			return held, nil
		}
		if time.Now().After(deadline) {
			return nil, errors.New("the account does not hold what Entra sent; see the log above")
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// user is what the demo shows of a user.
type user struct {
	UserName    string `json:"userName"`
	DisplayName string `json:"displayName"`
	Title       string `json:"title"`
	Active      bool   `json:"active"`
}

// list reads the first hundred users of a SCIM endpoint, by userName.
func list(ctx context.Context, base, token string) ([]user, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/Users?count=100", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d", base, res.StatusCode)
	}
	var page struct{ Resources []user }
	if err := json.NewDecoder(res.Body).Decode(&page); err != nil {
		return nil, err
	}
	slices.SortFunc(page.Resources, func(a, b user) int {
		if a.UserName < b.UserName {
			return -1
		}
		return 1
	})
	return page.Resources, nil
}

func table(w io.Writer, users []user) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "  userName\tdisplayName\ttitle\tactive")
	for _, u := range users {
		_, _ = fmt.Fprintf(t, "  %s\t%s\t%s\t%t\n", u.UserName, u.DisplayName, u.Title, u.Active)
	}
	_, _ = fmt.Fprintln(t)
	return t.Flush()
}
