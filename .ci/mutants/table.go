package main

// mutant is the product with one decision taken wrongly. One whose test is of Redis
// needs a real one, too.
type mutant struct {
	row   string // of the promise table, reliability-and-security.md 9; "v77" is a vector
	name  string
	edits []edit
	pkg   string
	test  string // -run
	mongo bool   // needs a real MongoDB
}

// edit replaces the one occurrence of old.
type edit struct{ file, old, new string }

// Where the decisions are taken.
const (
	claim        = "scim/directory/claim.go"
	claimMongo   = "scim/directory/claim_mongo.go"
	record       = "scim/directory/delivery.go"
	schema       = "scim/directory/schema_sqlite.go"
	queries      = "scim/directory/query_text_sqlite.go"
	changeSQLite = "scim/directory/change_sqlite.go"
	changeMongo  = "scim/directory/change_mongo.go"
	mongo        = "scim/directory/store_mongo.go"
	turns        = "scim/directory/turns.go"
	writer       = "scim/directory/writer_sqlite.go"

	account  = "connectors/delivery/account.go"
	gate     = "connectors/delivery/gate.go"
	groups   = "connectors/delivery/groups.go"
	hold     = "connectors/delivery/hold.go"
	learn    = "connectors/delivery/learn.go"
	newcomer = "connectors/delivery/newcomer.go"
	push     = "connectors/delivery/push.go"
	retry    = "connectors/delivery/retry.go"
	send     = "connectors/delivery/send.go"
	worker   = "connectors/delivery/worker.go"
	sendBy   = "connectors/sendby.go"

	door     = "scim/server/middleware.go"
	render   = "scim/server/render.go"
	parse    = "scim/value/parse.go"
	keys     = "tenant/keys.go"
	resolver = "tenant/resolver.go"
	operator = "cmd/scimgate/admin/principal.go"
	rotation = "cmd/scimgate/admin/rotation.go"
	limits   = "ratelimit/store_redis.go"
	vault    = "tenant/vault.go"
	tenants  = "tenant/store_sqlite.go"
	docs     = "tenant/store_mongo.go"
	session  = "scim/directory/session_sqlite.go"
	listings = "scim/directory/list_mongo.go"
	gateway  = "cmd/scimgate/gateway/gateway.go"

	fallback = "ratelimit/fallback.go"
	admit    = "scim/server/admit.go"
	outbound = "connectors/guard.go"
	client   = "connectors/client.go"
	updates  = "tenant/store_update.go"
	measure  = "ratelimit/limit.go"
	sharing  = "cmd/scimgate/gateway/redis.go"
)

// Where they are judged.
const (
	delivery  = "connectors/delivery"
	directory = "scim/directory"
	server    = "scim/server"
	program   = "cmd/scimgate"
	ratelimit = "ratelimit"
)

