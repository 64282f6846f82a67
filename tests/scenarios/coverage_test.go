package scenarios

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/states"
)

// machine is a machine file as far as coverage and details need it, decoded here
// and not by the parser under test.
type machine struct {
	StartAt string
	States  map[string]*state
}

type state struct {
	Type, Resource, Next, Default string

	TimeoutSeconds int64
	Retry          []struct{ ErrorEquals []string }
	Catch          []struct {
		ErrorEquals []string
		Next        string
	}
	Choices []struct{ Next string }

	ItemProcessor *machine
}

// readMachine gives a machine with the states of its item processors among the
// others: their names are their own.
func readMachine(t *testing.T, name string) *machine {
	t.Helper()
	definition, err := states.Definition(name)
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{}
	if err := json.Unmarshal([]byte(definition), m); err != nil {
		t.Fatal(err)
	}
	for _, s := range maps.Clone(m.States) {
		if s.ItemProcessor != nil {
			maps.Copy(m.States, s.ItemProcessor.States)
		}
	}
	return m
}

// edges lists everything a path can take: each state, each retrier, each catcher,
// each choice and each default.
func (m *machine) edges() []string {
	var out []string
	for name, s := range m.States {
		out = append(out, name)
		for i := range s.Retry {
			out = append(out, fmt.Sprintf("%s/Retry/%d", name, i))
		}
		for i := range s.Catch {
			out = append(out, fmt.Sprintf("%s/Catch/%d", name, i))
		}
		for i := range s.Choices {
			out = append(out, fmt.Sprintf("%s/Choices/%d", name, i))
		}
		if s.Default != "" {
			out = append(out, name+"/Default")
		}
		if s.Type == "Task" {
			out = append(out, name+"/Next")
		}
	}
	slices.Sort(out)
	return out
}

// matches is the rule of ErrorEquals: States.ALL stands for every name,
// States.TaskFailed for every name but a timeout's.
func matches(list []string, name string) bool {
	return slices.Contains(list, name) || slices.Contains(list, "States.ALL") ||
		(slices.Contains(list, "States.TaskFailed") && name != "States.Timeout")
}

// takes lists the edges of one run of a case, computed from the case alone. Of a
// path on which iterations take turns it lists none: what stands next to each other
// there need not follow each other.
func (m *machine) takes(r run) []string {
	var out []string
	path := r.Expect.Path
	for i, name := range path {
		if slices.Contains(path[:i], name) {
			return nil
		}
	}
	for i, name := range path {
		s := m.States[name]
		out = append(out, name)
		next := ""
		if i+1 < len(path) {
			next = path[i+1]
		}
		switch s.Type {
		case "Choice":
			out = append(out, name+"/"+s.chosen(next))
		case "Task":
			out = append(out, s.tried(name, next, r.Tasks[name])...)
		}
	}
	return out
}

func (s *state) chosen(next string) string {
	for i, c := range s.Choices {
		if c.Next == next {
			return fmt.Sprintf("Choices/%d", i)
		}
	}
	return "Default"
}

func (s *state) tried(name, next string, attempts []attempt) []string {
	var out []string
	for i, a := range attempts {
		failure := a.failure()
		if failure == "" {
			out = append(out, name+"/Next")
			continue
		}
		for j, r := range s.Retry {
			if matches(r.ErrorEquals, failure) {
				out = append(out, fmt.Sprintf("%s/Retry/%d", name, j))
				break
			}
		}
		if i < len(attempts)-1 || next == "" {
			continue
		}
		for j, c := range s.Catch {
			if matches(c.ErrorEquals, failure) {
				out = append(out, fmt.Sprintf("%s/Catch/%d", name, j))
				break
			}
		}
	}
	return out
}

func TestScenarios_GoThroughEveryEdge(t *testing.T) {
	t.Parallel()
	for _, listed := range written() {
		name := listed.Name
		m := readMachine(t, name)
		taken := map[string]bool{}
		for _, s := range scenarios(t, name) {
			for _, r := range append([]run{s.run}, s.Redrives...) {
				for _, e := range m.takes(r) {
					taken[e] = true
				}
			}
		}
		var missing []string
		for _, e := range m.edges() {
			if !taken[e] {
				missing = append(missing, e)
			}
		}
		if len(missing) > 0 {
			t.Errorf("%s: no case goes through\n\t%s", name, strings.Join(missing, "\n\t"))
		}
		t.Logf("%s: %d edges, %d not taken", name, len(m.edges()), len(missing))
	}
}

// Whatever a machine file names, some case names: an error that a retrier or a
// catcher lists but no attempt ever returns is a guess.
func TestScenarios_MakeEveryErrorOfOurContractHappen(t *testing.T) {
	t.Parallel()
	for _, listed := range written() {
		name := listed.Name
		m := readMachine(t, name)
		happened := map[string]bool{}
		for _, s := range scenarios(t, name) {
			for _, r := range append([]run{s.run}, s.Redrives...) {
				for state, attempts := range r.Tasks {
					for _, a := range attempts {
						happened[state+"/"+a.failure()] = true
					}
				}
			}
		}
		for state, s := range m.States {
			var listed []string
			for _, r := range s.Retry {
				listed = append(listed, r.ErrorEquals...)
			}
			for _, c := range s.Catch {
				listed = append(listed, c.ErrorEquals...)
			}
			for _, e := range listed {
				aws := strings.HasPrefix(e, "States.") || strings.HasPrefix(e, "Lambda.")
				if !aws && !happened[state+"/"+e] {
					t.Errorf("%s: %s: %s never happens in a case", name, state, e)
				}
			}
		}
	}
}

func TestCoverage_SeesAnEdgeThatIsNotTaken(t *testing.T) {
	t.Parallel()
	m := &machine{}
	if err := json.Unmarshal([]byte(`{"StartAt":"A","States":{
		"A":{"Type":"Task","Next":"B","Retry":[{"ErrorEquals":["X"]},{"ErrorEquals":["States.TaskFailed"]}],"Catch":[{"ErrorEquals":["Y"],"Next":"D"},{"ErrorEquals":["States.ALL"],"Next":"D"}]},
		"B":{"Type":"Choice","Choices":[{"Next":"C"},{"Next":"D"}],"Default":"E"},
		"C":{"Type":"Succeed"},"D":{"Type":"Succeed"},"E":{"Type":"Succeed"}}}`), m); err != nil {
		t.Fatal(err)
	}
	r := run{
		Tasks:  map[string][]attempt{"A": {{Error: "X"}, {Result: json.RawMessage("1")}}},
		Expect: outcome{Path: []string{"A", "B", "D"}},
	}
	timedOut := run{Tasks: map[string][]attempt{"A": {{Hangs: true}}}, Expect: outcome{Path: []string{"A", "D"}}}
	taken := slices.Concat(m.takes(r), m.takes(timedOut))
	var missing []string
	for _, e := range m.edges() {
		if !slices.Contains(taken, e) {
			missing = append(missing, e)
		}
	}
	want := []string{"A/Catch/0", "A/Retry/1", "B/Choices/0", "B/Default", "C", "E"}
	if !slices.Equal(missing, want) {
		t.Errorf("missing %v, want %v", missing, want)
	}
}
