package directory

// sqlOf holds the statements. Where a statement can fail by uniqueness it is the
// first of its operation, so that a failed operation has written nothing.
var sqlOf = [queries]string{
	beginWrite:    `BEGIN IMMEDIATE`,
	commitWrite:   `COMMIT`,
	rollbackWrite: `ROLLBACK`,

	insertResource: `INSERT INTO resources (key, part, name, v, created, modified, body, request)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
	updateResource: `UPDATE resources SET name = ?3, v = ?4, modified = ?5, body = ?6, request = ?7
		WHERE key = ?1 AND v = ?2 AND body IS NOT NULL RETURNING rid`,
	buryResource: `UPDATE resources SET name = NULL, leaver = ?3, gone = ?5, v = ?4, modified = ?5, body = NULL, request = ?6
		WHERE key = ?1 AND v = ?2 AND body IS NOT NULL RETURNING rid`,
	countLive: `INSERT INTO parts (part, live) VALUES (?1, ?2)
		ON CONFLICT (part) DO UPDATE SET live = live + excluded.live`,
	owe: `INSERT INTO deliveries (rid, slot, work) VALUES (?1, ?2, ?3)
		ON CONFLICT (rid, slot) DO UPDATE SET work = excluded.work`,

	getResource: `SELECT ` + resourceColumns + ` FROM resources r WHERE r.key = ?1 AND r.body IS NOT NULL`,
	countPart:   `SELECT live FROM parts WHERE part = ?1`,
	pageOfPart: `SELECT ` + resourceColumns + ` FROM resources r INDEXED BY live
		WHERE r.part = ?1 AND r.body IS NOT NULL AND r.rid > ?4 ORDER BY r.rid LIMIT ?2 OFFSET ?3`,
	ridFurther: `SELECT r.rid FROM resources r INDEXED BY live
		WHERE r.part = ?1 AND r.body IS NOT NULL AND r.rid > ?2 ORDER BY r.rid LIMIT 1 OFFSET ?3`,
	afterRid: `SELECT ` + resourceColumns + ` FROM resources r INDEXED BY live
		WHERE r.part = ?1 AND r.body IS NOT NULL AND r.rid > ?2 ORDER BY r.rid LIMIT ?3`,
	upIDs: `SELECT ` + resourceColumns + ` FROM resources r
		WHERE r.key > ?1 AND r.key < ?2 AND r.body IS NOT NULL ORDER BY r.key LIMIT ?3 OFFSET ?4`,
	downIDs: `SELECT ` + resourceColumns + ` FROM resources r
		WHERE r.key > ?1 AND r.key < ?2 AND r.body IS NOT NULL ORDER BY r.key DESC LIMIT ?3 OFFSET ?4`,
	upNames: `SELECT ` + resourceColumns + ` FROM resources r
		WHERE r.name > ?1 AND r.name < ?2 ORDER BY r.name LIMIT ?3 OFFSET ?4`,
	downNames: `SELECT ` + resourceColumns + ` FROM resources r
		WHERE r.name > ?1 AND r.name < ?2 ORDER BY r.name DESC LIMIT ?3 OFFSET ?4`,
	byName: `SELECT ` + resourceColumns + ` FROM resources r WHERE r.name = ?1`,
	byEntry: `SELECT ` + resourceColumns + ` FROM entries e CROSS JOIN resources r ON r.rid = e.rid
		WHERE e.part = ?1 AND e.entry = ?2 ORDER BY e.rid LIMIT ?3`,
	ridsEqual:   `SELECT rid FROM entries WHERE part = ?1 AND entry = ?2 LIMIT ?3`,
	ridsBetween: `SELECT rid FROM entries WHERE part = ?1 AND entry >= ?2 AND entry < ?3 LIMIT ?4`,
	byRid: `SELECT ` + resourceColumns + ` FROM resources r
		WHERE r.rid = ?2 AND r.part = ?1 AND r.body IS NOT NULL`,

	ridOfKey:  `SELECT rid FROM resources WHERE key = ?1 AND body IS NOT NULL`,
	ridOfName: `SELECT rid FROM resources WHERE name = ?1`,

	groupEpoch: `SELECT epoch FROM resources WHERE key = ?1 AND body IS NOT NULL`,
	firstEdge:  `SELECT grp FROM edges WHERE grp >= ?1 LIMIT 1`,
	someEdges:  `SELECT member FROM edges WHERE grp = ?1 AND epoch = ?2 LIMIT ?3`,
	edgesAmong: `SELECT e.member FROM json_each(?3) j CROSS JOIN edges e
		ON e.grp = ?1 AND e.epoch = ?2 AND e.member = j.value`,
	addEdges: `INSERT INTO edges (grp, member, epoch) SELECT r.key, j.value, r.epoch
		FROM resources r CROSS JOIN json_each(?2) j WHERE r.rid = ?1
		ON CONFLICT (grp, member) DO UPDATE SET epoch = excluded.epoch`,
	dropEdges: `DELETE FROM edges WHERE grp = ?1 AND member IN (SELECT value FROM json_each(?2))`,
	newEpoch:  `UPDATE resources SET epoch = epoch + 1 WHERE rid = ?1`,
	outlive:   `INSERT OR IGNORE INTO outlived (grp) VALUES (?1)`,
	livingEnds: `SELECT count(*) FROM json_each(?2) j WHERE EXISTS (SELECT 1 FROM resources r
		WHERE r.key IN (?1 || '/User/' || j.value, ?1 || '/Group/' || j.value) AND r.body IS NOT NULL)`,
	membersAfter: `SELECT r.key, r.body FROM edges e CROSS JOIN resources r
		ON r.key IN (?5 || '/User/' || e.member, ?5 || '/Group/' || e.member) AND r.body IS NOT NULL
		WHERE e.grp = ?1 AND e.epoch = ?2 AND e.member > ?3 ORDER BY e.member LIMIT ?4`,
	membersAmong: `SELECT r.key, r.body FROM json_each(?3) j CROSS JOIN edges e
		ON e.grp = ?1 AND e.epoch = ?2 AND e.member = j.value CROSS JOIN resources r
		ON r.key IN (?4 || '/User/' || e.member, ?4 || '/Group/' || e.member) AND r.body IS NOT NULL`,
	groupsOfMember: `SELECT g.key, g.body FROM edges e CROSS JOIN resources g
		ON g.key = e.grp AND g.epoch = e.epoch AND g.body IS NOT NULL
		WHERE e.member = ?1 AND e.grp >= ?2 AND e.grp < ?3 ORDER BY e.grp`,
	ridsOfMember: `SELECT g.rid FROM edges e CROSS JOIN resources g
		ON g.key = e.grp AND g.epoch = e.epoch AND g.body IS NOT NULL
		WHERE e.member = ?1 AND e.grp >= ?2 AND e.grp < ?3 LIMIT ?4`,
	ridsOfGroup: `SELECT r.rid FROM resources g CROSS JOIN edges e ON e.grp = g.key AND e.epoch = g.epoch
		CROSS JOIN resources r ON r.key = ?2 || '/' || e.member AND r.body IS NOT NULL
		WHERE g.key = ?1 AND g.body IS NOT NULL LIMIT ?3`,

	oweGroup: `INSERT INTO deliveries (rid, slot, work) VALUES (?1, ?2, ?3)
		ON CONFLICT (rid, slot) DO UPDATE SET work =
			CASE WHEN work GLOB 'd * 0 *' THEN ?4 ELSE excluded.work END`,
	oweShares: `INSERT INTO shares (slot, grp, member, owed) SELECT ?1, ?2, j.value, random() FROM json_each(?3) j WHERE TRUE
		ON CONFLICT (slot, grp, member) DO UPDATE SET owed = excluded.owed`,
	oweAll: `INSERT INTO shares (slot, grp, member, owed, asked) VALUES (?1, ?2, '', random(), ?3)
		ON CONFLICT (slot, grp, member) DO UPDATE SET owed = excluded.owed, asked = max(asked, excluded.asked)`,
	allOwed:     `SELECT owed, asked FROM shares WHERE slot = ?1 AND grp = ?2 AND member = ''`,
	allCompared: `DELETE FROM shares WHERE slot = ?1 AND grp = ?2 AND member = '' AND owed = ?3`,
	sharesOwed: `SELECT s.member, s.owed, coalesce(s.held, ''), m.key IS NOT NULL,
			coalesce(json_extract(CAST(d.data AS TEXT), '$.remoteId'), '')
		FROM shares s INDEXED BY shares_owed
		LEFT JOIN edges e ON e.grp = s.grp AND e.member = s.member AND e.epoch = ?4
		LEFT JOIN resources m ON m.key IN (?5 || '/User/' || e.member, ?5 || '/Group/' || e.member) AND m.body IS NOT NULL
		LEFT JOIN deliveries d ON d.rid = m.rid AND d.slot = s.slot
		WHERE s.slot = ?1 AND s.grp = ?2 AND s.member > ?3 AND s.owed IS NOT NULL ORDER BY s.member LIMIT ?6`,
	askShares: `UPDATE shares SET asked = 1, held = coalesce((SELECT j.value ->> 1 FROM json_each(?3) j WHERE j.value ->> 0 = shares.member), held)
		WHERE slot = ?1 AND grp = ?2 AND member IN (SELECT j.value ->> 0 FROM json_each(?3) j)`,
	settleShare: `UPDATE shares SET owed = NULL, held = CASE WHEN ?6 THEN ?5 ELSE coalesce(?5, held) END, asked = CASE WHEN ?6 THEN 0 ELSE asked END
		WHERE slot = ?1 AND grp = ?2 AND member = ?3 AND owed = ?4`,
	dropShares: `DELETE FROM shares WHERE slot = ?1 AND grp = ?2 AND member IN (SELECT value FROM json_each(?3))
		AND owed IS NULL AND held IS NULL AND NOT asked`,
	recheckShares: `UPDATE shares INDEXED BY shares_asked SET owed = random(), asked = 0
		WHERE slot = ?1 AND grp = ?2 AND asked AND member > ''`,
	edgesFurther: `SELECT member FROM edges WHERE grp = ?1 AND member > ?2 ORDER BY member LIMIT 1 OFFSET ?3`,
	oweMissing: `INSERT INTO shares (slot, grp, member, owed) SELECT ?1, e.grp, e.member, random() FROM edges e
		LEFT JOIN shares s ON s.slot = ?1 AND s.grp = e.grp AND s.member = e.member
		WHERE e.grp = ?2 AND e.member > ?3 AND (?4 = '' OR e.member <= ?4) AND e.epoch = ?5 AND (?6 OR s.held IS NULL)
		ON CONFLICT (slot, grp, member) DO UPDATE SET owed = excluded.owed`,
	sharesFurther: `SELECT member FROM shares WHERE slot = ?1 AND grp = ?2 AND member > ?3 ORDER BY member LIMIT 1 OFFSET ?4`,
	oweStray: `UPDATE shares SET owed = random() WHERE slot = ?1 AND grp = ?2 AND member > ?3 AND (?4 = '' OR member <= ?4)
		AND held IS NOT NULL AND NOT EXISTS (SELECT 1 FROM edges e WHERE e.grp = ?2 AND e.member = shares.member AND e.epoch = ?5)`,
	moveShares: `UPDATE shares INDEXED BY shares_of SET owed = random()
		WHERE member = ?2 AND slot = ?1 AND grp >= ?4 AND grp < ?5 AND held <> ?3`,
	holdShare: `INSERT INTO shares (slot, grp, member, owed, held, asked) VALUES (?1, ?2, ?3, random(), ?4, 1)
		ON CONFLICT (slot, grp, member) DO UPDATE SET owed = excluded.owed, held = excluded.held, asked = 1`,
	groupsHolding: `SELECT grp FROM shares INDEXED BY shares_held
		WHERE held = ?3 AND slot = ?1 AND grp >= ?4 AND grp < ?5 AND member <> ?2`,
	inheritShares: `INSERT INTO shares (slot, grp, member, owed, held, asked)
		SELECT slot, grp, ?2, random(), held, 1 FROM shares INDEXED BY shares_held
		WHERE held = ?3 AND slot = ?1 AND grp >= ?4 AND grp < ?5 AND member <> ?2
		ON CONFLICT (slot, grp, member) DO UPDATE SET owed = excluded.owed, held = excluded.held, asked = 1`,
	leaveShares: `DELETE FROM shares INDEXED BY shares_held WHERE held = ?3 AND slot = ?1 AND grp >= ?4 AND grp < ?5 AND member <> ?2`,
	groupsOwing: `SELECT grp FROM shares INDEXED BY shares_of
		WHERE member = ?2 AND slot = ?1 AND grp >= ?3 AND grp < ?4 AND owed IS NOT NULL`,
	purgeShares:   `DELETE FROM shares WHERE slot = ?1 AND grp = ?2`,
	purgeSharesOf: `DELETE FROM shares WHERE member = ?1 AND slot = ?2 AND grp >= ?3 AND grp < ?4`,
	forgetShares:  `DELETE FROM shares WHERE slot = ?1 AND grp >= ?2 AND grp < ?3`,

	firstWork: `SELECT work FROM deliveries WHERE slot = ?1 AND work >= ?2 AND work < ?3
		ORDER BY work LIMIT 1`,
	countWork: `SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE slot = ?1 AND work >= ?2 AND work < ?3 LIMIT ?4)`,
	keysDue: `SELECT r.key FROM deliveries d CROSS JOIN resources r ON r.rid = d.rid
		WHERE d.slot = ?1 AND d.work >= ?2 AND d.work < ?3 ORDER BY d.work LIMIT ?4`,
	workBetween: `SELECT r.key, r.v, r.body IS NULL, d.work, d.data
		FROM deliveries d CROSS JOIN resources r ON r.rid = d.rid
		WHERE d.slot = ?1 AND d.work >= ?2 AND d.work < ?3 ORDER BY d.work LIMIT ?4 OFFSET ?5`,
	oneDelivery: `SELECT ` + resourceColumns + `, d.work, d.data, r.request
		FROM resources r LEFT JOIN deliveries d ON d.rid = r.rid AND d.slot = ?2 WHERE r.key = ?1`,
	saveDelivery: `INSERT INTO deliveries (rid, slot, work, data) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (rid, slot) DO UPDATE SET work = excluded.work, data = excluded.data`,
	confirmTombstone: `UPDATE resources SET gone = ?2 WHERE rid = ?1`,
	leaversOf: `SELECT r.key, r.v, TRUE, d.work, d.data
		FROM resources r INDEXED BY leavers JOIN deliveries d ON d.rid = r.rid AND d.slot = ?2
		WHERE r.leaver = ?1 ORDER BY r.modified DESC, r.rid DESC`,
	keysAfter: `SELECT key FROM resources WHERE key > ?1 AND key < ?2 ORDER BY key LIMIT ?3`,
	surveyAfter: `SELECT ` + resourceColumns + `, d.work, d.data
		FROM resources r LEFT JOIN deliveries d ON d.rid = r.rid AND d.slot = ?4
		WHERE r.key > ?1 AND r.key < ?2 ORDER BY r.key LIMIT ?3`,
	forgetSlot: `DELETE FROM deliveries WHERE slot = ?1 AND rid IN
		(SELECT rid FROM resources WHERE key >= ?2 AND key < ?3)`,
	purgeable: `SELECT r.rid, r.key FROM resources r WHERE r.gone < ?1 AND NOT EXISTS
		(SELECT 1 FROM deliveries d WHERE d.rid = r.rid AND d.work IS NOT NULL) ORDER BY r.gone LIMIT ?2`,
	purgeDeliveries:  `DELETE FROM deliveries WHERE rid = ?1`,
	purgeResource:    `DELETE FROM resources WHERE rid = ?1`,
	purgeEdges:       `DELETE FROM edges WHERE grp = ?1`,
	purgeMemberships: `DELETE FROM edges WHERE member = ?1 AND grp >= ?2 AND grp < ?3`,
	firstOutlived:    `SELECT grp FROM outlived WHERE grp > '' LIMIT 1`,
	purgeOutlived: `DELETE FROM edges WHERE (grp, member) IN (SELECT e.grp, e.member FROM edges e
		WHERE e.grp = ?1 AND e.epoch <> (SELECT epoch FROM resources WHERE key = ?1) LIMIT ?2)`,
	endOutlived: `DELETE FROM outlived WHERE grp = ?1`,

	tellEvent: `INSERT OR IGNORE INTO journal (id, tenant, at, data) VALUES (?1, ?2, ?3, ?4)`,
	tellOfKnown: `INSERT OR IGNORE INTO journal (id, tenant, at, data) SELECT ?1, ?2, ?3, ?4
		WHERE EXISTS (SELECT 1 FROM resources WHERE key = ?5)`,
	eventsUp:   `SELECT id, data FROM journal WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3`,
	eventsDown: `SELECT id, data FROM journal WHERE id > ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3`,
	timesUp: `SELECT id, data FROM journal WHERE tenant = ?1 AND (at, id) > (?2, ?3) AND (at, id) < (?4, ?5)
		ORDER BY at, id LIMIT ?6`,
	timesDown: `SELECT id, data FROM journal WHERE tenant = ?1 AND (at, id) > (?2, ?3) AND (at, id) < (?4, ?5)
		ORDER BY at DESC, id DESC LIMIT ?6`,
	tenantInJournal: `SELECT tenant FROM journal WHERE tenant > ?1 ORDER BY tenant LIMIT 1`,
	expireJournal: `DELETE FROM journal WHERE id IN
		(SELECT id FROM journal WHERE tenant = ?1 AND at < ?2 ORDER BY at LIMIT ?3)`,
	leaversNamed: `SELECT ` + resourceColumns + ` FROM resources r INDEXED BY leavers WHERE r.leaver = ?1`,
	eraseJournal: `DELETE FROM journal WHERE id IN (SELECT id FROM journal WHERE id > ?1 AND id < ?2 LIMIT ?3)`,

	eraseEntries: `DELETE FROM entries WHERE (part, entry, rid) IN
		(SELECT part, entry, rid FROM entries WHERE part >= ?1 AND part < ?2 LIMIT ?3)`,
	eraseDeliveries: `DELETE FROM deliveries WHERE rid IN
		(SELECT rid FROM resources WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3)`,
	eraseResources: `DELETE FROM resources WHERE rid IN
		(SELECT rid FROM resources WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3)`,
	eraseEdges: `DELETE FROM edges WHERE (grp, member) IN
		(SELECT grp, member FROM edges WHERE grp >= ?1 AND grp < ?2 LIMIT ?3)`,
	eraseOutlived: `DELETE FROM outlived WHERE grp >= ?1 AND grp < ?2`,
	eraseParts:    `DELETE FROM parts WHERE part >= ?1 AND part < ?2`,
}
