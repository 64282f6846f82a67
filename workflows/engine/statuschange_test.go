package engine_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

func statuses(t *testing.T, changes []engine.StatusChange) []string {
	t.Helper()
	var out []string
	for _, change := range changes {
		var event struct {
			Detail struct{ Status string } `json:"detail"`
		}
		if err := json.Unmarshal(change.Body, &event); err != nil {
			t.Fatal(err)
		}
		out = append(out, event.Detail.Status)
	}
	return out
}

// As in a recording of AWS: every field is there, null when empty; dates in milliseconds.
func TestStatusChange_Shape(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Error: "E", Cause: "no", Delay: 1500 * time.Millisecond}, {Result: "1"}}})
		arn := b.start(t, b.create(t, "machine", engine.Standard, lambda("")), "x", `{"id":1}`)
		b.settle(t, arn)
		again := redrive(t, b, arn, "").RedriveDate
		b.settle(t, arn)
		synctest.Wait()
		changes := b.bus.changes()
		if got, want := statuses(t, changes), []string{"RUNNING", "FAILED", "RUNNING", "SUCCEEDED"}; !slices.Equal(got, want) {
			t.Fatalf("statuses: got %v, want %v", got, want)
		}
		head := func(i int, at string) string {
			return `{"version":"0","id":"` + changes[i].ID + `","detail-type":"Step Functions Execution Status Change","source":"aws.states","account":"000000000000","time":"` + at +
				`","region":"us-east-1","resources":["` + arn + `"],"detail":{"executionArn":"` + arn + `","stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:machine","name":"x",`
		}
		const in = `"startDate":946684800000,`
		const versions = `"stateMachineVersionArn":null,"stateMachineAliasArn":null,`
		for i, want := range []string{
			head(0, "2000-01-01T00:00:00Z") + `"status":"RUNNING",` + in + `"stopDate":null,"input":"{\"id\":1}","output":null,` + versions +
				`"redriveCount":0,"redriveDate":null,"redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is RUNNING and cannot be redriven","inputDetails":{"included":true},"outputDetails":null,"error":null,"cause":null}}`,
			head(1, "2000-01-01T00:00:01Z") + `"status":"FAILED",` + in + `"stopDate":946684801500,"input":"{\"id\":1}","output":null,` + versions +
				`"redriveCount":0,"redriveDate":null,"redriveStatus":"REDRIVABLE","redriveStatusReason":null,"inputDetails":{"included":true},"outputDetails":null,"error":"E","cause":"{\"errorMessage\":\"no\",\"errorType\":\"E\"}"}}`,
			head(2, again.Format(time.RFC3339)) + `"status":"RUNNING",` + in + `"stopDate":null,"input":"{\"id\":1}","output":null,` + versions +
				`"redriveCount":1,"redriveDate":` + millis(again) + `,"redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is RUNNING and cannot be redriven","inputDetails":{"included":true},"outputDetails":null,"error":null,"cause":null}}`,
			head(3, again.Format(time.RFC3339)) + `"status":"SUCCEEDED",` + in + `"stopDate":` + millis(again) + `,"input":"{\"id\":1}","output":"1",` + versions +
				`"redriveCount":1,"redriveDate":` + millis(again) + `,"redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","inputDetails":{"included":true},"outputDetails":{"included":true},"error":null,"cause":null}}`,
		} {
			if got := string(changes[i].Body); got != want {
				t.Errorf("change %d:\n got %s\nwant %s", i, got, want)
			}
		}
		left, err := b.store.Changes(t.Context(), 0, 10)
		if err != nil || len(left) != 0 {
			t.Errorf("left in the outbox: %v, %v", left, err)
		}
	})
}

