package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// groups are the groups of cases, in the order of the table.
var groups = []string{
	"flow", "choice", "jsonata", "variables", "retry", "catch", "timeouts",
	"map", "parallel", "nested", "redrive", "express", "validation", "api",
}

// testCase is one case file; see the package comment.
type testCase struct {
	group, name string

	Rule     string              `json:"rule"`
	Machine  json.RawMessage     `json:"machine"`
	Type     string              `json:"type"`
	Logging  *logging            `json:"logging"`
	Machines map[string]*machine `json:"machines"`
	Input    json.RawMessage     `json:"input"`
	Tasks    tasks               `json:"tasks"`
	Jitter   []float64           `json:"jitter"`
	Steps    []step              `json:"steps"`
	Want     *want               `json:"want"`
}

type machine struct {
	Definition json.RawMessage `json:"definition"`
	Type       string          `json:"type"`
	Logging    *logging        `json:"logging"`
}

type logging struct {
	Level                string `json:"level"`
	IncludeExecutionData bool   `json:"includeExecutionData"`
}

// tasks are the answers of functions, by the name of the state that calls them.
type tasks map[string][]answer

type answer struct {
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
	Fault  string          `json:"fault"`
	Cause  string          `json:"cause"`
	Raw    *string         `json:"raw"`
	Hang   bool            `json:"hang"`

	Delay duration        `json:"delay"`
	Times int             `json:"times"`
	When  json.RawMessage `json:"when"`
}

type step struct {
	Call    string          `json:"call"`
	With    json.RawMessage `json:"with"`
	Body    *string         `json:"body"`
	Answer  json.RawMessage `json:"answer"`
	Refused *refusal        `json:"refused"`
	At      *duration       `json:"at"`
	After   duration        `json:"after"`
	Tasks   tasks           `json:"tasks"`
}

// refusal is an error of the API.
type refusal struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// want is what comes of an execution, and for main what else there is.
type want struct {
	Refused *refusal `json:"refused"`

	Status   string          `json:"status"`
	Output   json.RawMessage `json:"output"`
	Error    *string         `json:"error"`
	Cause    json.RawMessage `json:"cause"`
	History  []line          `json:"history"`
	Describe json.RawMessage `json:"describe"`

	Executions map[string]*want `json:"executions"`
	Events     json.RawMessage  `json:"events"`
}

type duration time.Duration

// UnmarshalJSON reads what time.ParseDuration reads.
func (d *duration) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(text)
	*d = duration(parsed)
	return err
}

// cases reads the cases of a group.
func cases(t *testing.T, group string) []*testCase {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", group, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out []*testCase
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := readCase(raw)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		c.group, c.name = group, strings.TrimSuffix(filepath.Base(file), ".json")
		out = append(out, c)
	}
	return out
}

// readCase reads a case. A member that no code reads is an error: it would look
// checked.
func readCase(raw []byte) (*testCase, error) {
	raw, err := expand(raw)
	if err != nil {
		return nil, err
	}
	c := &testCase{Type: "STANDARD"}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(c); err != nil {
		return nil, err
	}
	if err := c.complete(); err != nil {
		return nil, err
	}
	return c, nil
}

// complete fills in what a case may leave out and refuses one that could pass without
// saying anything.
func (c *testCase) complete() error {
	if len(c.Rule) < 20 {
		return fmt.Errorf("rule: say which rule this is, and where it stands")
	}
	if c.Machines == nil {
		c.Machines = map[string]*machine{}
	}
	if c.Machine != nil {
		c.Machines["main"] = &machine{Definition: c.Machine, Type: c.Type, Logging: c.Logging}
	}
	for _, m := range c.Machines {
		if m.Type == "" {
			m.Type = "STANDARD"
		}
		if m.Logging == nil && m.Type == "EXPRESS" {
			m.Logging = &logging{Level: "ALL", IncludeExecutionData: true}
		}
	}
	if c.Input == nil {
		c.Input = json.RawMessage("{}")
	}
	if len(c.Steps) == 0 && (c.Want == nil || c.Want.Refused == nil) {
		c.Steps = []step{{Call: "StartExecution"}}
		if c.Type == "EXPRESS" {
			c.Steps[0].Call = "StartSyncExecution"
		}
	}
	if err := c.Tasks.complete(); err != nil {
		return err
	}
	return c.says()
}

