package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/sweep"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// intakeLimit is what the machine may take: API Gateway gives up at 29 seconds,
// and the rest is for the way there and back.
const intakeLimit = 25 * time.Second

func TestLeadIntake_AnswersInTimeOnEveryPath(t *testing.T) {
	t.Parallel()
	m := machines(t)["lead_intake"]
	paths, err := m.paths()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		longest := m.longest(p)
		t.Logf("%4.0f s  %s", longest.Seconds(), strings.Join(p, " > "))
		if longest > intakeLimit {
			t.Errorf("%v: takes %v in the worst case, limit %v", p, longest, intakeLimit)
		}
	}
	if limit := time.Duration(m.TimeoutSeconds) * time.Second; limit == 0 || limit > intakeLimit {
		t.Errorf("TimeoutSeconds: %v, want at most %v", limit, intakeLimit)
	}
}

func TestLeadIntake_TakesThreeLambdaTasksAtMost(t *testing.T) {
	t.Parallel()
	m := machines(t)["lead_intake"]
	paths, err := m.paths()
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for _, p := range paths {
		n := m.lambdaTasks(p)
		most = max(most, n)
		if n > 3 {
			t.Errorf("%v: %d Lambda tasks on the synchronous path", p, n)
		}
	}
	if most == 0 {
		t.Error("no path has a Lambda task: the count does not see them")
	}
}

func TestFibonacciDelivery_HappyPathCostsThreeTransitions(t *testing.T) {
	t.Parallel()
	m := machines(t)["fibonacci_delivery"]
	var path []string
	for name := m.StartAt; name != ""; name = m.States[name].Next {
		if m.States[name] == nil {
			t.Fatalf("no state %q", name)
		}
		path = append(path, name)
	}
	if last := m.States[path[len(path)-1]]; last.Type != "Succeed" {
		t.Fatalf("%v: ends in a %s state", path, last.Type)
	}
	t.Logf("%d billed transitions: start > %s > end", transitions(path), strings.Join(path, " > "))
	if n := transitions(path); n > 3 {
		t.Errorf("%v: %d billed transitions, want at most 3", path, n)
	}
}

// The longest delivery is printed for the runbook: nothing waits for it.
func TestFibonacciDelivery_EndsOnEveryPath(t *testing.T) {
	t.Parallel()
	m := machines(t)["fibonacci_delivery"]
	paths, err := m.paths()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		t.Logf("%4.0f s  %s", m.longest(p).Seconds(), strings.Join(p, " > "))
		if m.longest(p) > time.Hour {
			t.Errorf("%v: may run for %v: a delivery that is not done within the hour must fail and be seen", p, m.longest(p))
		}
	}
}

func TestDeliverWebhook_FinalFailureIsUncaught(t *testing.T) {
	t.Parallel()
	deliver := machines(t)["fibonacci_delivery"].States["Deliver Webhook"]
	if deliver == nil {
		t.Fatal("no state Deliver Webhook")
	}
	// A redrive resumes at a state that failed, never at one whose error was
	// caught: only what owes Fibonacci nothing may be caught.
	for _, c := range deliver.Catch {
		for _, name := range c.ErrorEquals {
			if name != lead.ErrWithheld.Error() {
				t.Errorf("Catch: %q is caught, so a redrive could never send this webhook again", name)
			}
		}
	}
	for i, r := range deliver.Retry {
		for _, name := range r.ErrorEquals {
			if name == "States.ALL" || name == "States.TaskFailed" {
				t.Errorf("Retry %d: %q would send again what Fibonacci has rejected", i, name)
			}
		}
	}
}

func TestDeliverWebhook_IsTriedThreeTimesWithinTheAgreedPauses(t *testing.T) {
	t.Parallel()
	deliver := machines(t)["fibonacci_delivery"].States["Deliver Webhook"]
	for _, err := range []error{lead.ErrFibonacciUnavailable, lead.ErrFibonacciThrottled} {
		r := firstRetrier(deliver, err.Error())
		if r == nil {
			t.Errorf("%v: not retried", err)
			continue
		}
		if r.attempts() != 2 || r.longest() != 25*time.Second {
			t.Errorf("%v: %d retries within %v, want 2 within 25s (5 and 20)", err, r.attempts(), r.longest())
		}
	}
	for _, err := range []error{lead.ErrFibonacciRejected, lead.ErrWithheld} {
		if r := firstRetrier(deliver, err.Error()); r != nil && r.attempts() > 0 {
			t.Errorf("%v: retried %d times, want none", err, r.attempts())
		}
	}
}

