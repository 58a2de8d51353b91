// Package traffic counts what one process sees of each tenant within a day: the
// requests of its identity provider by outcome, and how long changes had waited when
// they were delivered or tried. A page of the console draws it. It also remembers a
// tenant's last requests, without values, so that people see what was refused.
//
// It is a memory of the process, by the hour: it begins empty, ends with the process,
// and knows nothing of what other processes see. A tenant takes 6 KB, and as much for its last requests. What happened
// in truth is in the journal, and what monitoring needs in the metrics.
package traffic
