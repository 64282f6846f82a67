package engine

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// plan is a small machine and all that happens to an execution of it: what its tasks
// answer and when, when it is stopped, how often it is redriven. It is made of any
// bytes: the same bytes give the same plan, and none at all the simplest one.
type plan struct {
	definition string
	input      string
	jobs       bool // it has a task of the pattern "Run a Job", which Express has not
	// answer is what tasks answer, as respond does; nil: it goes by seed and moods.
	answer func(call) (result any, fault *failure, after time.Duration, ok bool)
	seed   uint64
	moods  map[string]mood // of tasks, by state
	// stops are the times after which the first run and each redriven one is stopped;
	// zero: it is not.
	stops [maxRedrives + 1]time.Duration
	// apart keeps answers apart in time, for drivers that take them in the order in which
	// they come.
	apart bool
	// redrives are how often a closed execution is redriven.
	redrives int
}

const maxRedrives = 3

// mood is how a task answers.
type mood int

const (
	prompt mood = iota // at once, with a result
	slow               // with a result, some seconds later
	flaky              // now this, now that
	broken             // with errors, until a redrive
	deaf               // never, every other time
	moods
)

// dice are bytes to draw from. Where they have run out, everything is the first of
// its kind.
type dice []byte

func (d *dice) roll(n int) int {
	if len(*d) == 0 {
		return 0
	}
	face := int((*d)[0])
	*d = (*d)[1:]
	return face % n
}

// rarely is true once in n times.
func (d *dice) rarely(n int) bool { return d.roll(n) == n-1 }

func pick[T any](d *dice, from ...T) T { return from[d.roll(len(from))] }

// newPlan reads a plan from bytes.
func newPlan(faces []byte) *plan {
	d := dice(faces)
	p := &plan{moods: map[string]mood{}}
	hash := fnv.New64a()
	_, _ = hash.Write(faces)
	p.seed = hash.Sum64()
	for i := range p.stops {
		if d.rarely(4) {
			p.stops[i] = time.Duration(1+d.roll(40)) * 500 * time.Millisecond
		}
	}
	p.redrives = d.roll(maxRedrives + 1)
	p.input = pick(&d, `{}`, `{"a":[3,1,2]}`, `["x","y"]`, `[]`, `null`, `"text"`, ` {"a":{"a":1},"b":2} `)
	b := builder{dice: &d, plan: p}
	definition := b.flow(3, nil)
	definition["QueryLanguage"] = "JSONata"
	if d.rarely(5) {
		definition["TimeoutSeconds"] = 1 + d.roll(60)
	}
	text, err := json.Marshal(definition)
	if err != nil { // literals only
		panic(err)
	}
	p.definition = string(text)
	return p
}

// String is the plan for whoever must find out what it meets.
func (p *plan) String() string {
	return fmt.Sprintf("%s\ninput %s, moods %v, stops %v, redrives %d", p.definition, p.input, p.moods, p.stops, p.redrives)
}

// respond answers what a call gets and how long after the attempt began; false:
// nothing, ever. It goes by the attempt, so that a repeated one gets the same.
func (p *plan) respond(c call) (result any, fault *failure, after time.Duration, ok bool) {
	if p.answer != nil {
		return p.answer(c)
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(c.State + strconv.FormatInt(c.ID, 10) + strconv.FormatBool(c.submitted != nil)))
	chance := (hash.Sum64() ^ p.seed) >> 7
	draw := func(n uint64) uint64 {
		drawn := chance % n
		chance /= n
		return drawn
	}
	mood := p.moods[c.State]
	if mood != prompt {
		after = time.Duration(draw(9)) * 700 * time.Millisecond
	}
	if p.apart {
		after += time.Duration(c.ID) * time.Millisecond
	}
	fails := false
	switch mood {
	case flaky:
		fails = draw(2) == 0
	case broken:
		fails = c.RedriveCount == 0 && draw(8) != 0
	case deaf:
		if draw(2) == 0 {
			return nil, nil, 0, false
		}
	}
	if fails {
		f := failing([]string{"E1", "E2", errorTimeout, errorTaskFailed, errorRuntime, "Lambda.Unknown"}[draw(6)%(1+draw(6))], "cause")
		return nil, &f, after, true
	}
	object := asl.NewObject(1)
	object.Set("a", []any{1.0, "two", nil})
	results := []any{"text", 7.0, nil, object, []any{true, object}, tooLong}
	return results[draw(6)%(1+draw(6))], nil, after, true
}

// tooLong is one byte more than a result may have.
var tooLong = strings.Repeat("x", payloadLimit-1) //nolint:gochecknoglobals // a constant

