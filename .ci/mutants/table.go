package main

// mutant is the product with one decision taken wrongly.
type mutant struct {
	row  string // of the promise table, reliability-and-security.md 9; or a vector
	name string
	// what the mutant does, for README.md; where it stands and how
	edits []edit
	pkg   string
	test  string // -run
	mongo bool   // needs a real MongoDB
}

// edit replaces the one occurrence of old.
type edit struct{ file, old, new string }

const (
	push     = "connectors/delivery/push.go"
	retry    = "connectors/delivery/retry.go"
	account  = "connectors/delivery/account.go"
	worker   = "connectors/delivery/worker.go"
	record   = "scim/directory/delivery.go"
	claim    = "scim/directory/claim.go"
	sqlite   = "scim/directory/store_sqlite.go"
	schema   = "scim/directory/schema_sqlite.go"
	mongo    = "scim/directory/store_mongo.go"
	change   = "scim/directory/change.go"
	turns    = "scim/directory/turns.go"
	door     = "scim/server/middleware.go"
	render   = "scim/server/render.go"
	parse    = "scim/value/parse.go"
	keys     = "tenant/keys.go"
	resolver = "tenant/resolver.go"
	sendBy   = "connectors/sendby.go"
	gateway  = "cmd/scimgate/gateway/gateway.go"
)

const (
	delivery  = "connectors/delivery"
	directory = "scim/directory"
	server    = "scim/server"
	program   = "cmd/scimgate"
)

var table = []mutant{
	{
		row: "2", name: "M4",
		edits: []edit{{record, `case d.Delivered < d.version:`, `case false:`}},
		pkg:   delivery, test: "^TestConvergesToTheLatest$/sqlite",
	},
	{
		row: "3", name: "N0",
		edits: []edit{{retry, `case e.Unknown:`, `case false:`}},
		pkg:   delivery, test: "^TestLateUpdateNeverWins$/sqlite",
	},
	{
		row: "3", name: "M0",
		edits: []edit{{sendBy, `if s.by.IsZero() || time.Now().Before(s.by) {`, `if true {`}},
		pkg:   delivery, test: "^TestPausedWorkerSendsNothing$/sqlite",
	},
	{
		row: "3", name: "M1",
		edits: []edit{
			{record, `func (d record) encode() ([]byte, error) { return json.Marshal(d) }`, `func (d record) encode() ([]byte, error) { d.Intent = nil; return json.Marshal(d) }`},
			{claim, `next, err := was.commit(`, "was.Intent = c.Delivery.Intent\n\t\tnext, err := was.commit("},
		},
		pkg: delivery, test: "^TestLateUpdateNeverWins$/sqlite",
	},
	{
		row: "3", name: "M2",
		edits: []edit{{record, `if d.Intent == nil || d.Intent.ID != intent {`, `if d.Intent == nil {`}},
		pkg:   delivery, test: "^TestSupersededCommit$/sqlite",
	},
	{
		row: "4", name: "M5",
		edits: []edit{{worker, "\t\tw.sweep(l)\n", ""}},
		pkg:   delivery, test: "^TestSweeperFindsWhatNobodyToldOf$/sqlite",
	},
	{
		row: "7", name: "global-pool",
		edits: []edit{
			{account, `l.worker.working.Go(func() { l.results <- p.run() })`, `l.worker.working.Go(func() { pool <- struct{}{}; r := p.run(); <-pool; l.results <- r })`},
			{account, "func (l *lane) settle(", "var pool = make(chan struct{}, 8)\n\nfunc (l *lane) settle("},
		},
		pkg: delivery, test: "^TestHangingAccountStopsNobodyElse$/sqlite",
	},
	{
		row: "14", name: "no-prio",
		edits: []edit{{record, "\tif leaving {\n", "\tif false {\n"}},
		pkg:   delivery, test: "^TestWhoLeavesGoesFirst$/sqlite",
	},
	{
		row: "16", name: "no-AAD",
		edits: []edit{{keys, `func bound(t ID, field string) []byte { return []byte(string(t) + "|" + field) }`, `func bound(ID, string) []byte { return nil }`}},
		pkg:   "tenant", test: "^TestSealedOpensOnlyWhereItWasSealed$",
	},
	{
		row: "34", name: "no-Retry-After",
		edits: []edit{{retry, `if e.RetryAfter > 0 {`, `if false {`}},
		pkg:   delivery, test: "^TestHold$",
	},
}
