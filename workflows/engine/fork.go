package engine

import (
	"slices"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// mapConcurrency is the most iterations of an inline Map that run at a time,
// whatever MaxConcurrency asks for (Developer Guide, "Using Map state in Inline
// mode").
const mapConcurrency = 40

// itemsLimit is the most that a Map's items may measure, in bytes of JSON, so that one
// cannot fill the memory. It is ours: what AWS keeps to is not known, and the longest
// array that an expression can give is within it.
const itemsLimit = 16 << 20

// fork is what a Parallel or Map state has going on.
type fork struct {
	started  int64     // the id of its started event
	ended    int64     // the id of its succeeded event, 0: it has none yet
	items    []any     // of a Map
	limit    int       // how many iterations of a Map may be live
	children []*branch // by index; nil: not begun
	begun    int
	live     []*branch // begun and not done, in the order in which they began
	// freed are the newest events of iterations that are done and not yet replaced:
	// the next one follows the exit of the one it replaces (recording).
	freed  []int64
	broken *breakage // nil: no branch has failed
}

// breakage is why a Parallel or Map fails.
type breakage struct {
	failure failure
	id      int64 // the failing event, which all that follows from it names as previous
}

// acts says that there is something to do for the state itself.
func (f *fork) acts() bool { return f.broken != nil || len(f.live) == 0 || f.room() }

// rests says that the state and every live branch wait for something.
func (f *fork) rests() bool {
	if f.acts() {
		return false
	}
	for _, child := range f.live {
		if !child.rests() {
			return false
		}
	}
	return true
}

// room says that an iteration can begin.
func (f *fork) room() bool { return f.begun < len(f.children) && len(f.live) < f.limit }

// follows is the event that the next iteration follows.
func (f *fork) follows() int64 {
	if len(f.freed) > 0 {
		return f.freed[0]
	}
	return f.started
}

// retire takes a branch that is done out of the live ones.
func (f *fork) retire(child *branch) {
	child.phase = done
	if i := slices.Index(f.live, child); i >= 0 {
		f.live = slices.Delete(f.live, i, i+1)
		f.freed = append(f.freed, child.lastID)
	}
}

// results are the outputs of the branches, in their order.
func (f *fork) results() []any {
	results := make([]any, len(f.children))
	for i, child := range f.children {
		results[i] = child.output.value
	}
	return results
}

func (r *run) openParallel(now time.Time, b *branch, prev int64) {
	arguments, err := r.eval(b.state.Arguments, r.bindings(now, b, nil, nil), b.input)
	if err != nil {
		r.misevaluated(now, b, err, b.precedes())
		return
	}
	if arguments.tooLarge() {
		r.fail(now, b, dataLimit(b.state.Name))
		return
	}
	r.record(now, b, event{kind: parallelStateStarted, data: arguments, failing: b.retried(prev), prev: prev})
}

func (r *run) openMap(now time.Time, b *branch, prev int64) {
	bind := r.bindings(now, b, nil, nil)
	items, err := b.state.EvalItems(bind)
	if err != nil {
		r.misevaluated(now, b, err, b.precedes())
		return
	}
	if textLeast(items, itemsLimit, payloadDepth) < 0 {
		r.fail(now, b, dataLimit(b.state.Name))
		return
	}
	limit, err := concurrency(b.state.MaxConcurrency, bind)
	if err != nil {
		r.misevaluated(now, b, err, b.precedes())
		return
	}
	r.record(now, b, event{kind: mapStateStarted, items: items, limit: limit, failing: b.retried(prev), prev: prev})
}

// concurrency answers how many iterations may run at a time.
func concurrency(template *asl.Template, bind *asl.Bindings) (int, error) {
	if template == nil {
		return mapConcurrency, nil
	}
	asked, err := template.EvalCount(bind)
	if err != nil || asked == 0 || asked > mapConcurrency {
		return mapConcurrency, err
	}
	return int(asked), nil
}

// retried is the failure that a new attempt follows; nil: it follows the entry.
func (b *branch) retried(prev int64) *failure {
	if prev == b.entered.id {
		return nil
	}
	return ptr(b.failure)
}

// divide makes the branches of a state that has started; those of a Map begin later.
func (b *branch) divide(ev *event) {
	b.phase = forked
	b.fork = fork{started: ev.id, items: ev.items, limit: ev.limit}
	f := &b.fork
	if b.state.Type == asl.Map {
		f.children = make([]*branch, len(f.items))
		return
	}
	for i, flow := range b.state.Branches {
		child := b.inherit(flow, i)
		child.output, child.lastID = ev.data, ev.id
		f.children = append(f.children, child)
	}
	f.begun = len(f.children)
	f.live = slices.Clone(f.children)
}

// join does what is to be done for a Parallel or Map itself: it ends what runs in one
// that fails, begins iterations, and ends with the last branch.
func (r *run) join(now time.Time, b *branch) {
	f := &b.fork
	switch {
	case f.broken != nil:
		r.breakUp(now, b)
		return
	case f.room():
		r.fill(now, b)
		return
	}
	if newDocument(f.results()).tooLarge() {
		f.broken = &breakage{failure: dataLimit(b.state.Name), id: b.lastID}
		return
	}
	kind := parallelStateSucceeded
	if b.state.Type == asl.Map {
		kind = mapStateSucceeded
	}
	r.record(now, b, event{kind: kind, prev: b.lastID})
}

// fill begins iterations of a Map while there is room.
func (r *run) fill(now time.Time, b *branch) {
	f := &b.fork
	for f.broken == nil && r.status == Running && f.room() {
		index := f.begun
		item := newItem(index, f.items[index])
		input := newDocument(f.items[index])
		if b.state.ItemSelector != nil {
			bind := r.bindings(now, b, nil, nil)
			bind.Context = r.contextOf(b, item)
			value, err := b.state.ItemSelector.Eval(bind)
			if err != nil {
				r.misevaluated(now, b, err, b.precedes())
				return
			}
			input = newDocument(value)
		}
		if input.tooLarge() {
			f.broken = &breakage{failure: dataLimit(b.state.Name), id: b.lastID}
			return
		}
		r.record(now, b, event{kind: mapIterationStarted, name: b.state.Name, index: index, data: input, prev: f.follows()})
	}
}

// newItem is Map of the context object.
func newItem(index int, value any) *asl.Object {
	item := asl.NewObject(2)
	item.Set("Index", float64(index))
	item.Set("Value", value)
	out := asl.NewObject(1)
	out.Set("Item", item)
	return out
}

// iterate begins an iteration that was recorded.
func (b *branch) iterate(ev *event) {
	f := &b.fork
	child := b.inherit(b.state.Processor, ev.index)
	child.item = newItem(ev.index, f.items[ev.index])
	child.output, child.lastID = ev.data, ev.id
	if i := slices.Index(f.freed, ev.prev); i >= 0 {
		f.freed = slices.Delete(f.freed, i, i+1)
	}
	f.children[ev.index] = child
	f.live = append(f.live, child)
	f.begun = max(f.begun, ev.index+1)
}

// finish ends a branch of a Parallel or Map that has come to its end.
func (r *run) finish(now time.Time, child *branch) {
	parent := child.parent
	if parent.state.Type == asl.Map {
		r.record(now, child, event{kind: mapIterationSucceeded, name: parent.state.Name, index: child.index, prev: child.lastID})
		return
	}
	parent.fork.retire(child)
	parent.lastID = child.lastID
}

// breakUp ends what still runs in a Parallel or Map that fails, each branch with its
// iteration first and its state then, and decides what follows.
func (r *run) breakUp(now time.Time, b *branch) {
	f := &b.fork
	cause := f.broken
	for _, child := range f.live {
		r.abort(now, child, cause)
	}
	if r.status == Running {
		b.breaks()
	}
}

func (r *run) abort(now time.Time, child *branch, cause *breakage) {
	parent := child.parent
	if parent.state.Type == asl.Map && !child.over {
		kind := mapIterationAborted
		if child.lastID == cause.id {
			kind = mapIterationFailed
		}
		r.record(now, child, event{kind: kind, name: parent.state.Name, index: child.index, failing: &cause.failure, prev: cause.id})
	}
	if kind := abortedType(child); kind != "" && !child.cut && r.status == Running {
		r.record(now, child, event{kind: kind, failing: &cause.failure, prev: cause.id})
	}
	if child.phase != forked {
		return
	}
	for _, nested := range child.fork.live {
		r.abort(now, nested, cause)
	}
}

// abortedType names the event of a state that is ended with its siblings; empty: its
// type has none, or an event has told that it failed (of a Parallel or Map).
func abortedType(b *branch) eventType {
	if b.state == nil || b.phase == between || b.told != 0 {
		return ""
	}
	return eventsOf(b.state.Type).aborted
}

// breaks makes the failure of a branch the state's own.
func (b *branch) breaks() {
	cause := b.fork.broken
	b.failure = cause.failure
	b.lastID = cause.id
	b.retrier = b.chooseRetrier()
	b.phase = failed
}
