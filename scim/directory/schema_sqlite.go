package directory

// schemaSQLite is version 2 of the file; upgrade_sqlite.go leads there. `rid` is never trusted across two
// transactions (it may be used again after an Erase): every statement names a
// key or a part, both of which hold the tenant.
const schemaSQLite = `
CREATE TABLE IF NOT EXISTS resources (
	rid      INTEGER PRIMARY KEY,
	key      TEXT NOT NULL UNIQUE,  -- tenant/kind/id
	part     TEXT NOT NULL,         -- tenant/kind
	name     TEXT UNIQUE,           -- tenant/kind/folded name; NULL on tombstones
	leaver   TEXT,                  -- on tombstones: hash of the name it had
	gone     INTEGER,               -- on tombstones: when deleted, or last confirmed; ms
	v        INTEGER NOT NULL,
	created  INTEGER NOT NULL,      -- ms
	modified INTEGER NOT NULL,      -- ms
	epoch    INTEGER NOT NULL DEFAULT 0, -- of a group's edges
	request  TEXT,                  -- what made the version, see originOf; NULL: not known
	body     BLOB                   -- NULL on tombstones
);
CREATE INDEX IF NOT EXISTS live ON resources (part) WHERE body IS NOT NULL;
CREATE INDEX IF NOT EXISTS leavers ON resources (leaver) WHERE leaver IS NOT NULL;
CREATE INDEX IF NOT EXISTS gone ON resources (gone) WHERE gone IS NOT NULL;

CREATE TABLE IF NOT EXISTS parts (
	part TEXT PRIMARY KEY,
	live INTEGER NOT NULL           -- resources that are not tombstones
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS entries (
	part  TEXT NOT NULL,
	entry TEXT NOT NULL,            -- see index.go
	rid   INTEGER NOT NULL,
	PRIMARY KEY (part, entry, rid)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS edges (
	grp    TEXT NOT NULL,           -- key of the group
	member TEXT NOT NULL,           -- id of the other end
	epoch  INTEGER NOT NULL,        -- of the group; of another epoch it is no edge
	PRIMARY KEY (grp, member)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS memberships ON edges (member, grp, epoch);
CREATE TABLE IF NOT EXISTS outlived (grp TEXT PRIMARY KEY) WITHOUT ROWID; -- groups with edges of older epochs

CREATE TABLE IF NOT EXISTS shares (
	slot   INTEGER NOT NULL,
	grp    TEXT NOT NULL,           -- key of the group
	member TEXT NOT NULL,           -- id of the other end; '' while all of the group are to be compared
	held   TEXT,                    -- the account's id under which it is, or may be, a member there
	asked  INTEGER NOT NULL DEFAULT 0, -- an attempt may have touched it whose outcome nobody knows; of '': all are to be sent
	owed   INTEGER,                 -- mark of the change that made it owed
	PRIMARY KEY (slot, grp, member)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shares_owed ON shares (slot, grp, member) WHERE owed IS NOT NULL;
CREATE INDEX IF NOT EXISTS shares_asked ON shares (slot, grp) WHERE asked;
CREATE INDEX IF NOT EXISTS shares_of ON shares (member, slot, grp);
CREATE INDEX IF NOT EXISTS shares_held ON shares (held, slot, grp) WHERE held IS NOT NULL;

CREATE TABLE IF NOT EXISTS deliveries (
	rid  INTEGER NOT NULL,
	slot INTEGER NOT NULL,
	work TEXT,                      -- see key.go; NULL when clean
	data BLOB,                      -- see delivery.go; NULL before the first claim
	PRIMARY KEY (rid, slot)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS work ON deliveries (slot, work) WHERE work IS NOT NULL;

CREATE TABLE IF NOT EXISTS journal (
	id     TEXT PRIMARY KEY,        -- see journal_event.go
	tenant TEXT NOT NULL,
	at     INTEGER NOT NULL,        -- ms
	data   BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS times ON journal (tenant, at); -- and id, which is the table's key

PRAGMA user_version = 2;
`
