// Package bench measures this machine's program against something else on the same
// machine in the same minute: the whole program against what its database can do, the
// engine in memory against another interpreter. Figures are ratios, because machines
// differ and one machine differs from itself an hour later; the sides take turns, and
// the medians count.
package bench