// firstRetrier is the retrier that the language would choose for an error.
func firstRetrier(s *state, name string) *retrier {
	for i, r := range s.Retry {
		if slices.Contains(r.ErrorEquals, name) || slices.Contains(r.ErrorEquals, "States.ALL") ||
			(slices.Contains(r.ErrorEquals, "States.TaskFailed") && name != "States.Timeout") {
			return &s.Retry[i]
		}
	}
	return nil
}

func TestStates_SayWhatTheyMean(t *testing.T) {
	t.Parallel()
	for name, m := range machines(t) {
		if m.Comment == "" {
			t.Errorf("%s: no Comment", name)
		}
		for state, s := range m.all() {
			if s.Comment == "" {
				t.Errorf("%s: %s: no Comment", name, state)
			}
			if s.Type == "Task" && s.TimeoutSeconds == 0 {
				t.Errorf("%s: %s: no TimeoutSeconds: a task that hangs would hang its execution", name, state)
			}
		}
	}
}

var integration = regexp.MustCompile(`^arn:aws:states:::(aws-sdk:)?[a-z]+:[A-Za-z]+(\.sync:2)?$`)

func TestStates_HoldNoARNButThoseOfIntegrations(t *testing.T) {
	t.Parallel()
	for name := range machines(t) {
		var doc any
		if err := json.Unmarshal(definition(t, name), &doc); err != nil {
			t.Fatal(err)
		}
		seen := 0
		eachString(doc, func(s string) {
			if !strings.Contains(s, "arn:") {
				return
			}
			seen++
			if !integration.MatchString(s) {
				t.Errorf("%s: %q: an ARN of an account; write a ${Placeholder}", name, s)
			}
		})
		if seen == 0 {
			t.Errorf("%s: no integration found: the search does not see them", name)
		}
	}
}

func eachString(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, e := range v {
			eachString(e, visit)
		}
	case map[string]any:
		for k, e := range v {
			visit(k)
			eachString(e, visit)
		}
	}
}

// The ARN of an execution names its machine, never the alias by which it was started.
// What is started may be an alias; whatever derives names needs the machine itself.
func TestStates_StartByOneARNAndDeriveExecutionsFromTheOther(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`\$\{([A-Za-z]*)Arn\}`)
	derived := 0
	for name := range machines(t) {
		var doc any
		if err := json.Unmarshal(definition(t, name), &doc); err != nil {
			t.Fatal(err)
		}
		eachMember(doc, func(key, value string) {
			found := named.FindStringSubmatch(value)
			if found == nil || key == "FunctionName" {
				return
			}
			machine := strings.HasSuffix(found[1], "Machine")
			if machine {
				derived++
			}
			if started := key == "StateMachineArn"; started == machine {
				t.Errorf("%s: %s: %s: started by the machine's own ARN, or an execution derived from an alias", name, key, value)
			}
		})
	}
	if derived != 2 {
		t.Errorf("%d places derive an execution, want 2: the sweep's and the batch's", derived)
	}
}

// eachMember visits every member whose value is a string.
func eachMember(v any, visit func(key, value string)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			eachMember(e, visit)
		}
	case map[string]any:
		for key, e := range v {
			if s, is := e.(string); is {
				visit(key, s)
				continue
			}
			eachMember(e, visit)
		}
	}
}

// ours says whether an error name is one of our contract and not one of AWS's.
func ours(name string) bool {
	for _, prefix := range []string{"States.", "Lambda.", "StepFunctions.", "Sfn.", "Sandbox.", "Runtime."} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	return true
}

func TestErrorEquals_AndTheErrorsOfTheActivitiesAreTheSame(t *testing.T) {
	t.Parallel()
	declared := map[string]bool{}
	for _, err := range lead.Errors() {
		declared[err.Error()] = true
	}
	matched := map[string]bool{}
	for name, m := range machines(t) {
		for state, s := range m.all() {
			var lists [][]string
			for _, r := range s.Retry {
				lists = append(lists, r.ErrorEquals)
			}
			for _, c := range s.Catch {
				lists = append(lists, c.ErrorEquals)
			}
			for _, e := range slices.Concat(lists...) {
				if !ours(e) {
					continue
				}
				matched[e] = true
				if !declared[e] {
					t.Errorf("%s: %s: matches %q, which no activity returns", name, state, e)
				}
			}
		}
	}
	for e := range declared {
		if !matched[e] {
			t.Errorf("%s: declared, but no state matches it", e)
		}
	}
}

