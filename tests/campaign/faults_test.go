package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/states"
	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/asl"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// faults are the failures that a test orders, by state; each is used once.
type faults struct {
	mu    sync.Mutex
	names map[string][]string
}

func (f *faults) order(state string, names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names == nil {
		f.names = map[string][]string{}
	}
	f.names[state] = append(f.names[state], names...)
}

// next is the failure of this call, "" for none. Ordered for one lead is what is
// ordered for the state and the name of its execution.
func (f *faults) next(keys ...string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		if list := f.names[key]; len(list) > 0 {
			f.names[key] = list[1:]
			return list[0]
		}
	}
	return ""
}

// call is an integration that fails as ordered and otherwise asks the engine's API,
// as the built-in one does.
type call struct {
	stage  *stage
	prefix string // of the errors of the service
	ask    func(ctx context.Context, arguments map[string]any) (any, error)
}

// Run implements engine.Integration.
func (c call) Run(ctx context.Context, task engine.TaskCall) (any, error) {
	var arguments map[string]any
	if err := json.Unmarshal(asl.AppendJSON(nil, task.Arguments), &arguments); err != nil {
		return nil, err
	}
	subject := fmt.Sprint(arguments["Name"])
	if arn, ok := arguments["ExecutionArn"].(string); ok {
		subject = arn[strings.LastIndex(arn, ":")+1:]
	}
	ordered := c.stage.faults.next(task.State+" "+subject, task.State)
	if ordered != "" && ordered != taken {
		return nil, &engine.TaskError{Name: ordered, Cause: "ordered"}
	}
	out, err := c.ask(ctx, arguments)
	if ordered != "" && err == nil { // the first answer got lost
		return nil, &engine.TaskError{Name: ordered, Cause: "ordered"}
	}
	var refused *engine.APIError
	if errors.As(err, &refused) {
		return nil, &engine.TaskError{Name: c.prefix + refused.Type + "Exception", Cause: refused.Message}
	}
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return asl.ParseJSON(string(raw))
}

// taken is the error of a name that is in use.
const taken = "StepFunctions.ExecutionAlreadyExistsException"

// faulty are the calls of Step Functions that a campaign makes.
func (s *stage) faulty() map[string]engine.Integration {
	return map[string]engine.Integration{
		"arn:aws:states:::aws-sdk:sfn:redriveExecution": call{s, "Sfn.", func(ctx context.Context, in map[string]any) (any, error) {
			_, err := s.RedriveExecution(ctx, engine.RedriveInput{ExecutionARN: in["ExecutionArn"].(string), ClientToken: in["ClientToken"].(string)})
			return map[string]any{}, err
		}},
		"arn:aws:states:::aws-sdk:sfn:describeExecution": call{s, "Sfn.", func(ctx context.Context, in map[string]any) (any, error) {
			x, err := s.DescribeExecution(ctx, engine.DescribeInput{ExecutionARN: in["ExecutionArn"].(string)})
			return map[string]any{"Status": x.Status}, err
		}},
		enginetest.StartExecutionResource: call{s, "StepFunctions.", func(ctx context.Context, in map[string]any) (any, error) {
			input, err := json.Marshal(in["Input"])
			if err != nil {
				return nil, err
			}
			out, err := s.StartExecution(ctx, engine.StartInput{StateMachineARN: in["StateMachineArn"].(string), Name: in["Name"].(string), Input: string(input)})
			return map[string]any{"ExecutionArn": out.ExecutionARN}, err
		}},
	}
}

