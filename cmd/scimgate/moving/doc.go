// Package moving writes a tenant into a file, and makes it again from one, in a
// store of the same kind or of another: SQLite to MongoDB, one cluster to the next.
//
// It owns the file: lines of JSON, with a header first and a checksum last. It
// speaks to the stores by their contracts only, so what it moves is what these show:
// the tenant, its rules and their versions, its ledger; its living users and groups
// under their ids, with their members and with the ids that accounts know them by.
// With secrets, the credentials of connections and the tokens too, sealed and hashed
// as they are in the store, and the sealed data key: they open only under the same
// sealing key and tenant id.
//
// It leaves behind: versions and times of resources (an ETag from before matches
// nothing), the journal, invitations and sessions, members that name nobody, and
// deletions that are still owed to an account, of which it warns.
package moving
