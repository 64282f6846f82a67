package states

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestSchedules_StartMachinesOfThisFolder(t *testing.T) {
	t.Parallel()
	schedules, err := Schedules()
	if err != nil {
		t.Fatal(err)
	}
	if len(schedules) == 0 {
		t.Fatal("no schedule: nobody sweeps")
	}
	names := map[string]bool{}
	for _, s := range schedules {
		if s.Name == "" || names[s.Name] || s.Expression == "" {
			t.Errorf("schedule %+v: want a name of its own and an expression", s)
		}
		names[s.Name] = true
		if !slices.ContainsFunc(Machines(), func(m Machine) bool { return m.Name == s.Machine }) {
			t.Errorf("%s starts %q, which is no machine", s.Name, s.Machine)
		}
		for _, template := range []Template{s.Input, s.AtStart} {
			if template == nil {
				continue
			}
			var input map[string]any
			if err := json.Unmarshal([]byte(template.At("2026-11-21T12:00:00Z")), &input); err != nil {
				t.Errorf("%s: input: %v", s.Name, err)
			}
			if input["scheduledTime"] != "2026-11-21T12:00:00Z" {
				t.Errorf("%s: input %v does not say when it was due", s.Name, input)
			}
		}
	}
}
