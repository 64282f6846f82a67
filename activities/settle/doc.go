// Package settle ends a sweep: it records what the sweep found, by the same order of
// news that track keeps, so that an event which comes late or again changes nothing;
// then it takes the balance, logs it and emits the metrics Unaccounted and
// NigredoSweepRun.
//
// Everything it writes may be written again: news is ordered, and a look that had no
// news only moves the time of the look.
package settle