// starts are the states that start a delivery, by machine.
func starts(t *testing.T) map[string]*state {
	t.Helper()
	found := map[string]*state{}
	for name, m := range machines(t) {
		for state, s := range m.all() {
			if strings.HasSuffix(state, "Start Delivery") {
				found[name] = s
			}
		}
	}
	if len(found) != 2 {
		t.Fatalf("%d states start a delivery, want those of lead_intake and delivery_sweep", len(found))
	}
	return found
}

func TestStartDelivery_HandsOnIdsOnly(t *testing.T) {
	t.Parallel()
	for name, start := range starts(t) {
		var arguments struct{ Input map[string]any }
		if err := json.Unmarshal(start.Arguments, &arguments); err != nil {
			t.Fatal(err)
		}
		if keys := slices.Sorted(maps.Keys(arguments.Input)); !slices.Equal(keys, []string{"eventId", "leadId"}) {
			t.Errorf("%s: Input: %v: a Standard history is kept for 90 days and may hold ids only", name, keys)
		}
	}
}

// A repeated start is the first one only under the same name with the same input.
func TestStartDelivery_IsTheSameWhereverItIsMade(t *testing.T) {
	t.Parallel()
	var inputs []string
	for _, start := range starts(t) {
		var arguments struct {
			StateMachineArn string
			Input           json.RawMessage
		}
		if err := json.Unmarshal(start.Arguments, &arguments); err != nil {
			t.Fatal(err)
		}
		var input bytes.Buffer
		if err := json.Compact(&input, arguments.Input); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, arguments.StateMachineArn+" "+input.String())
	}
	if inputs[0] != inputs[1] {
		t.Errorf("one starts %s, the other %s", inputs[0], inputs[1])
	}
}

// Who posts must not see by the time of the answer that a post was held back, and the
// execution that takes that time must have nothing to deliver.
func TestStartNothing_TakesAsLongAsAStartAndDeliversNothing(t *testing.T) {
	t.Parallel()
	states := machines(t)["lead_intake"].States
	start, nothing := states["Start Delivery"], states["Start Nothing"]
	if start.Resource != nothing.Resource || start.Next != nothing.Next || start.TimeoutSeconds != nothing.TimeoutSeconds {
		t.Errorf("one is %s and goes to %s, the other %s to %s", start.Resource, start.Next, nothing.Resource, nothing.Next)
	}
	var arguments struct {
		StateMachineArn, Name string
		Input                 map[string]string
	}
	if err := json.Unmarshal(nothing.Arguments, &arguments); err != nil {
		t.Fatal(err)
	}
	id := arguments.Input["leadId"]
	if arguments.StateMachineArn != "${FibonacciDeliveryArn}" || !strings.HasPrefix(arguments.Name, "{% 'held-' & ") || len(arguments.Input) != 2 ||
		id != "{% $states.input.leadId %}" || arguments.Input["eventId"] != id {
		t.Errorf("arguments %+v", arguments)
	}
}

// takenName are the names under which AWS reports it: prefix, code and Exception;
// some documents leave the last away.
var takenName = []string{"StepFunctions.ExecutionAlreadyExistsException", "StepFunctions.ExecutionAlreadyExists"}

func TestStartDelivery_TakesATakenNameForSuccess(t *testing.T) {
	t.Parallel()
	start := machines(t)["lead_intake"].States["Start Delivery"]
	for _, name := range takenName {
		if r := firstRetrier(start, name); r == nil || r.attempts() != 0 {
			t.Errorf("%s: retried; a taken name stays taken", name)
		}
	}
	last := start.Catch[len(start.Catch)-1]
	if !slices.Contains(last.ErrorEquals, "States.ALL") || last.Next != start.Next {
		t.Errorf("Catch: a failed start must end as the successful one does, in %q", start.Next)
	}
}

