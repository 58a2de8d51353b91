package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// With group sync on, a cycle puts users, groups and their members into the
// account, and takes them out again.
func TestGroupsReachTheAccount(t *testing.T) {
	d := tenancyOf(t, start(t, append([]string{"demo", "--no-play"}, anyPorts...)...))
	cycle := func(args ...string) {
		out, err := entraCommand(t, append([]string{"cycle", "--url", d.tenantURL, "--token", d.token, "--users", "25"}, args...)...)
		if err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
	}
	cycle("--groups=2", "--prefix", "kept", "--keep")
	want := "kept group 0: 13\nkept group 1: 12"
	eventually(t, 10*time.Second, "the account holds "+want, func() bool { return groupsAt(t, d) == want })

	cycle("--groups", "--prefix", "gone")
	eventually(t, 10*time.Second, "what was taken out is out", func() bool { return groupsAt(t, d) == want })
	eventually(t, 10*time.Second, "25 users are left", func() bool {
		users := must(t, http.StatusOK, "GET", d.sandboxURL+"/Users?count=0", d.sandboxToken, nil)
		return users["totalResults"] == float64(25)
	})
}

// groupsAt tells the groups of the account and how many members each has.
func groupsAt(t *testing.T, d tenancy) string {
	t.Helper()
	list := must(t, http.StatusOK, "GET", d.sandboxURL+"/Groups?sortBy=displayName", d.sandboxToken, nil)
	resources, _ := list["Resources"].([]any)
	var lines []string
	for _, r := range resources {
		group, _ := r.(map[string]any)
		members, _ := group["members"].([]any)
		lines = append(lines, fmt.Sprintf("%s: %d", group["displayName"], len(members)))
	}
	return strings.Join(lines, "\n")
}