// builder writes a definition.
type builder struct {
	*dice
	plan   *plan
	states int
	scopes int
}

type object = map[string]any

// maxStates bounds a machine: beyond it every flow has one Pass.
const maxStates = 16

// scope is what a flow assigns, and may have been assigned around it.
type scope struct {
	name string
	vars []string
	loop int
}

// flow writes states that lead one to the next. Depth bounds the flows in flows.
func (b *builder) flow(depth int, outer []string) object {
	b.scopes++
	s := &scope{name: "v" + strconv.Itoa(b.scopes), vars: slices.Clone(outer)}
	names := make([]string, 1)
	if b.states < maxStates {
		names = make([]string, 1+b.roll(3))
	}
	for i := range names {
		b.states++
		names[i] = "S" + strconv.Itoa(b.states)
	}
	states := object{}
	for i, name := range names {
		b.state(states, name, names[i+1:], depth, s)
	}
	return object{"StartAt": names[0], "States": states}
}

// state writes one state of a flow, before the rest.
func (b *builder) state(states object, name string, rest []string, depth int, s *scope) {
	kinds := []string{"Pass", "Task", "Wait", "Task", "Succeed", "Fail"}
	if len(rest) > 0 {
		kinds = []string{"Pass", "Task", "Wait", "Choice", "loop", "Task"}
	}
	if depth > 0 && b.states < maxStates {
		kinds = append(kinds, "Parallel", "Map", "Parallel", "Map")
	}
	kind := pick(b.dice, kinds...)
	state := object{"Type": kind}
	states[name] = state
	switch kind {
	case "loop":
		b.loop(states, name, rest, s)
		return
	case "Succeed":
		b.output(state, s)
		return
	case "Fail":
		state["Error"] = pick[any](b.dice, "E1", "E2", "{% $states.input %}", errorTimeout)
		if b.rarely(2) {
			state["Cause"] = "cause"
		}
		return
	case "Choice":
		b.choice(state, rest, s)
		return
	case "Wait":
		if key := pick(b.dice, "Seconds", "Seconds", "Timestamp"); key == "Seconds" {
			state[key] = pick[any](b.dice, 0, 2, 5, 3, 1, 2, 4, 7, "{% $states.input %}")
		} else {
			state[key] = pick(b.dice, "2026-11-21T10:00:05Z", "2026-11-21T10:01:00.5+00:00", "{% $states.context.State.EnteredTime %}",
				"{% '2026-11-21T10:00:0' & '7.1Z' %}", "{% $states.context.State.Name %}")
		}
	case "Task":
		b.task(state, name, s)
	case "Parallel":
		branches := make([]any, 1+b.roll(3))
		for i := range branches {
			branches[i] = b.flow(depth-1, s.vars)
		}
		state["Branches"] = branches
		if b.rarely(4) {
			state["Arguments"] = b.value(s)
		}
	case "Map":
		b.iterate(state, depth, s)
	}
	var result []any
	if kind == "Task" || kind == "Parallel" || kind == "Map" {
		result = []any{"{% $states.result %}", "{% $states.result[0] %}"}
		b.recovery(state, rest, s)
	}
	b.output(state, s, result...)
	if len(rest) > 0 {
		state["Next"] = rest[0]
	} else {
		state["End"] = true
	}
}

// loop writes a Pass and a Choice that comes back to itself, now and then so often
// that one step is not enough.
func (b *builder) loop(states object, name string, rest []string, s *scope) {
	s.loop++
	counter := s.name + "_loop" + strconv.Itoa(s.loop)
	turns := pick(b.dice, 2, 3, 1, 4)
	if b.rarely(32) {
		turns = 300
	}
	states[name] = object{"Type": "Pass", "Assign": object{counter: ""}, "Next": name + "L"}
	states[name+"L"] = object{
		"Type": "Choice", "Default": name + "L", "Assign": object{counter: "{% $" + counter + " & 'x' %}"},
		"Choices": []any{object{"Condition": "{% $" + counter + " = '" + strings.Repeat("x", turns) + "' %}", "Next": rest[0]}},
	}
}

func (b *builder) choice(state object, rest []string, s *scope) {
	rules := make([]any, 1+b.roll(2))
	for i := range rules {
		rule := object{
			"Condition": pick[any](b.dice, true, "{% $exists($states.input.a) %}", "{% $states.input = 'text' %}", false, "{% $states.input != 'text' %}",
				"{% $states.context.Execution.RedriveCount = 0 %}", "{% $not($exists($states.input.b)) %}", "{% $states.input %}"),
			"Next": rest[b.roll(len(rest))],
		}
		b.output(rule, s)
		rules[i] = rule
	}
	state["Choices"] = rules
	b.output(state, s)
	if b.rarely(8) {
		rules[0].(object)["Next"] = rest[0] // without Default another way must lead there
		return
	}
	state["Default"] = rest[0]
}