func TestDeliverySweep_TakesATakenNameForAQuestion(t *testing.T) {
	t.Parallel()
	start := starts(t)["delivery_sweep"]
	for _, name := range takenName {
		if r := firstRetrier(start, name); r == nil || r.attempts() != 0 {
			t.Errorf("%s: retried; a taken name stays taken", name)
		}
		if c := start.Catch[0]; !slices.Contains(c.ErrorEquals, name) || c.Next != "Describe Delivery" {
			t.Errorf("%s: not caught by a look at the execution that has the name", name)
		}
	}
}

// sweepLimit is what a run may take: an Express execution ends after five minutes,
// and the next sweep begins.
const sweepLimit = 5 * time.Minute

func TestDeliverySweep_IsDoneBeforeTheNextOne(t *testing.T) {
	t.Parallel()
	m := machines(t)["delivery_sweep"]
	paths, err := m.paths()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		longest := m.longest(p)
		t.Logf("%4.0f s  %s", longest.Seconds(), strings.Join(p, " > "))
		if longest > time.Duration(m.TimeoutSeconds)*time.Second {
			t.Errorf("%v: takes %v in the worst case, TimeoutSeconds %d", p, longest, m.TimeoutSeconds)
		}
	}
	if limit := time.Duration(m.TimeoutSeconds) * time.Second; limit == 0 || limit >= sweepLimit {
		t.Errorf("TimeoutSeconds: %v, want less than %v", limit, sweepLimit)
	}
}

// A function call for each of 500 deliveries would be most of what a sweep costs.
func TestDeliverySweep_CallsTwoFunctionsHoweverMuchThereIsToDo(t *testing.T) {
	t.Parallel()
	calls := 0
	for name, s := range machines(t)["delivery_sweep"].all() {
		if !strings.HasSuffix(s.Resource, ":::lambda:invoke") {
			continue
		}
		if calls++; strings.Contains(name, " > ") {
			t.Errorf("%s: a function is called for each delivery", name)
		}
	}
	if calls != 2 {
		t.Errorf("%d states call a function, want 2", calls)
	}
}

// One delivery that cannot be looked into must not end the run of the others.
func TestDeliverySweep_NoItemFailsTheRun(t *testing.T) {
	t.Parallel()
	for name, s := range machines(t)["delivery_sweep"].States["Look Into Each"].ItemProcessor.States {
		if s.Type != "Task" {
			continue
		}
		if len(s.Catch) == 0 || !slices.Contains(s.Catch[len(s.Catch)-1].ErrorEquals, "States.ALL") {
			t.Errorf("%s: some failure is not caught", name)
		}
	}
}

// An intake that is under way starts its delivery itself.
func TestDeliverySweep_LeavesAnIntakeTheTimeItMayTake(t *testing.T) {
	t.Parallel()
	find := regexp.MustCompile(`minimumAgeSeconds : ([0-9]+) %}`).FindSubmatch(definition(t, "delivery_sweep"))
	if find == nil {
		t.Fatal("the default of minimumAgeSeconds is not found")
	}
	age, err := strconv.Atoi(string(find[1]))
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Duration(age) * time.Second; took <= intakeLimit {
		t.Errorf("starts what is due for %v, while lead_intake may take %v", took, intakeLimit)
	}
}

