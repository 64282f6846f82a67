package conformance

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// The modes in which every case runs.
const (
	inProcess = "in_process"
	byHTTP    = "over_http"
)

var update = flag.Bool("update", false, "is refused here")

// refuseUpdate gives the reason.
func refuseUpdate(update bool) error {
	if update {
		return errors.New("tests/conformance has no -update: an expected history is written from the rule that its case names; " +
			"recorded from our engine it would agree with every fault of ours")
	}
	return nil
}

func TestMain(m *testing.M) {
	flag.Parse()
	if err := refuseUpdate(*update); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(m.Run())
}

func TestUpdate_IsRefused(t *testing.T) {
	t.Parallel()
	if refuseUpdate(true) == nil || refuseUpdate(false) != nil {
		t.Error("-update is taken, or its absence refused")
	}
}

// TestConformance runs every case in both modes and prints how many of each group
// passed.
func TestConformance(t *testing.T) {
	t.Parallel()
	results := &table{passed: map[string]map[string]int{}}
	for _, mode := range []string{inProcess, byHTTP} {
		t.Run(mode, func(t *testing.T) {
			for _, group := range groups {
				for _, c := range cases(t, group) {
					t.Run(group+"/"+c.name, func(t *testing.T) {
						t.Parallel()
						t.Cleanup(func() { results.add(mode, group, !t.Failed()) })
						c.run(t, mode)
					})
				}
			}
		})
	}
	t.Log(results.text(t))
}

// table counts the cases that passed.
type table struct {
	mu     sync.Mutex
	passed map[string]map[string]int // by mode and group
}

func (r *table) add(mode, group string, passed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.passed[mode] == nil {
		r.passed[mode] = map[string]int{}
	}
	if passed {
		r.passed[mode][group]++
	}
}

func (r *table) text(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	row := func(name string, n, direct, http any) {
		fmt.Fprintf(&out, "\n%-12s %6v %12v %10v", name, n, direct, http)
	}
	row("group", "cases", "in process", "over HTTP")
	var all, direct, http int
	for _, group := range groups {
		n := len(cases(t, group))
		row(group, n, r.passed[inProcess][group], r.passed[byHTTP][group])
		all, direct, http = all+n, direct+r.passed[inProcess][group], http+r.passed[byHTTP][group]
	}
	row("all", all, direct, http)
	return out.String()
}
