package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// wellFormed holds a history against what is true of every one, whatever the machine:
// the grammar of its events, by branch. It knows nothing of how the core makes them.
func wellFormed(events []Event, status Status) error {
	g := grammar{lines: map[string]*line{"": {}}}
	for i, stored := range events {
		ev, err := unwire(stored)
		if err != nil {
			return err
		}
		if err := g.frame(i, &ev, events); err != nil {
			return fmt.Errorf("event %d: %w", stored.ID, err)
		}
		if err := g.take(&ev); err != nil {
			return fmt.Errorf("event %d, %s of branch %q: %w", ev.id, ev.kind, ev.path, err)
		}
	}
	if g.closed != (status != Running) {
		return fmt.Errorf("the execution is %s, and the last event is %s", status, events[len(events)-1].Type)
	}
	return nil
}

// grammar is what the events so far say.
type grammar struct {
	closed bool
	lines  map[string]*line // by path
}

// line is a branch.
type line struct {
	state   string // that it is in; empty: none
	kind    string // of the state: "Task"
	attempt string // of a task: "", "scheduled", "started", "submitted"
	forks   bool   // its Parallel or Map has started
	length  int    // of its Map
	ended   string // how its iteration has; empty: it has not
	indices map[int]bool
}

// frame checks what AWS's frame of an event says.
func (g *grammar) frame(i int, ev *event, events []Event) error {
	kind := string(ev.kind)
	switch {
	case ev.id != int64(i+1):
		return fmt.Errorf("it has place %d", i+1)
	case ev.prev < 0 || ev.prev >= ev.id:
		return fmt.Errorf("previous event %d", ev.prev)
	case i == 0 && kind != "ExecutionStarted", i > 0 && kind == "ExecutionStarted":
		return fmt.Errorf("%s in place %d", kind, i+1)
	case i > 0 && ev.at.Before(events[i-1].Timestamp):
		return fmt.Errorf("it is earlier than the one before")
	case g.closed != (kind == "ExecutionRedriven"):
		return fmt.Errorf("%s, and closed is %v", kind, g.closed)
	}
	return nil
}

func (g *grammar) take(ev *event) error {
	kind := string(ev.kind)
	l := g.lines[ev.path]
	if l == nil {
		return fmt.Errorf("there is no such branch")
	}
	switch {
	case kind == "ExecutionStarted":
		return nil
	case kind == "ExecutionRedriven":
		return g.redrive()
	case strings.HasPrefix(kind, "Execution"):
		g.closed = true
		if kind == "ExecutionSucceeded" && l.state != "" {
			return fmt.Errorf("state %s is not left", l.state)
		}
		return nil
	case strings.HasSuffix(kind, "StateEntered"):
		if l.state != "" || l.ended != "" {
			return fmt.Errorf("state %q is not left, or the iteration has %s", l.state, l.ended)
		}
		*l = line{state: ev.name, kind: strings.TrimSuffix(kind, "StateEntered")}
		return nil
	case kind == "MapIterationStarted":
		return g.iteration(ev, l)
	case strings.HasPrefix(kind, "MapIteration"):
		return g.iterationEnd(ev, l)
	case l.state == "":
		return fmt.Errorf("the branch is in no state")
	}
	return g.inState(ev, l, kind)
}

func (g *grammar) inState(ev *event, l *line, kind string) error {
	switch {
	case strings.HasSuffix(kind, "StateExited"):
		if ev.name != l.state || kind != l.kind+"StateExited" || l.attempt != "" {
			return fmt.Errorf("the branch is in the %s %s, attempt %q", l.kind, l.state, l.attempt)
		}
		g.drop(ev.path)
		*l = line{}
		return nil
	case strings.HasSuffix(kind, "StateAborted"):
		if l.kind+"StateAborted" != kind {
			return fmt.Errorf("the branch is in a %s", l.kind)
		}
		return nil
	case kind == "EvaluationFailed":
		if ev.name != l.state {
			return fmt.Errorf("of state %s in state %s", ev.name, l.state)
		}
		return nil
	case kind == "ParallelStateStarted", kind == "MapStateStarted":
		g.drop(ev.path)
		l.forks, l.length, l.indices = true, len(ev.items), map[int]bool{}
		if kind == "ParallelStateStarted" {
			for i := range maxBranches {
				g.lines[under(ev.path, i)] = &line{}
			}
		}
		return nil
	case kind == "ParallelStateSucceeded", kind == "MapStateSucceeded":
		return g.joined(ev, l)
	case kind == "ParallelStateFailed", kind == "MapStateFailed":
		return nil
	}
	return g.attempt(l, kind)
}

// maxBranches is the most that a plan gives a Parallel.
const maxBranches = 3

func under(path string, index int) string {
	if path == "" {
		return strconv.Itoa(index)
	}
	return path + "." + strconv.Itoa(index)
}

// drop forgets the branches in a branch.
func (g *grammar) drop(path string) {
	for other := range g.lines {
		if other != path && (path == "" || strings.HasPrefix(other, path+".")) {
			delete(g.lines, other)
		}
	}
}

// iteration takes the start of one, which is an event of the Map's branch.
func (g *grammar) iteration(ev *event, l *line) error {
	switch {
	case l.kind != "Map" || !l.forks || l.state != ev.name:
		return fmt.Errorf("the branch is in the %s %s", l.kind, l.state)
	case l.indices[ev.index] || ev.index >= l.length:
		return fmt.Errorf("index %d of %d", ev.index, l.length)
	}
	l.indices[ev.index] = true
	g.lines[under(ev.path, ev.index)] = &line{}
	return nil
}

func (g *grammar) iterationEnd(ev *event, l *line) error {
	how := strings.TrimPrefix(string(ev.kind), "MapIteration")
	if l.ended != "" || how == "Succeeded" && l.state != "" || !strings.HasSuffix("."+ev.path, "."+strconv.Itoa(ev.index)) {
		return fmt.Errorf("state %q, ended %q, index %d", l.state, l.ended, ev.index)
	}
	l.ended = how
	return nil
}

// joined says whether all branches of a Parallel or Map have come to their end.
func (g *grammar) joined(ev *event, l *line) error {
	if !l.forks || len(l.indices) != l.length {
		return fmt.Errorf("%d of %d iterations have begun", len(l.indices), l.length)
	}
	for path, other := range g.lines {
		if path != ev.path && (ev.path == "" || strings.HasPrefix(path, ev.path+".")) && other.state != "" {
			return fmt.Errorf("branch %s is in state %s", path, other.state)
		}
	}
	return nil
}

// attempt checks the order of a task's events.
func (g *grammar) attempt(l *line, kind string) error {
	kind = strings.TrimPrefix(strings.TrimPrefix(kind, "Task"), "LambdaFunction")
	next, ok := map[string]string{
		" Scheduled": "scheduled", "scheduled Started": "started", "started Submitted": "submitted",
		"started Succeeded": "", "started Failed": "", "started TimedOut": "",
		"submitted Succeeded": "", "submitted Failed": "", "submitted TimedOut": "",
	}[l.attempt+" "+kind]
	if !ok || l.kind != "Task" {
		return fmt.Errorf("the branch is in the %s %s, attempt %q", l.kind, l.state, l.attempt)
	}
	l.attempt = next
	return nil
}

// redrive takes the events of attempts that were cut off as their ends.
func (g *grammar) redrive() error {
	g.closed = false
	for _, l := range g.lines {
		l.attempt = ""
		if l.ended != "Succeeded" {
			l.ended = ""
		}
	}
	return nil
}
