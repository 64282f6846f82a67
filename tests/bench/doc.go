// Package bench measures the whole program on this machine against what its
// database can do in the same minute: figures are ratios, because machines
// differ and one machine differs from itself an hour later.
package bench
