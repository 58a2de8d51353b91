// Package traffic counts what one process sees of each tenant within a day: the
// requests of its identity provider by outcome, and how long changes had waited when
// they were delivered or tried. A page of the console draws it.
//
// It is a memory of the process, by the hour: it begins empty, ends with the process,
// and knows nothing of what other processes see. A tenant takes 6 KB. What happened
// in truth is in the journal, and what monitoring needs in the metrics.
package traffic