func (b *builder) task(state object, name string, s *scope) {
	switch b.roll(5) {
	case 3:
		state["Resource"] = "arn:aws:lambda:us-east-1:000000000000:function:f"
	case 4:
		state["Resource"] = jobResource
		state["Arguments"] = object{"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:child", "Input": b.value(s)}
		b.plan.jobs = true
	default:
		state["Resource"] = "arn:aws:states:::lambda:invoke"
		state["Arguments"] = object{"FunctionName": "f", "Payload": b.value(s)}
	}
	b.plan.moods[name] = mood(b.roll(int(moods)))
	if b.plan.moods[name] == deaf || b.rarely(4) {
		state["TimeoutSeconds"] = pick[any](b.dice, 3, 1, 5, "{% $states.input %}")
	}
	if b.plan.moods[name] == deaf && b.rarely(8) {
		delete(state, "TimeoutSeconds") // it waits for ever
	}
}

const jobResource = "arn:aws:states:::states:startExecution.sync:2"

func (b *builder) iterate(state object, depth int, s *scope) {
	if items := pick[any](b.dice, []any{1, "two"}, []any{1, 2, 3}, []any{1}, []any{1, 2, 3, 4, 5}, []any{}, []any{"{% $states.input %}"}, nil, "{% $states.input.a %}"); items != nil {
		state["Items"] = items
	}
	if b.rarely(3) {
		state["ItemSelector"] = object{
			"index": "{% $states.context.Map.Item.Index %}", "item": pick[any](b.dice, "{% $states.context.Map.Item.Value %}", b.value(s)),
		}
	}
	if limit := pick[any](b.dice, nil, 1, 2, 0, 2, 1, 3, "{% $states.input.b %}"); limit != nil {
		state["MaxConcurrency"] = limit
	}
	state["ItemProcessor"] = b.flow(depth-1, s.vars)
}

// recovery writes Retry and Catch.
func (b *builder) recovery(state object, rest []string, s *scope) {
	names := func(last bool) []any {
		if last && b.rarely(3) {
			return []any{errorAll}
		}
		return pick(b.dice, []any{"E1"}, []any{"E2", "E1"}, []any{errorTimeout}, []any{errorTaskFailed}, []any{errorEvaluation}, []any{errorDataLimit, errorTimeout})
	}
	if n := pick(b.dice, 0, 1, 0, 2); n > 0 {
		retriers := make([]any, n)
		for i := range retriers {
			retrier := object{"ErrorEquals": names(i == n-1), "IntervalSeconds": 1 + b.roll(4), "MaxAttempts": b.roll(3)}
			if b.rarely(3) {
				retrier["JitterStrategy"] = "FULL"
			}
			if b.rarely(3) {
				retrier["BackoffRate"] = 1.5
			}
			retriers[i] = retrier
		}
		state["Retry"] = retriers
	}
	if n := pick(b.dice, 0, 1, 0, 2); n > 0 && len(rest) > 0 {
		catchers := make([]any, n)
		for i := range catchers {
			catcher := object{"ErrorEquals": names(i == n-1), "Next": rest[b.roll(len(rest))]}
			b.output(catcher, s, "{% $states.errorOutput.Cause %}", "{% $states.errorOutput %}")
			catchers[i] = catcher
		}
		state["Catch"] = catchers
	}
}

// output writes Output and Assign, whose expressions can read some values more.
func (b *builder) output(state object, s *scope, more ...any) {
	if b.rarely(3) {
		state["Output"] = b.value(s, more...)
	}
	if kind := state["Type"]; kind == "Succeed" || !b.rarely(3) {
		return
	}
	name := s.name + "_" + strconv.Itoa(b.roll(2))
	state["Assign"] = object{name: b.value(s, more...)}
	if !slices.Contains(s.vars, name) {
		s.vars = append(s.vars, name)
	}
}

// value is a literal or an expression; some fail.
func (b *builder) value(s *scope, more ...any) any {
	values := []any{
		"{% $states.input %}", "text",
		object{"a": "{% $states.input %}", "b": 2},
		[]any{"x", "{% $states.context.State.Name %}"},
		"{% {'a': [$states.input, 1], 'b': $states.context.State.EnteredTime} %}", 7, true,
		[]any{},
		nil, "text", "{% $states.input.a %}",
	}
	values = append(values, more...)
	for _, name := range s.vars {
		values = append(values, "{% $"+name+" %}")
	}
	return pick(b.dice, append(values, more...)...)
}