// table is every mutant, by row.
var table = []mutant{
	{"1", "M3", []edit{{
		push, "\tdone, err := p.attempt(sending, c)\n",
		"\t_ = l.worker.Work.Commit(ctx, c, directory.Outcome{Done: &directory.Done{RemoteID: c.Delivery.RemoteID}})\n\tdone, err := p.attempt(sending, c)\n",
	}}, delivery, "^TestKilledInMidPushLosesNothing$/sqlite", false},
	// The mutant's sleep makes room between answer and commit, so that a kill -9 meets it.
	{"1", "answer-before-commit", []edit{
		{writer, "\tif _, err := db.exec(commitWrite)", "\tfor i, w := range batch {\n\t\tw.done <- results[i]\n\t}\n\ttime.Sleep(20 * time.Millisecond)\n\tif _, err := db.exec(commitWrite)"},
		{writer, "\t\tw.done <- outcome(results, i, err)\n", "\t\tselect {\n\t\tcase w.done <- outcome(results, i, err):\n\t\tdefault:\n\t\t}\n"},
	}, program, "^TestKill9LosesNothing$", false},

	{"2", "M4", []edit{{record, "case d.Delivered < d.version:", "case false:"}}, delivery, "^TestChangedDuringThePush$/sqlite", false},

	{"3", "N0", []edit{{retry, "case e.Unknown:", "case false:"}}, delivery, "^TestLateUpdateNeverWins$/sqlite", false},
	{"3", "M0", []edit{{sendBy, "if s.by.IsZero() || time.Now().Before(s.by) {", "if true {"}}, delivery, "^TestPausedWorkerSendsNothing$/sqlite", false},
	{"3", "M1", []edit{
		{record, "\tdata, err := json.Marshal(d)\n", "\td.Intent = nil\n\tdata, err := json.Marshal(d)\n"},
		{claim, "next, err := was.commit(", "was.Intent = c.Delivery.Intent\n\t\tnext, err := was.commit("},
	}, delivery, "^TestLateUpdateNeverWins$/sqlite", false},
	{"3", "M2", []edit{{record, "if d.Intent == nil || d.Intent.ID != intent {", "if d.Intent == nil {"}}, delivery, "^TestLateCommitSettlesNothingOfOthers$/sqlite", false},
	{"3", "M6", []edit{{worker, "t.Grace = or(t.Grace, time.Minute)", "t.Grace = or(t.Grace, 2*time.Second)"}}, delivery, "^TestLateByAMinuteNeverWins$", false},
	{"3", "M8", []edit{{
		push, "\tc, err := l.worker.Work.Claim(ctx, l.id, l.slot, p.ref, intent, now)\n",
		"\tread, _ := l.worker.Work.Get(ctx, l.id, p.ref)\n\tc, err := l.worker.Work.Claim(ctx, l.id, l.slot, p.ref, intent, now)\n\tif err == nil && read != nil {\n\t\tc.Resource = read\n\t}\n",
	}}, delivery, "^TestChangedJustBeforeTheClaim$/sqlite", false},
	{"3", "no-quiet-time", []edit{{record, "if old.Op == Creating && old.QuietUntil.After(now) {", "if false {"}}, delivery, "^TestLateCreationIsNotRepeated$/sqlite", false},
	{"3", "name-forgotten", []edit{{record, "d.version, false, d.Intent.Names()", "d.version, false, nil"}}, delivery, "^TestRenamedInDoubtIsFound$/sqlite", false},
	{"3", "takes-anothers-name", []edit{{newcomer, "\t\tif !taken {\n", "\t\tif true || !taken {\n"}}, delivery, "^TestNameOfAnotherIsLeftAlone$/stays/sqlite", false},
	{"3", "no-verify", []edit{{record, "if old.Op != Creating {", "if false {"}}, delivery, "^TestLateUpdateNeverWins$/sqlite", false},
	{"3", "claim-without-CAS", []edit{
		{claimMongo, `bson.M{"_id": key, "v": int64(h.resource.Version), markField(slot): h.mark}`, `bson.M{"_id": key}`},
		{claimMongo, "\t\tw.filter[markField(slot)] = bson.M{\"$exists\": false}\n", ""},
	}, directory, "^TestOneClaimWins$/mongo", true},

	{"4", "M5", []edit{{worker, "\t\tw.sweep(l)\n", ""}}, delivery, "^TestSweeperFindsWhatNobodyToldOf$/sqlite", false},

	{"5", "asynq-1015", []edit{{record, "d.Crashes++", "d.Crashes++\n\t\t\td.Attempts++"}}, delivery, "^TestFiftyDeathsParkNothing$/sqlite", false},

	{"5", "doubts-the-unsent", []edit{{record, "return d.Intent != nil && (d.RemoteID != \"\" || len(d.Intent.Names()) > 0)", "return d.Intent != nil"}}, delivery, "^TestNeverSentNeedsNotLeave$/sqlite", false},
	{"5", "late-is-dead", []edit{{record, "return d.lived(), ErrSuperseded", "return d, ErrSuperseded"}}, directory, "^TestSuperseded$/sqlite memory", false},

	{"6", "stop-on-error", []edit{{gate, "\t\treturn CauseSettings\n\tdefault:\n\t\treturn \"\"\n", "\t\treturn CauseSettings\n\tdefault:\n\t\treturn CauseThrottled\n"}}, delivery, "^TestPoisonSlowsNobody$/sqlite", false},
	{"6", "trial-waits", []edit{{account, "{ return since == l.gate.opened }", "{ return true }"}}, delivery, "^TestATrialWaitsForNobody$/sqlite", false},

	{"7", "global-pool", []edit{
		{account, "\t\t\tr := p.run()\n", "\t\t\tpool <- struct{}{}\n\t\t\tr := p.run()\n\t\t\t<-pool\n"},
		{account, "func (l *lane) settle(", "var pool = make(chan struct{}, 8)\n\nfunc (l *lane) settle("},
	}, delivery, "^TestHangingAccountStopsNobodyElse$/sqlite", false},

	{"8", "filter-after-limit", []edit{{
		queries, "keysDue: `SELECT r.key FROM deliveries d CROSS JOIN resources r ON r.rid = d.rid\n\t\tWHERE d.slot = ?1 AND",
		"keysDue: `SELECT r.key FROM (SELECT * FROM deliveries WHERE slot = ?1 AND work IS NOT NULL ORDER BY rid LIMIT ?4) d\n\t\tCROSS JOIN resources r ON r.rid = d.rid WHERE",
	}}, directory, "^TestOwingBesideParked$/sqlite memory", false},

	{"9", "no-CAS", []edit{{queries, "request = ?7\n\t\tWHERE key = ?1 AND v = ?2", "request = ?7\n\t\tWHERE key = ?1"}}, directory, "^TestNoLostUpdate$/sqlite memory", false},
	{"9", "group-without-CAS", []edit{
		{queries, "request = ?7\n\t\tWHERE key = ?1 AND v = ?2", "request = ?7\n\t\tWHERE key = ?1"},
		{turns, `if ref.Kind != "Group" {`, "if true {"},
	}, directory, "^TestEdgesInParallel$/sqlite memory", false},
	{"9", "MongoDB-without-CAS", []edit{
		{changeMongo, `bson.M{"_id": c.key, "v": int64(c.was)}`, `bson.M{"_id": c.key}`},
		{turns, `if ref.Kind != "Group" {`, "if true {"},
	}, directory, "^TestEdgesInParallel$/mongo", true},

	{"11", "check-then-insert", []edit{
		{schema, "name     TEXT UNIQUE,  ", "name     TEXT,"},
		{changeSQLite, "\tif err == nil {\n\t\terr = s.apply(ctx, c.create)\n\t}\n", "\tif err == nil {\n\t\tif err = s.free(ctx, c.name); err == nil {\n\t\t\t<-time.After(time.Millisecond) // as a busy machine takes\n\t\t\terr = s.apply(ctx, c.create)\n\t\t}\n\t}\n"},
		{changeSQLite, "func nullable(", "func (s *SQLite) free(ctx context.Context, name string) error {\n\treturn s.read(ctx, func(n *session) error {\n\t\tvar rid int64\n\t\tfound, err := n.one(ridOfName, []any{&rid}, name)\n\t\tif found {\n\t\t\treturn errNameTaken()\n\t\t}\n\t\treturn err\n\t})\n}\n\nfunc nullable("},
	}, server, "^TestRepeatedCreationMakesOneUser$/sqlite", false},
	{"11", "MongoDB-name-not-unique", []edit{{mongo, "\tname.Options.SetUnique(true)\n", ""}}, directory, "^TestUniqueness$/mongo", true},

	{"12", "no-dependency", []edit{{groups, "if s.Wanted && s.RemoteID == \"\" {", "if false {"}}, delivery, "^TestAGroupWaitsForItsMember$/sqlite", false},
	{"12", "member-removed-with-leaver", []edit{{groups, "\tif remoteID != \"\" {\n\t\tdue := l.now().Add(l.SendBy + l.Timeout)\n\t\tif err", "\tif false {\n\t\tdue := l.now().Add(l.SendBy + l.Timeout)\n\t\tif err"}}, delivery, "^TestAReHireStaysOverSeveralAttempts$/sqlite", false},

	{"13", "TTL-on-dirty", []edit{{
		queries, "r.gone < ?1 AND NOT EXISTS\n\t\t(SELECT 1 FROM deliveries d WHERE d.rid = r.rid AND d.work IS NOT NULL) ORDER", "r.gone < ?1 ORDER",
	}}, delivery, "^TestDeletedWhileTheAccountIsAway$/sqlite", false},
	{"13", "parking-forgets-doubt", []edit{{record, "d.Intent = d.Intent.unresolved(d.RemoteID)", "d.Intent = nil"}}, delivery, "^TestDoubtSurvivesParking$/sqlite", false},
	{"13", "lost-answer-lost-doubt", []edit{{newcomer, "\tc.Doubt = true\n\ttaken, err", "\ttaken, err"}}, delivery, "^TestReHireWhenTheStoresAnswerIsLost$/sqlite", false},
	{"13", "no-after", []edit{{newcomer, "\tif leaver == nil {\n", "\tif true {\n"}}, delivery, "^TestReHireWaitsAndTakesOver$/sqlite", false},

	{"14", "no-prio", []edit{{record, "\tif leaving {\n", "\tif false {\n"}}, delivery, "^TestWhoLeavesGoesFirst$/sqlite", false},

	{"16", "no-AAD", []edit{{
		keys, `func bound(t ID, field string) []byte { return []byte(string(t) + "|" + field) }`, `func bound(ID, string) []byte { return nil }`,
	}}, "cmd/scimgate/gateway", "^TestSwappedSettingsOpenNothing$", false},

	{"18", "open-route", []edit{{
		door, "\tif err := c.authenticate(m.accounts, slug); err != nil {\n",
		"\tif path == \"/ServiceProviderConfig\" {\n\t\tc.tenant = &tenant.Tenant{}\n\t\tc.defs = c.known.of(c.tenant)\n\t\treturn c.dispatch(path)\n\t}\n\tif err := c.authenticate(m.accounts, slug); err != nil {\n",
	}}, server, "^TestEveryRouteNeedsCredentials$", false},
	{"18", "open-operator-route", []edit{{operator, "\t\tpath := g.Request.URL.Path\n", "\t\tpath := g.Request.URL.Path\n\t\tif strings.HasSuffix(path, \"/rules\") {\n\t\t\treturn\n\t\t}\n"}}, "cmd/scimgate/admin", "^TestNoKeyNoAnswer$", false},
	{"18", "any-role", []edit{{operator, "case !op.who.Admits(who, op.path):", "case false:"}}, "cmd/scimgate/admin", "^TestWhoMayWhatByKey$", false},
	{"18", "any-tenant", []edit{{operator, "!who.Sees(tenant.ID(h.Param(\"tenant\")))", "false"}}, "cmd/scimgate/admin", "^TestWhoMayWhatByKey$", false},
	{"18", "untold", []edit{{operator, "\t\tcase op.reads:\n", "\t\tcase op.reads, op.method == http.MethodDelete:\n"}}, "cmd/scimgate/admin", "^TestEveryChangeIsToldOf$", false},

	{"19", "fault-is-401", []edit{{door, "\t\treturn fault(\"authenticate\", err)\n", "\t\treturn tenant.ErrUnauthorized\n"}}, server, "^TestOwnFaultIsNever401Or404$", false},
	{"19", "fault-is-404", []edit{{render, "return errOurs.answer, errOurs.after", "return errNotFound, 0"}}, server, "^TestOwnFaultIsNever401Or404$", false},

	{"20", "no-TTL", []edit{{resolver, "if known := r.known[who]; known != nil && now.Before(known.until) {", "if known := r.known[who]; known != nil {"}}, "tenant", "^TestRevokedTokenDiesWithoutWord$", false},

	{"22", "get-then-set", []edit{{
		limits, "\tanswer, err := s.take.Run(",
		"\tif stored, err := s.client.Get(ctx, s.name(key)).Int64(); err == nil || errors.Is(err, redis.Nil) {\n\t\tnext, d := l.Charge(time.UnixMicro(stored), time.Now(), cost)\n\t\treturn loan{Decision: d, arrival: time.Until(next)}, s.client.Set(ctx, s.name(key), next.UnixMicro(), time.Minute).Err()\n\t}\n\tanswer, err := s.take.Run(",
	}, {limits, "\t\"encoding/hex\"\n", "\t\"encoding/hex\"\n\t\"errors\"\n"}}, ratelimit, "^TestRedisFloodIsHeldToItsLimit$", false},
	{"22", "each-its-own-limit", []edit{{
		sharing, "return ratelimit.NewFallback(ratelimit.NewLeases(ratelimit.NewRedis(g.redis, keys.Names(\"limits\")), sharers), sharers, told)", "_, _ = told, sharers\n\treturn ratelimit.NewLocal()",
	}}, program, "^TestAFloodingTenantAmongEightGateways$/redis", true},
	{"22", "lent-for-nothing", []edit{{"ratelimit/gcra.go", "return next.Add(l.last(lent)), d, lent", "return next, d, lent"}}, ratelimit, "^TestLeasesNeverAboveTheLimit$", false},
	{"22", "change-beside", []edit{{"scim/server/beside.go", "if !ok || readMethod(c.r.Method) != http.MethodGet {", "if _ = http.MethodGet; !ok {"}}, server, "^TestChangesWaitForTheLimiter$", false},

	{"23", "fail-closed", []edit{{fallback, "\t\treturn s.local.Take(ctx, key, s.share(l, cost), cost)\n", "\t\treturn Decision{RetryAfter: time.Second}, nil\n"}}, ratelimit, "^TestRedisAwayUnderLoad$", false},
	{"23", "no-share", []edit{{fallback, "part := min(1, s.generous()/float64(max(s.replicas(), 1)))", "part := 1.0"}}, ratelimit, "^TestRedisAwayUnderLoad$", false},
	{"23", "no-breaker", []edit{{fallback, "if s.shared == nil || !s.allows() {", "if s.shared == nil || !s.allows() && false {"}}, ratelimit, "^TestFallbackSparesWhoDoesNotAnswer$", false},

	{"24", "charge-first", []edit{{
		door, "\tif err := c.authenticate(m.accounts, slug); err != nil {\n\t\treturn c.refused(err)",
		"\tc.tenant = &tenant.Tenant{ID: tenant.ID(slug)}\n\tc.tenant.Settings.Limit.Rate, c.tenant.Settings.Limit.Burst = 25, 5\n\tif err := c.charge(path); err != nil {\n\t\treturn err\n\t}\n\tif err := c.authenticate(m.accounts, slug); err != nil {\n\t\treturn c.refused(err)",
	}}, server, "^TestBadTokensCostTheTenantNothing$", false},

	{"25", "hook-off", []edit{{outbound, "if err != nil || !accept(ap.Addr().Unmap()) {", "if err != nil || !accept(ap.Addr().Unmap()) && false {"}}, "connectors", "^TestNothingInsideIsCalled$", false},
	{"25", "list-off", []edit{{outbound, "\tcase !g.listed(u.Hostname()):\n\t\treturn errHost\n", ""}}, "connectors", "^TestGuardJudgesURLs$", false},
	{"25", "follows-redirects", []edit{{client, "\tif res.StatusCode >= 300 && res.StatusCode < 400 {\n", "\tif false {\n"}}, "connectors", "^TestNoRedirectLeadsInside$", false},

	{"26", "no-depth-limit", []edit{{parse, "p.depth > p.limits.Depth", "false"}}, server, "^TestConversations$/sqlite/bad", false},

	{"29", "no-drain", []edit{{worker, "context.WithCancel(context.WithoutCancel(ctx))", "context.WithCancel(ctx)"}}, delivery, "^TestWhatIsUnderWayEndsProperly$/sqlite", false},
	{"29", "hard-close", []edit{{"cmd/scimgate/gateway/leave.go", "g.public.server.Shutdown(ctx)", "g.public.server.Close()"}}, program, "^TestTermFinishesWhatIsUnderWay$", false},

	{"30", "keeps-every-call", []edit{
		{door, "\t\tc.begin()\n", "\t\tleaked.Store(c, true)\n\t\tc.begin()\n"},
		{door, "// serve takes a request through", "var leaked sync.Map\n\n// serve takes a request through"},
		{door, "\t\"runtime/debug\"\n", "\t\"runtime/debug\"\n\t\"sync\"\n"},
	}, program, "^TestManyTenantsLeakNothing$", false},
	{"30", "a-goroutine-a-push", []edit{{push, "func (p *push) run() result {\n", "func (p *push) run() result {\n\tgo func() { <-p.lane.ctx.Done() }()\n"}}, program, "^TestManyTenantsLeakNothing$", false},

	{"31", "guard-off", []edit{{hold, "l.worker.Departures == nil || to.tenant.Settings.Guard.Off", "true"}}, delivery, "^TestMassDeletionIsHeld$/sqlite", false},
	{"31", "guard-forgets", []edit{{hold, "\t\t\td.Add(deleted, now)\n", ""}}, delivery, "^TestMassDeletionIsHeld$/sqlite", false},

	{"33", "drops-what-is-newer", []edit{{updates, "doc, err = KeepNewer(t.newer, doc, t)", "err = nil"}}, "tenant", "^TestTwoBuildsOneStore$/sqlite-file", false},
	{"33", "drops-newer-records", []edit{{record, "return tenant.KeepNewer(d.newer, data, d)", "return data, nil"}}, directory, "^TestRecordOfANewerBuild$", false},
	{"33", "MongoDB-replaces-the-whole", []edit{{
		"tenant/store_mongo.go", "{Key: \"v\", Value: version}, {Key: \"mark\", Value: mark}, {Key: \"doc\", Value: doc},\n\t}}})\n",
		"{Key: \"v\", Value: version}, {Key: \"mark\", Value: mark}, {Key: \"doc\", Value: doc},\n\t}}, {Key: \"$unset\", Value: bson.D{{Key: \"beside\", Value: \"\"}}}})\n",
	}}, "tenant", "^TestTwoBuildsOneStore$/mongo", true},

	{"34", "no-Retry-After", []edit{{retry, "if e.RetryAfter > 0 {", "if false {"}}, delivery, "^TestNothingIsSentInTheWindow$", false},
	{"34", "no-pace", []edit{{gate, "\tcase g.cause != \"\":\n\t\treturn 1\n", "\tcase g.cause != \"\":\n\t\treturn g.most\n"}}, delivery, "^TestGateHalfOpen$", false},
	{"34", "breaker-unlearnt", []edit{{learn, "\tl.gate.learn(*n, l.now().Add(l.Backoff.Most))\n", ""}}, delivery, "^TestABreakerIsKnownToAll$/sqlite", false},

	{"34", "no-outbound-pace", []edit{{"connectors/delivery/pacer.go", "if l.worker.Pacer == nil || p.pace == (ratelimit.Limit{}) {", "if true {"}}, delivery, "^TestPaceOfAConnection$", false},
	{"34", "patience-is-not-shared", []edit{{"connectors/delivery/pacer.go", "\t\tl.gate.hold(h.until, a.now())\n", ""}}, delivery, "^TestPatienceIsShared$", false},

	{"v76", "no-pacing", []edit{{measure, "const MaxPace = 2 * time.Second", "const MaxPace = 2 * time.Nanosecond"}}, ratelimit, "^TestStorePacesThenRefuses$/local", false},
	{"v76", "half-the-limit", []edit{{measure, "Limit{Rate: 50, Burst: 200}", "Limit{Rate: 10, Burst: 20}"}, {"tenant/limits.go", "l.Rate = max(l.Rate, LeastRate)", "_ = LeastRate"}}, server, "^TestVector76$", false},
	{"v76", "one-class", []edit{{"tenant/limits.go", "return string(id) + \"/\" + string(c)", "_ = c\n\treturn string(id)"}}, server, "^TestClassesAreLimitedByThemselves$", false},
	{"v76", "who-leaves-queues", []edit{{admit, "if !atOnce(d) && c.disables(path) {", "if false {"}}, server, "^TestDisablingGoesBefore$", false},

	{"v77", "faults-pass-through", []edit{
		{gateway, "Accounts:  g.resolver,", "Accounts:  asking{g.resolver, opener},"},
		{gateway, "func (g *Gateway) newWorker(", "type asking struct {\n\t*tenant.Resolver\n\to *opener\n}\n\nfunc (a asking) Authenticate(ctx context.Context, path, authorization string) (*tenant.Tenant, error) {\n\tt, err := a.Resolver.Authenticate(ctx, path, authorization)\n\tif err == nil && len(t.Connections) > 0 && a.o.check(ctx, t, t.Connections[0]) != nil {\n\t\treturn nil, tenant.ErrUnauthorized\n\t}\n\treturn t, err\n}\n\nfunc (g *Gateway) newWorker("},
	}, program, "^TestAccountFaultsStayBehindUs$", false},
	{"v77", "gives-up", []edit{{retry, "\tdefault:\n\t\tretry.At = now.Add(b.next(c.Delivery, random))", "\tdefault:\n\t\tif c.Delivery.Attempts >= 5 {\n\t\t\treturn directory.Outcome{Park: &failure}\n\t\t}\n\t\tretry.At = now.Add(b.next(c.Delivery, random))"}}, delivery, "^TestRefusedByTheAccountIsStillOwed$", false},

	{"10", "history-without-CAS", []edit{{queries, "request = ?7\n\t\tWHERE key = ?1 AND v = ?2", "request = ?7\n\t\tWHERE key = ?1"}}, program, "^TestLinearizable$/sqlite", false},
	{"10", "MongoDB-history-without-CAS", []edit{{changeMongo, `bson.M{"_id": c.key, "v": int64(c.was)}`, `bson.M{"_id": c.key}`}}, program, "^TestLinearizable$/mongo", true},
	{"10", "MongoDB-stale-read", []edit{
		{mongo, "\traw, err := s.find(ctx, bson.M{\"_id\": resourceKey(t, ref), \"part\": part(t, ref.Kind)})\n\tif err != nil {\n\t\treturn nil, err\n\t}\n\treturn storedOf(raw).resource, nil\n", "\tif old, ok := recent.Load(resourceKey(t, ref)); ok && time.Since(old.(recalled).at) < 100*time.Millisecond {\n\t\treturn old.(recalled).r, nil\n\t}\n\traw, err := s.find(ctx, bson.M{\"_id\": resourceKey(t, ref), \"part\": part(t, ref.Kind)})\n\tif err != nil {\n\t\treturn nil, err\n\t}\n\trecent.Store(resourceKey(t, ref), recalled{storedOf(raw).resource, time.Now()})\n\treturn storedOf(raw).resource, nil\n"},
		{mongo, "func (s *Mongo) find(", "var recent sync.Map\n\ntype recalled struct {\n\tr  *scim.Resource\n\tat time.Time\n}\n\nfunc (s *Mongo) find("},
		{mongo, "import (\n", "import (\n\t\"sync\"\n"},
	}, program, "^TestLinearizable$/mongo", true},

	{"15", "no-tenant-in-filter", []edit{{queries, "WHERE e.part = ?1 AND e.entry = ?2 ORDER", "WHERE (e.part = ?1 OR true) AND e.entry = ?2 ORDER"}}, server, "^TestNothingCrosses$/sqlite", false},
	{"15", "MongoDB-no-tenant-in-filter", []edit{{listings, "\twhere := bson.M{\"part\": part(t, q.Kind)}\n", "\twhere := bson.M{}\n"}}, server, "^TestNothingCrosses$/mongo", true},
	{"15", "cursor-of-anybody", []edit{{"scim/server/cursor.go", "c.Sealer.Open(sealed, c.tenant.ID, c.cursorField(asked))", "c.Sealer.Open(sealed, \"\", \"\")"}, {"scim/server/cursor.go", "append(plain, position...), c.tenant.ID, c.cursorField(asked))", "append(plain, position...), \"\", \"\")"}}, server, "^TestNothingCrosses$/sqlite", false},

	{"17", "knows-tenant-first", []edit{{resolver, "\tproof, err := r.prove(ctx, path, text, now)\n", "\tif _, err := r.store.Tenant(ctx, ID(path)); errors.Is(err, ErrNotFound) {\n\t\treturn nil, ErrUnauthorized\n\t}\n\tproof, err := r.prove(ctx, path, text, now)\n"}}, server, "^TestRefusalsTellNothing$", false},
	{"17", "tells-expired", []edit{{"tenant/prove.go", "\tif malformed != nil || !found || !same || !live || !ours {\n", "\tif found && same && ours && !live {\n\t\treturn nil, fmt.Errorf(\"expired\")\n\t}\n\tif malformed != nil || !found || !same || !live || !ours {\n"}}, server, "^TestRefusalsTellNothing$", false},

	{"21", "outpost-951", []edit{{rotation, "\tend := time.Now().AddDate(0, 0, days)\n", "\tend := time.Now().AddDate(0, 0, days)\n\tif all, err := s.Tenants.Tokens(ctx, id); err == nil {\n\t\tfor _, t := range all {\n\t\t\tif t.KeyID != minted.KeyID && t.Expires.Before(end) {\n\t\t\t\tend = t.Expires\n\t\t\t}\n\t\t}\n\t}\n"}}, "cmd/scimgate/admin", "^TestSecondRotationHasItsOwnOverlap$", false},
	{"21", "no-overlap", []edit{{rotation, "\tif days == 0 {\n", "\tif true {\n"}}, "cmd/scimgate/admin", "^TestRotationHasNoGap$", false},

	{"27", "logs-the-query", []edit{{door, "slog.String(\"route\", c.template()),\n\t\tslog.Int(", "slog.String(\"route\", c.r.URL.String()),\n\t\tslog.Int("}}, program, "^TestNoCanaryEscapes$/sqlite", false},
	{"27", "logs-the-token", []edit{{door, "slog.String(\"route\", c.template()),\n\t\tslog.Int(", "slog.Any(\"sent\", c.r.Header), slog.String(\"route\", c.template()),\n\t\tslog.Int("}}, program, "^TestNoCanaryEscapes$/sqlite", false},
	{"27", "Redis-in-the-clear", []edit{{limits, "hex.EncodeToString(mac.Sum(nil)[:16])", "word + hex.EncodeToString(mac.Sum(nil)[:16])"}}, program, "^TestNoCanaryEscapes$/sqlite", false},

	{"28", "not-sealed", []edit{
		{keys, "\tbody, err := k.sealer.Encrypt(plain, bound(t, field))\n", "\tbody, err := plain, error(nil)\n"},
		{keys, "\tplain, err := k.sealer.Decrypt(sealed[1+keyIDSize:], bound(t, field))\n", "\tplain, err := sealed[1+keyIDSize:], error(nil)\n"},
	}, program, "^TestStoresHoldNoSecret$/sqlite", false},
	{"28", "begins-without-key", []edit{{"tenant/keys.go", "\t\treturn nil, errors.New(\"the key file holds no key\")\n", "\t\treturn k, k.add([]byte(GenerateKey()))\n"}}, program, "^TestStoresHoldNoSecret$/sqlite", false},

	{"32", "table-forgotten", []edit{{tenants, " `DELETE FROM tenant_passes WHERE tenant = ?`,", ""}}, program, "^TestErasureIsComplete$/sqlite", false},
	{"32", "MongoDB-collection-forgotten", []edit{{docs, "{s.tokens, s.credentials, s.passes,", "{s.tokens, s.credentials,"}}, program, "^TestErasureIsComplete$/mongo", true},
	{"32", "data-key-kept", []edit{{tenants, "`DELETE FROM tenant_data_keys WHERE tenant = ?`,", ""}}, program, "^TestErasureIsComplete$/sqlite", false},
	{"32", "MongoDB-data-key-kept", []edit{{docs, "{s.dataKeys, s.ledgers,", "{s.ledgers,"}}, program, "^TestErasureIsComplete$/mongo", true},
	{"32", "not-overwritten", []edit{{tenants, ", \"secure_delete(ON)\"", ""}, {session, "\t`PRAGMA secure_delete = ON`,\n", ""}}, program, "^TestErasureIsComplete$/sqlite", false},
	{"32", "counts-kept", []edit{{"cmd/scimgate/admin/tenants.go", "\ts.forget(ctx, id)\n", ""}}, program, "^TestNothingRemainsOfADeletedTenant$/redis", false},
	{"32", "told-after-removal", []edit{{"cmd/scimgate/traffic/shared.go", "\t\terr = s.takeBackGone(ctx, some)\n", ""}}, "cmd/scimgate/traffic", "^TestForgetWhileOneTells$/redis", false},
	{"32", "sealed-by-the-ring", []edit{{vault, "\tif own == nil {\n\t\treturn v.Keys.Seal", "\tif true {\n\t\treturn v.Keys.Seal"}}, "tenant", "^TestVault$/sqlite-memory", false},
}
