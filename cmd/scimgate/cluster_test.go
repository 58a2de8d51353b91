package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"scimgate/connectors/sandbox"
)

// cluster is what a customer runs: two gateways and three processes that deliver,
// over one MongoDB and one Redis, for several tenants with an account each; a
// link of its own between each process and each of the two, and between all
// processes and each account.
type cluster struct {
	*testing.T
	troubles *troubles
	members  []*member
	tenants  []*customer
	flags    []string
}

// member is one process of a cluster. It is killed, and begun anew.
type member struct {
	role         string
	args         []string
	mongo, redis *link

	mu   sync.Mutex
	cmd  *exec.Cmd
	line map[string]string
	said []*bytes.Buffer // on standard error, by each life
}

// customer is one tenant: where its client goes, and its account.
type customer struct {
	id, token   string
	account     *sandbox.Sandbox
	accountURL  string // around the link
	accountLink *link
}

const accountToken = "token-of-the-account"

// newCluster starts a cluster, and makes its tenants.
func newCluster(t *testing.T, tenants int, flags ...string) *cluster {
	t.Helper()
	c := &cluster{T: t, troubles: newTroubles()}
	c.flags = append(append(keys(t, t.TempDir()), "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
		"--outbound.loopback", "--log-level", "error"), flags...)
	mongo, redis := database(t), os.Getenv("SCIMGATE_TEST_REDIS_URL")
	for _, role := range []string{"gateway", "gateway", "delivery", "delivery", "delivery"} {
		m := &member{role: role, args: append([]string{"serve", "--json", "--role", role}, c.flags...)}
		var through string
		m.mongo, through = c.troubles.link(t, mongo)
		m.args = append(m.args, "--mongodb-uri", through)
		if redis != "" {
			m.redis, through = c.troubles.link(t, redis)
			m.args = append(m.args, "--redis-url", through)
		}
		c.members = append(c.members, m)
		t.Cleanup(func() { m.end(t) })
		if err := m.begin(t); err != nil {
			t.Fatal(err)
		}
	}
	for i := range tenants {
		c.tenants = append(c.tenants, c.enroll(fmt.Sprint("t", i)))
	}
	return c
}

// enroll makes a tenant with an account, from which who left is deleted. Its load
// is a mass change all the time, so the guard is off.
func (c *cluster) enroll(id string) *customer {
	c.Helper()
	account, err := sandbox.New(c.Context(), sandbox.Config{Token: accountToken})
	if err != nil {
		c.Fatal(err)
	}
	server := httptest.NewServer(account.Handler())
	c.Cleanup(func() {
		account.Release()
		server.CloseClientConnections()
		server.Close()
		_ = account.Close()
	})
	who := &customer{id: id, account: account, accountURL: server.URL + sandbox.Prefix}
	link, through := c.troubles.link(c.T, who.accountURL)
	who.accountLink = link
	api := c.members[0].url("adminURL") + "/api/v1/tenants"
	must(c, 201, "POST", api, operatorKey, map[string]any{"id": id, "displayName": id, "settings": map[string]any{
		"limit": map[string]any{"rate": 10000, "burst": 10000}, "onDelete": "delete", "guard": map[string]any{"off": true},
	}})
	must(c, 200, "PUT", api+"/"+id+"/connections/appspace", operatorKey, map[string]any{
		"kind": "appspace", "settings": map[string]any{"baseURL": through, "token": accountToken},
	})
	answer := must(c, 201, "POST", api+"/"+id+"/tokens", operatorKey, map[string]any{"label": "test"})
	who.token = fmt.Sprint(answer["token"])
	return who
}

// begin starts the process; it fails if the process ends before it says where it
// listens, as it may while its links suffer.
func (m *member) begin(t *testing.T) error {
	cmd := program(t, m.args...)
	said := new(bytes.Buffer)
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line := map[string]string{}
	read := bufio.NewReader(out)
	text, _ := read.ReadString('\n')
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return fmt.Errorf("%s said %q: %w\n%s", m.role, text, err, said)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cmd, m.line, m.said = cmd, line, append(m.said, said)
	return nil
}

// end ends the process for good, and if the test has failed shows what it said.
func (m *member) end(t *testing.T) {
	m.kill()
	for _, said := range m.said {
		if t.Failed() && said.Len() > 0 {
			t.Logf("%s: %s", m.role, said.Bytes()[max(0, said.Len()-4000):])
		}
	}
}

func (m *member) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cmd != nil {
		_ = m.cmd.Process.Kill()
		_ = m.cmd.Wait()
		m.cmd = nil
	}
}

// url is where the process listens, or listened last.
func (m *member) url(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.line[name]
}

// gateway is one of the gateways' public URLs.
func (c *cluster) gateway() string { return c.members[rand.IntN(2)].url("publicURL") }

// massacre kills -9 a process at random, again and again until ctx ends, and
// begins it anew. It returns how many were killed, by role.
func (c *cluster) massacre(ctx context.Context, least, most time.Duration) map[string]int {
	killed := map[string]int{}
	for {
		pauseFor(ctx, least+rand.N(most-least))
		if ctx.Err() != nil {
			return killed
		}
		m := c.members[rand.IntN(len(c.members))]
		m.kill()
		killed[m.role]++
		pauseFor(ctx, rand.N(time.Second))
		c.revive(m)
	}
}

// revive begins a process anew until it is there.
func (c *cluster) revive(m *member) {
	for began := time.Now(); ; {
		err := m.begin(c.T)
		if err == nil {
			return
		}
		if time.Since(began) > time.Minute {
			c.Error(err)
			return
		}
		<-time.After(200 * time.Millisecond)
	}
}