// Findings of a full sweep are the output of a state: 262,144 bytes at most.
func TestDeliverySweep_AFullSweepFitsAPayload(t *testing.T) {
	t.Parallel()
	const quota = 262_144
	var doc struct {
		States map[string]struct {
			ItemProcessor struct {
				States map[string]struct{ Output json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(definition(t, "delivery_sweep"), &doc); err != nil {
		t.Fatal(err)
	}
	output := doc.States["Look Into Each"].ItemProcessor.States["Describe Delivery"].Output
	m, err := asl.Parse(fmt.Appendf(nil, `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:describeExecution","Arguments":{"ExecutionArn":"x"},"End":true,"Output":%s}}}`, output))
	if err != nil {
		t.Fatal(err)
	}
	const lead = "01930000-0000-7000-8000-000000000001"
	arn := "arn:aws:states:ap-southeast-1:123456789012:execution:nigredo-production-fibonacci_delivery:lead-" + lead + "-10"
	input, err := asl.ParseJSON(fmt.Appendf(nil, `{"leadId":%q,"eventId":%q}`, lead, lead))
	if err != nil {
		t.Fatal(err)
	}
	result, err := asl.ParseJSON(fmt.Appendf(nil, `{"ExecutionArn":%q,"Status":"SUCCEEDED","StartDate":"2026-11-21T12:00:00.123Z","StopDate":"2026-11-21T12:00:00.123Z","RedriveCount":100,"Error":%q}`, arn, strings.Repeat("e", 256)))
	if err != nil {
		t.Fatal(err)
	}
	finding, err := m.States["A"].Output.Eval(&asl.Bindings{Input: input, Result: result})
	if err != nil {
		t.Fatal(err)
	}
	size := sweep.Limit * (len(asl.AppendJSON(nil, finding)) + 1)
	t.Logf("%d findings of %d bytes: %d", sweep.Limit, size/sweep.Limit, size)
	if size > quota*95/100 {
		t.Errorf("%d findings have %d bytes, too near to %d", sweep.Limit, size, quota)
	}
}

// A machine answers by itself where no activity does. Such an answer keeps to the
// headers that the gateway maps, and its problem document to its status.
func TestLeadIntake_ItsOwnAnswersAreProblems(t *testing.T) {
	t.Parallel()
	var doc any
	if err := json.Unmarshal(definition(t, "lead_intake"), &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	eachAnswer(t, doc, func(a task.Answer) {
		seen[a.StatusCode] = true
		for name := range a.Headers {
			if !slices.Contains(task.AnswerHeaders(), name) {
				t.Errorf("%d: header %s is not one that the gateway maps", a.StatusCode, name)
			}
		}
		if a.Headers["Content-Type"] != "application/problem+json" || a.Headers["Cache-Control"] != "no-store" {
			t.Errorf("%d: headers %v", a.StatusCode, a.Headers)
		}
		if again := a.StatusCode != http.StatusBadRequest; again != (a.Headers["Retry-After"] != "") {
			t.Errorf("%d: Retry-After %q: whoever may try again must know when", a.StatusCode, a.Headers["Retry-After"])
		}
		var p task.Problem
		decoder := json.NewDecoder(strings.NewReader(a.Body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&p); err != nil || p.Status != a.StatusCode || p.Title != http.StatusText(p.Status) || p.Type == "" || p.Detail == "" {
			t.Errorf("%d: body %s: %v", a.StatusCode, a.Body, err)
		}
	})
	for _, status := range []int{http.StatusBadRequest, http.StatusConflict, http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		if !seen[status] {
			t.Errorf("no answer with status %d found: the search does not see it", status)
		}
	}
}

func eachAnswer(t *testing.T, v any, visit func(task.Answer)) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			eachAnswer(t, e, visit)
		}
	case map[string]any:
		if _, is := v["statusCode"]; !is {
			for _, e := range v {
				eachAnswer(t, e, visit)
			}
			return
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		visit(evaluate(t, raw, "application/json"))
	}
}

// evaluate gives the answer that a machine's own Output makes of a post.
func evaluate(t *testing.T, output []byte, contentType string) task.Answer {
	t.Helper()
	machine, err := asl.Parse(fmt.Appendf(nil, `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed","Output":%s}}}`, output))
	if err != nil {
		t.Fatalf("%s: %v", output, err)
	}
	context, err := asl.ParseJSON(fmt.Appendf(nil, `{"Execution":{"Input":{"contentType":%q}}}`, contentType))
	if err != nil {
		t.Fatal(err)
	}
	value, err := machine.States["A"].Output.Eval(&asl.Bindings{Context: context})
	if err != nil {
		t.Fatalf("%s: %v", output, err)
	}
	var a task.Answer
	if err := json.Unmarshal(asl.AppendJSON(nil, value), &a); err != nil {
		t.Fatalf("%s: %v", output, err)
	}
	return a
}

// Without JavaScript a person reads what the browser gets: a page, not a
// document for programs.
func TestLeadIntake_UnavailableIsAPageForAFormPost(t *testing.T) {
	t.Parallel()
	var doc struct {
		States map[string]struct{ Output json.RawMessage }
	}
	if err := json.Unmarshal(definition(t, "lead_intake"), &doc); err != nil {
		t.Fatal(err)
	}
	a := evaluate(t, doc.States["Unavailable"].Output, "application/x-www-form-urlencoded")
	if a.StatusCode != http.StatusServiceUnavailable || a.Headers["Content-Type"] != "text/html; charset=utf-8" || !strings.HasPrefix(a.Body, "<!doctype html>") {
		t.Errorf("got %d %v %s, want 503 with a page", a.StatusCode, a.Headers, a.Body)
	}
}
