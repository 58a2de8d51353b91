// Package traffic counts what is seen of each tenant within a day: the requests of its
// identity provider by outcome, and how long changes had waited when they were
// delivered or tried. A page of the console draws it. It also remembers a tenant's last
// requests, without values, so that people see what was refused.
//
//	Counter  what one process sees, in memory, by the hour; nobody waits for it
//	Shared   the same, and what the others told who share a Redis
//	Picture  what is shown of a tenant: of one process, or of all of them
//
// Both are memories: a Counter begins empty, and what was told ends after a day, or
// with Redis. A tenant takes 6 KB of a process, as much for its last requests, and 3 KB
// of Redis for each process that saw it. What happened in truth is in the journal, and
// what monitoring needs in the metrics.
package traffic
