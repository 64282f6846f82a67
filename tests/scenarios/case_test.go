package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/states"
)

// scenario is one case file.
type scenario struct {
	name string

	About string          `json:"about"`
	Input json.RawMessage `json:"input"`
	// Jitter is what the engine draws for every pause with full jitter.
	Jitter float64 `json:"jitter"`
	run
	// Redrives follow one another once the execution has failed.
	Redrives []run `json:"redrives"`
}

// run is a start or a redrive: what the tasks answer, attempt by attempt, and what
// must come of it.
type run struct {
	Tasks  map[string][]attempt `json:"tasks"`
	Expect outcome              `json:"expect"`
}

// attempt is one call of a task. Exactly one of Result, Error, CallError and Hangs
// says how it ends.
type attempt struct {
	// Given is what the task must be called with; ${execution}, ${startedAt} and
	// ${delivery} stand for what only the run knows.
	Given json.RawMessage `json:"given"`

	Result json.RawMessage `json:"result"`

	Error   string `json:"error"` // the function answers an error of this type
	Message string `json:"message"`

	CallError string `json:"callError"` // the call itself fails under this name
	Cause     string `json:"cause"`

	Hangs bool `json:"hangs"` // until the state's timeout
}

// failure is the name under which the machine sees the attempt fail; empty when it
// succeeds.
func (a attempt) failure() string {
	switch {
	case a.Hangs:
		return "States.Timeout"
	case a.CallError != "":
		return a.CallError
	}
	return a.Error
}

// cause is the text that comes with the failure: the whole answer of a function,
// the message of a failed call, nothing for a timeout.
func (a attempt) cause() string {
	if a.Error != "" {
		return fmt.Sprintf(`{"errorMessage":%q,"errorType":%q}`, a.Message, a.Error)
	}
	return a.Cause
}

type outcome struct {
	Path   []string        `json:"path"` // of the whole execution so far
	Status string          `json:"status"`
	Output json.RawMessage `json:"output"`
	Error  string          `json:"error"`
	Cause  string          `json:"cause"`
	// RedriveStatus is set for Standard machines.
	RedriveStatus string `json:"redriveStatus"`
	// History is what this run adds: "id previous +seconds type [state]", the
	// seconds since the run began.
	History []line `json:"history"`
}

// line is one event as a case file writes it.
type line struct {
	id, previous int64
	after        time.Duration
	kind, state  string
}

func (l line) String() string {
	text := fmt.Sprintf("%d %d +%gs %s", l.id, l.previous, l.after.Seconds(), l.kind)
	if l.state != "" {
		text += " " + l.state
	}
	return text
}

// UnmarshalJSON reads the text form; it refuses what String would not write.
func (l *line) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	parts := strings.SplitN(text, " ", 5)
	if len(parts) < 4 {
		return fmt.Errorf("event %q: want id, previous id, time and type", text)
	}
	var err error
	if l.id, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
		return fmt.Errorf("event %q: %w", text, err)
	}
	if l.previous, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
		return fmt.Errorf("event %q: %w", text, err)
	}
	if l.after, err = time.ParseDuration(strings.TrimPrefix(parts[2], "+")); err != nil {
		return fmt.Errorf("event %q: %w", text, err)
	}
	l.kind = parts[3]
	if len(parts) == 5 {
		l.state = parts[4]
	}
	if l.String() != text {
		return fmt.Errorf("event %q: write %q", text, l)
	}
	return nil
}

// written lists the machines that have case files. Those of a campaign loop until
// their books say that they are done: package campaign runs them against the books,
// and holds them to every edge in its own way.
func written() []states.Machine {
	return slices.DeleteFunc(states.Machines(), func(m states.Machine) bool {
		return m.Name == "redrive_campaign" || m.Name == "redrive_batch"
	})
}

// scenarios reads the cases of a machine. A member that no test reads is an error:
// it would look checked.
func scenarios(t *testing.T, machine string) []scenario {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", machine, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out []scenario
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := scenario{name: strings.TrimSuffix(filepath.Base(file), ".json"), Jitter: 0.5}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := s.check(); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		t.Fatalf("testdata/%s: no case", machine)
	}
	return out
}

// check refuses a case that could pass without saying anything.
func (s *scenario) check() error {
	if s.About == "" {
		return fmt.Errorf("about: say which path this is")
	}
	for _, r := range append([]run{s.run}, s.Redrives...) {
		if len(r.Expect.Path) == 0 || len(r.Expect.History) == 0 || r.Expect.Status == "" {
			return fmt.Errorf("expect: path, status and history are needed")
		}
		for state, attempts := range r.Tasks {
			for i, a := range attempts {
				ends := 0
				for _, set := range []bool{a.Result != nil, a.Error != "", a.CallError != "", a.Hangs} {
					if set {
						ends++
					}
				}
				if ends != 1 || a.Given == nil {
					return fmt.Errorf("%s, attempt %d: want given and one of result, error, callError, hangs", state, i)
				}
			}
		}
	}
	return nil
}

func TestLine_ReadsOnlyWhatItWrites(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"1 0 +0s ExecutionStarted", "12 11 +25s TaskScheduled", "7 6 +1.5s ChoiceStateEntered Valid?", "9 8 +0s TaskStateEntered Check Rate Limit",
	} {
		var l line
		if err := l.UnmarshalJSON([]byte(strconv.Quote(text))); err != nil || l.String() != text {
			t.Errorf("%q: %q, %v", text, l, err)
		}
	}
	for _, text := range []string{"", "1 0 ExecutionStarted", "1 0 0s ExecutionStarted", "1 0 +60000ms ExecutionStarted", "a 0 +0s X", "1  0 +0s X"} {
		var l line
		if err := l.UnmarshalJSON([]byte(strconv.Quote(text))); err == nil {
			t.Errorf("%q: read as %q", text, l)
		}
	}
}
