package main

import (
	"strings"
	"testing"
)

// What Entra needed is counted, outlives the process, and is what the operator reads.
func TestLedgerCommand(t *testing.T) {
	dir := t.TempDir()
	serve := func() *process {
		return start(t, append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, keys(t, dir)...)...)
	}
	gateway := serve()
	s := shell{t, map[string]string{"SCIMGATE_ADMIN_URL": gateway.text(t, "adminURL"), "SCIMGATE_ADMIN_KEY": operatorKey}}
	s.ok(words("tenant create acme"))
	minted := s.ok(words("token create acme"))
	onDemand := []string{
		"entra", "ondemand", "--url", field(t, minted, "Tenant URL"), "--token", field(t, minted, "Secret Token"),
		"--user-name", userName(1), "--display-name",
	}
	s.ok(append(onDemand, "One"))
	s.ok(append(onDemand, "Uno")) // "Replace" in the old dialect
	if status := gateway.stop(t); status != 0 {
		t.Fatalf("exit status %d\n%s", status, gateway.stderr)
	}
	s.environ["SCIMGATE_ADMIN_URL"] = serve().text(t, "adminURL")
	table := s.ok(words("tenant ledger acme"), "LENIENCY", "operationCase", "Operations.op")
	if strings.Contains(table, userName(1)) {
		t.Errorf("a value is in the ledger:\n%s", table)
	}
	s.ok(words("tenant ledger acme --json"), `{"items":[`, `"name":"operationCase","count":1,"first":"`)
	s.fails(words("tenant ledger globex"), "404")
}