// Whatever a call of the two machines can answer is answered here once, and every
// state, retrier, catcher and choice of theirs is gone through.
func TestCampaign_GoesThroughEveryEdgeOfItsMachines(t *testing.T) {
	t.Parallel()
	const leads = 430 // batches of ten leads, and a part hands over after twenty of them
	url, now := testdb.URL(t), time.Now()
	synctest.Test(t, func(t *testing.T) {
		s := newFaultyStage(t, url, now)
		s.books(t, leads)
		s.fail(t, 1)
		for _, state := range []string{"List Leads", "Choose Batch", "Take Wave", "Settle", "Report"} {
			s.faults.order(state, "Lambda.ServiceException")
		}
		s.faults.order("Settle", "Test.Broken") // the batch breaks off
		s.faults.order("Hand Over", "StepFunctions.SdkClientException", taken)
		s.faults.order("Redrive Execution", "Sfn.SdkClientException")
		s.faults.order("Start Execution", "StepFunctions.SdkClientException")
		s.faults.order("Describe Execution", "Sfn.SdkClientException")

		names := s.names(t, 23)
		// The last lead of the second batch takes longer than the pause between waves.
		slow, attempts := names[14], 0
		s.setEnds(func(id lead.ID) error {
			if "lead-"+id.String() != slow {
				return nil
			}
			if attempts++; attempts > 6 {
				return nil
			}
			return lead.ErrDatabaseUnavailable
		})
		names = names[15:] // of the third batch: the parts change during the first
		const refused, vanished, broken = "Sfn.ExecutionNotRedrivableException", "Sfn.ExecutionDoesNotExistException", "Sfn.SfnException"
		always := []string{broken, broken, broken, broken, broken}
		s.faults.order("Redrive Execution "+names[0], vanished)
		s.faults.order("Describe Execution "+names[0], vanished)
		s.faults.order("Redrive Execution "+names[1], refused) // and it has failed: a fresh one
		s.faults.order("Redrive Execution "+names[2], refused)
		s.faults.order("Start Execution "+names[2]+"-2", taken)
		s.faults.order("Redrive Execution "+names[3], refused)
		s.faults.order("Start Execution "+names[3]+"-2", always...)
		s.faults.order("Redrive Execution "+names[4], refused)
		s.faults.order("Describe Execution "+names[4], always...)
		s.faults.order("Redrive Execution "+names[5], always...)
		s.old(t, names[7])

		c := s.start(t, lead.NewCampaign{Canary: 5, RatePerMinute: 1, StopShare: 1})
		time.Sleep(time.Minute)
		if _, ok, err := s.PauseCampaign(t.Context(), c.ID, "engineer"); err != nil || !ok {
			t.Fatal(ok, err)
		}
		s.ended(t, c, 1)
		for range 2 { // the second is resumed over the first
			resumed, ok, err := s.ResumeCampaign(t.Context(), c.ID, "engineer")
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			s.startPart(t, resumed)
		}
		s.reached(t, c.ID, 21) // the next is taken in a minute
		s.deaf(t, `SELECT id FROM nigredo.leads WHERE 'lead-' || id = '`+names[6]+`'`)
		c = s.finished(t, c.ID)
		if c.Status != lead.CampaignCompleted || c.Counts != (lead.CampaignCounts{Total: leads, Delivered: leads - 4, Failed: 3, Skipped: 1}) || c.Part != 5 {
			t.Errorf("campaign %+v", c)
		}

		for _, machine := range []string{"redrive_campaign", "redrive_batch"} {
			m := readMachine(t, machine)
			through := map[string]bool{}
			s.executions(t, machine, func(arn string) {
				s.conforms(t, machine, arn)
				for _, edge := range m.takes(t, enginetest.History(t.Context(), t, s.Engine, arn)) {
					through[edge] = true
				}
			})
			missing := slices.DeleteFunc(m.edges(), func(edge string) bool { return through[edge] })
			t.Logf("%s: %d edges, %d not taken", machine, len(m.edges()), len(missing))
			if len(missing) > 0 {
				t.Errorf("%s: nothing goes through\n\t%s", machine, strings.Join(missing, "\n\t"))
			}
		}
	})
}

// machine is a machine file as far as its edges go, the states of a Map among the
// others; decoded here and not by the parser under test.
type machine map[string]*state

type state struct {
	Type, Next, Default string

	End           bool
	Retry         []struct{ ErrorEquals []string }
	Catch         []struct{ ErrorEquals []string }
	Choices       []struct{ Next string }
	ItemProcessor struct{ States machine }
}

func readMachine(t *testing.T, name string) machine {
	t.Helper()
	definition, err := states.Definition(name)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ States machine }
	if err := json.Unmarshal([]byte(definition), &file); err != nil {
		t.Fatal(err)
	}
	all := machine{}
	for name, s := range file.States {
		all[name] = s
		for inner, s := range s.ItemProcessor.States {
			all[inner] = s
		}
	}
	return all
}

// edges lists every state, and every way to leave it.
func (m machine) edges() []string {
	var out []string
	for name, s := range m {
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

// takes reads the edges of one execution out of its history.
func (m machine) takes(t *testing.T, events []engine.Event) []string {
	t.Helper()
	within := map[int64]string{} // the state in which an event is
	kinds := map[int64]string{}
	failed := map[int64]string{} // errors of tasks
	var out []string
	for _, event := range events {
		var details struct{ Name, Error string }
		if len(event.Details) > 0 {
			if err := json.Unmarshal(event.Details, &details); err != nil {
				t.Fatal(err)
			}
		}
		kinds[event.ID] = event.Type
		within[event.ID] = within[event.PreviousID]
		from := within[event.PreviousID]
		switch {
		case strings.HasSuffix(event.Type, "StateEntered"):
			within[event.ID] = details.Name
			out = append(out, details.Name)
			if kinds[event.PreviousID] == "ChoiceStateExited" {
				out = append(out, from+"/"+m[from].chosen(details.Name))
			}
		case event.Type == "TaskFailed":
			failed[event.ID] = details.Error
			if i := matching(m[from].Retry, details.Error); i >= 0 {
				out = append(out, fmt.Sprintf("%s/Retry/%d", from, i))
			}
		case event.Type == "TaskStateExited" && failed[event.PreviousID] != "":
			out = append(out, fmt.Sprintf("%s/Catch/%d", from, matching(m[from].Catch, failed[event.PreviousID])))
		case event.Type == "TaskStateExited":
			out = append(out, from+"/Next")
		}
	}
	return out
}

func (s *state) chosen(next string) string {
	for i, choice := range s.Choices {
		if choice.Next == next {
			return fmt.Sprintf("Choices/%d", i)
		}
	}
	return "Default"
}

// matching is the first that names the error, or names all; -1: none.
func matching(list []struct{ ErrorEquals []string }, name string) int {
	return slices.IndexFunc(list, func(entry struct{ ErrorEquals []string }) bool {
		return slices.Contains(entry.ErrorEquals, name) || slices.Contains(entry.ErrorEquals, "States.ALL")
	})
}
