// Package settle ends a sweep: it records what the sweep found, by the same order of
// news that track keeps, so that an event which comes late or again changes nothing;
// then it takes the balance, logs it and emits the metrics Unaccounted and
// NigredoSweepRun. It also counts the open requests of data subjects by the days left
// until the law wants them answered: it is the one activity that runs all day.
//
// Everything it writes may be written again: news is ordered, and a look that had no
// news only moves the time of the look.
package settle