// says refuses a case without an expectation.
func (c *testCase) says() error {
	answered := 0
	for i := range c.Steps {
		s := &c.Steps[i]
		if err := s.Tasks.complete(); err != nil {
			return err
		}
		if s.Call == "" || (s.Answer != nil && s.Refused != nil) || (s.With != nil && s.Body != nil) {
			return fmt.Errorf("step %d: want call, one of with and body, one of answer and refused", i+1)
		}
		if s.Answer != nil || s.Refused != nil {
			answered++
		}
	}
	switch {
	case c.Want == nil && answered == 0:
		return fmt.Errorf("want: say what comes of it")
	case c.Want == nil, c.Want.Refused != nil:
		return nil
	}
	wants := []*want{c.Want}
	for _, w := range c.Want.Executions {
		wants = append(wants, w)
	}
	for _, w := range wants {
		// An Express execution may log nothing.
		if w.Status == "" || w.History == nil {
			return fmt.Errorf("want: status and history are needed")
		}
	}
	return nil
}

func (ts tasks) complete() error {
	for state, answers := range ts {
		for i := range answers {
			a := &answers[i]
			ways := 0
			for _, set := range []bool{a.Result != nil, a.Error != "", a.Fault != "", a.Raw != nil, a.Hang} {
				if set {
					ways++
				}
			}
			if ways != 1 {
				return fmt.Errorf("tasks: %s, answer %d: want one of result, error, fault, raw, hang", state, i+1)
			}
			a.Times = max(a.Times, 1)
		}
	}
	return nil
}

func TestCases_FillEveryGroup(t *testing.T) {
	t.Parallel()
	const least = 200
	total := 0
	for _, group := range groups {
		n := len(cases(t, group))
		if n == 0 {
			t.Errorf("%s: no case", group)
		}
		total += n
	}
	if total < least {
		t.Errorf("%d cases, want at least %d", total, least)
	}
	dirs, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if !slices.Contains(groups, dir.Name()) {
			t.Errorf("testdata/%s: no group of this name is run", dir.Name())
		}
	}
}

func TestReadCase_RefusesWhatSaysNothing(t *testing.T) {
	t.Parallel()
	const rule = `"rule":"Developer Guide, Pass workflow state", `
	for _, text := range []string{
		`{"machine":{},"want":{"status":"SUCCEEDED","history":[]}}`,
		`{` + rule + `"machine":{}}`,
		`{` + rule + `"machine":{},"want":{"status":"SUCCEEDED"}}`,
		`{` + rule + `"machine":{},"want":{"history":[]}}`,
		`{` + rule + `"machine":{},"want":{"status":"SUCCEEDED","history":[],"executions":{"arn":{"status":"FAILED"}}}}`,
		`{` + rule + `"machine":{},"steps":[{"call":"StopExecution"}]}`,
		`{` + rule + `"machine":{},"steps":[{"answer":{}}]}`,
		`{` + rule + `"machine":{},"steps":[{"call":"StopExecution","answer":{},"refused":{"type":"InvalidArn"}}]}`,
		`{` + rule + `"machine":{},"steps":[{"call":"StopExecution","with":{},"body":"{","answer":{}}]}`,
		`{` + rule + `"machine":{},"tasks":{"A":[{}]},"want":{"status":"SUCCEEDED","history":[]}}`,
		`{` + rule + `"machine":{},"tasks":{"A":[{"result":1,"error":"E"}]},"want":{"status":"SUCCEEDED","history":[]}}`,
		`{` + rule + `"machine":{},"wanted":{},"want":{"status":"SUCCEEDED","history":[]}}`,
		`{` + rule + `"machine":{},"want":{"status":"SUCCEEDED","history":[["one 0 ExecutionStarted"]]}}`,
	} {
		if _, err := readCase([]byte(text)); err == nil {
			t.Errorf("taken: %s", text)
		}
	}
}