func millis(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

// detailOf reads the newest change's detail, the executions' own fields aside.
func detailOf(t *testing.T, b *testBundle) string {
	t.Helper()
	synctest.Wait()
	changes := b.bus.changes()
	var event struct {
		Detail map[string]json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(changes[len(changes)-1].Body, &event); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, key := range []string{"status", "input", "inputDetails", "output", "outputDetails", "error", "cause"} {
		value := string(event.Detail[key])
		if len(value) > 100 {
			value = "long"
		}
		out.WriteString(key + " " + value + " ")
	}
	return strings.TrimSpace(out.String())
}

// A stop tells its error and cause; a timeout, as in a recording, neither. Beyond 248 KiB
// input and output are left out, both of them.
func TestStatusChange_OtherEnds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		slow := b.create(t, "slow", engine.Standard, strings.Replace(states(waits), `"StartAt"`, `"TimeoutSeconds": 9, "StartAt"`, 1))
		arn := b.start(t, slow, "stopped", "")
		name, cause := "E", "why"
		if _, err := b.StopExecution(t.Context(), engine.StopInput{ExecutionARN: arn, Error: &name, Cause: &cause}); err != nil {
			t.Fatal(err)
		}
		if got, want := detailOf(t, b), `status "ABORTED" input "{}" inputDetails {"included":true} output null outputDetails null error "E" cause "why"`; got != want {
			t.Errorf("stopped:\n got %s\nwant %s", got, want)
		}
		b.settle(t, b.start(t, slow, "late", ""))
		if got, want := detailOf(t, b), `status "TIMED_OUT" input "{}" inputDetails {"included":true} output null outputDetails null error null cause null`; got != want {
			t.Errorf("timed out:\n got %s\nwant %s", got, want)
		}
		passing := b.create(t, "passing", engine.Standard, states(`"A": {"Type": "Succeed"}`))
		const limit = 248 * 1024
		for size, want := range map[int]string{
			limit / 2:   `status "SUCCEEDED" input long inputDetails {"included":true} output long outputDetails {"included":true} error null cause null`,
			limit/2 + 1: `status "SUCCEEDED" input null inputDetails {"included":false} output null outputDetails {"included":false} error null cause null`,
		} {
			b.settle(t, b.start(t, passing, strconv.Itoa(size), `"`+strings.Repeat("x", size-2)+`"`))
			if got := detailOf(t, b); got != want {
				t.Errorf("input and output of %d bytes:\n got %s\nwant %s", size, got, want)
			}
		}
	})
}

// One execution's changes come in order; a slow one does not hold up another's.
func TestStatusChange_ExecutionsArePublishedSideBySide(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		gate, fast := make(chan struct{}), make(chan struct{})
		b.bus.before = func(change engine.StatusChange) {
			status := statuses(t, []engine.StatusChange{change})[0]
			switch change.ARN {
			case arnBase + "execution:machine:gate":
				<-gate // until the changes of the others lie in one page
			case arnBase + "execution:machine:slow":
				<-fast
			case arnBase + "execution:machine:fast":
				if status == "SUCCEEDED" {
					close(fast)
				}
			}
		}
		machine := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Succeed"}`))
		for _, name := range []string{"gate", "slow", "fast"} {
			b.settle(t, b.start(t, machine, name, "{}"))
		}
		close(gate)
		synctest.Wait()
		byExecution := map[string][]engine.StatusChange{}
		for _, change := range b.bus.changes() {
			byExecution[change.ARN] = append(byExecution[change.ARN], change)
		}
		for arn, changes := range byExecution {
			if got, want := statuses(t, changes), []string{"RUNNING", "SUCCEEDED"}; !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", arn, got, want)
			}
		}
		if len(byExecution) != 3 {
			t.Errorf("changes of %d executions, want 3", len(byExecution))
		}
	})
}

// A change that the bus refuses does not hold up the others and comes again, after
// pauses that grow.
func TestStatusChange_RefusedIsRepeated(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		var tries []time.Duration
		began := time.Now()
		b.bus.refuse = func(change engine.StatusChange) error {
			if change.ARN == arnBase+"execution:machine:first" && statuses(t, []engine.StatusChange{change})[0] == "RUNNING" && len(tries) < 5 {
				tries = append(tries, time.Since(began))
				return errors.New("bus is away")
			}
			return nil
		}
		machine := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Succeed"}`))
		b.start(t, machine, "first", "")
		b.start(t, machine, "second", "")
		synctest.Wait()
		// Those of different executions come in no order.
		got := statuses(t, b.bus.changes())
		slices.Sort(got)
		if want := []string{"RUNNING", "SUCCEEDED", "SUCCEEDED"}; !slices.Equal(got, want) {
			t.Errorf("taken at once: got %v, want %v", got, want)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := statuses(t, b.bus.changes()); len(got) != 4 || got[3] != "RUNNING" {
			t.Errorf("taken in the end: got %v, want the refused RUNNING last", got)
		}
		for i := 2; i < len(tries); i++ {
			if tries[i]-tries[i-1] <= tries[i-1]-tries[i-2] {
				t.Errorf("pauses do not grow: tries at %v", tries)
			}
		}
	})
}

// A crash between the write and the publication loses nothing: the next engine
// publishes what is left. The same change may come twice, under the same id.
func TestStatusChange_SurvivesACrash(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := setup(t, nil)
		first.bus.refuse = func(engine.StatusChange) error { return errors.New("bus is away") }
		first.start(t, first.create(t, "machine", engine.Standard, states(waits)), "x", "")
		synctest.Wait()
		if first.bus.offered == 0 {
			t.Fatal("nothing was offered to the bus")
		}
		first.kill()
		second := startOn(t, first.store, enginetest.NewScript(nil), &bus{})
		synctest.Wait()
		if got := statuses(t, second.bus.changes()); !slices.Equal(got, []string{"RUNNING"}) {
			t.Errorf("published after the crash: got %v, want RUNNING", got)
		}
	})
}
