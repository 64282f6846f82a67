package lambda

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/infra/config"
)

const (
	starts = 20
	// maxStart is the most that the half of the starts may take from exec to the first
	// /next, on a machine that does nothing else.
	maxStart = 30 * time.Millisecond
	// maxStartPhones is that of the function with phonenumbers, which reads the numbering
	// plans of all countries when the program is loaded: 16 ms by GODEBUG=inittrace=1,
	// and nothing puts it off.
	maxStartPhones = 60 * time.Millisecond
)

// What a function's process takes before it asks for its first call. The bound holds in
// make gate alone: beside other tests a machine is slower than itself.
func TestStart_EveryFunctionIsSoonReady(t *testing.T) {
	s := setup(t)
	for _, f := range append(config.All(), config.Function{Activity: "fibonacci", Name: "Fibonacci"}) {
		env, err := s.settings.Env(f)
		if err != nil {
			t.Fatal(err)
		}
		most := maxStart
		if f.Activity == "validate" {
			most = maxStartPhones
		}
		var took []time.Duration
		var work time.Duration // of the processor, which other programs do not lengthen
		for range starts {
			before := time.Now()
			i, err := launch(filepath.Join(binaries, f.Activity), env, s.log)
			if err != nil {
				t.Fatal(err)
			}
			select {
			case <-i.ready:
				took = append(took, time.Since(before))
			case <-i.exited:
				t.Fatalf("%s ended before its first call: %s", f.Activity, s.log)
			case <-time.After(patience):
				t.Fatalf("%s is not ready after %s", f.Activity, patience)
			}
			i.kill()
			work += i.cmd.ProcessState.UserTime() + i.cmd.ProcessState.SystemTime()
		}
		slices.Sort(took)
		p50, longest := took[len(took)/2], took[len(took)-1]
		t.Logf("%-10s p50 %6.1f ms, longest %6.1f ms, %6.1f ms of processor", f.Activity, inMs(p50), inMs(longest), inMs(work/starts))
		if os.Getenv("NIGREDO_GATE") != "" && p50 > most {
			t.Errorf("%s: half of %d starts take more than %s", f.Activity, starts, most)
		}
	}
}

func inMs(d time.Duration) float64 { return d.Seconds() * 1000 }
