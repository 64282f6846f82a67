package asl

import (
	_ "embed"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
)

// goja matches with regexp2 what Go's own regular expressions do not know, such as a
// back reference. That may try for ever, and does not hear of an interrupt: it is to
// give up once the evaluation's time is over.
func init() { regexp2.DefaultMatchTimeout = evalTimeout + evalTimeout/4 }

// jsonataSource is npm's jsonata 2.0.6, the version that AWS documents, unchanged.
//
//go:embed jsonata/jsonata.min.js
var jsonataSource string

//go:embed jsonata/driver.js
var driverSource string

//go:embed jsonata/functions.js
var functionsSource string

// The bounds of one evaluation. Depth and elements are where AWS was measured to
// stop (floci-io/floci issue 2737, us-east-1, 2026-08); the second is AWS's too.
const (
	evalTimeout     = time.Second
	parseBounds     = 10 // bounds of time for parsing, which is ours: it is not evaluation
	evalMaxDepth    = 100
	evalMaxElements = 873_782
	// rangeMaxElements is where AWS's $range stops, with the same words.
	rangeMaxElements = 360_145
	// padMaxAdded is where AWS's $pad stops (radkawar/stackd, expression_limits.json,
	// us-west-2, 2026-09).
	padMaxAdded = 262_144
	// evalMaxStack bounds the parser's recursion on one expression.
	evalMaxStack = 20_000
	// compiledPerVM bounds what a VM remembers; beyond it, it starts over.
	compiledPerVM = 1024
)

const (
	timeoutText  = "Expression evaluation timeout: Check for infinite loop"
	memoryText   = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
	overflowText = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive"
)

// fault is an error of the reference implementation: its code, when it has one,
// and its message.
type fault struct {
	Code string
	Text string
}

func (f *fault) Error() string {
	if f.Code == "" {
		return f.Text
	}
	return f.Code + ": " + f.Text
}

// errUndefined is an evaluation that returned nothing.
var errUndefined = errors.New("expression returned nothing")

// reference runs the reference implementation: a bounded pool of virtual machines,
// each made on first need (3 ms and 0.7 MB, the first one 25 ms) and used by one goroutine at a time.
type reference struct {
	slots chan struct{}
	bound time.Duration // of one evaluation
	mu    sync.Mutex
	idle  []*referenceVM
}

// shared serves every machine of the process: a VM is dear, and holds nothing that
// one expression could tell another.
var shared = newReference(runtime.GOMAXPROCS(0), evalTimeout)

func newReference(size int, bound time.Duration) *reference {
	return &reference{slots: make(chan struct{}, size), bound: bound}
}

// do lends f a virtual machine; one that f says is broken is thrown away.
func (r *reference) do(f func(*referenceVM) (broken bool)) error {
	r.slots <- struct{}{}
	defer func() { <-r.slots }()

	vm, err := r.take()
	if err != nil {
		return err
	}
	if broken := f(vm); broken {
		return nil
	}
	r.mu.Lock()
	r.idle = append(r.idle, vm)
	r.mu.Unlock()
	return nil
}

func (r *reference) take() (*referenceVM, error) {
	r.mu.Lock()
	if n := len(r.idle); n > 0 {
		vm := r.idle[n-1]
		r.idle = r.idle[:n-1]
		r.mu.Unlock()
		return vm, nil
	}
	r.mu.Unlock()
	return newReferenceVM(r.bound)
}

// referenceVM is one virtual machine with jsonata in it.
type referenceVM struct {
	runtime  *goja.Runtime
	compile  goja.Callable
	evaluate goja.Callable
	compiled map[string]*goja.Object
	bound    time.Duration
	now      time.Time
}

// programs parses the scripts once for all virtual machines.
var programs = sync.OnceValues(func() (out [3]*goja.Program, err error) {
	for i, script := range []struct {
		name, source string
		strict       bool
	}{{"jsonata.min.js", jsonataSource, false}, {"functions.js", functionsSource, true}, {"driver.js", driverSource, true}} {
		if out[i], err = goja.Compile(script.name, script.source, script.strict); err != nil {
			return out, fmt.Errorf("compile %s: %w", script.name, err)
		}
	}
	return out, nil
})

func newReferenceVM(bound time.Duration) (*referenceVM, error) {
	scripts, err := programs()
	if err != nil {
		return nil, err
	}
	vm := &referenceVM{runtime: goja.New(), compiled: make(map[string]*goja.Object), bound: bound}
	vm.runtime.SetMaxCallStackSize(evalMaxStack)
	vm.runtime.SetTimeSource(func() time.Time { return vm.now })
	window, err := vm.bindWindow()
	if err != nil {
		return nil, err
	}
	if _, err := vm.runtime.RunProgram(scripts[0]); err != nil {
		return nil, fmt.Errorf("load jsonata: %w", err)
	}
	host, err := vm.host()
	if err != nil {
		return nil, err
	}
	functions, err := vm.start(scripts[1], host, vm.runtime.ToValue(rangeMaxElements), vm.runtime.ToValue(memoryText))
	if err != nil {
		return nil, fmt.Errorf("start jsonata functions: %w", err)
	}
	driver, err := vm.start(scripts[2], window.Get("jsonata"), vm.runtime.ToValue(evalMaxDepth), vm.runtime.ToValue(evalMaxElements),
		vm.runtime.ToValue(padMaxAdded), vm.runtime.ToValue(memoryText), functions)
	if err != nil {
		return nil, fmt.Errorf("start jsonata driver: %w", err)
	}
	vm.compile, _ = goja.AssertFunction(driver.ToObject(vm.runtime).Get("compile"))
	vm.evaluate, _ = goja.AssertFunction(driver.ToObject(vm.runtime).Get("evaluate"))
	return vm, nil
}

// start runs a script that is a function, and calls it.
func (vm *referenceVM) start(script *goja.Program, args ...goja.Value) (goja.Value, error) {
	value, err := vm.runtime.RunProgram(script)
	if err != nil {
		return nil, err
	}
	build, ok := goja.AssertFunction(value)
	if !ok {
		return nil, errors.New("the script is no function")
	}
	return build(goja.Undefined(), args...)
}

// call runs a function of the driver within the time bound. A call that was cut
// short leaves the virtual machine in no known state: broken.
func (vm *referenceVM) call(bound time.Duration, f goja.Callable, args ...goja.Value) (result *goja.Object, broken bool, err error) {
	limit := newDeadline(bound, func() { vm.runtime.Interrupt(timeoutText) })
	value, err := f(goja.Undefined(), args...)
	if limit.end() {
		return nil, true, &fault{Text: timeoutText}
	}
	if err != nil {
		var overflow *goja.StackOverflowError
		if errors.As(err, &overflow) {
			return nil, true, &fault{Text: overflowText}
		}
		return nil, true, &fault{Text: err.Error()}
	}
	return value.ToObject(vm.runtime), false, nil
}

func faultOf(outcome *goja.Object) *fault {
	value := outcome.Get("fault")
	if value == nil {
		return nil
	}
	object := value.(*goja.Object)
	f := &fault{Text: object.Get("message").String()}
	if code := object.Get("code"); code != nil && !goja.IsUndefined(code) {
		f.Code = code.String()
	}
	return f
}

// load compiles an expression and returns the compiled form with its syntax tree.
func (vm *referenceVM) load(text string) (compiled *goja.Object, ast string, broken bool, err error) {
	outcome, broken, err := vm.call(parseBounds*vm.bound, vm.compile, vm.runtime.ToValue(text))
	if err != nil {
		return nil, "", broken, err
	}
	if f := faultOf(outcome); f != nil {
		return nil, "", false, f
	}
	compiled = outcome.Get("expression").(*goja.Object)
	if len(vm.compiled) >= compiledPerVM {
		clear(vm.compiled)
	}
	vm.compiled[text] = compiled
	return compiled, outcome.Get("ast").String(), false, nil
}

// run evaluates an expression with variables bound.
func (vm *referenceVM) run(text string, bindings *goja.Object, now time.Time) (value any, broken bool, err error) {
	vm.now = now
	compiled, ok := vm.compiled[text]
	if !ok {
		if compiled, _, broken, err = vm.load(text); err != nil {
			return nil, broken, err
		}
	}
	outcome, broken, err := vm.call(vm.bound, vm.evaluate, compiled, bindings)
	if err != nil {
		return nil, broken, err
	}
	if f := faultOf(outcome); f != nil {
		return nil, false, f
	}
	result := outcome.Get("value")
	if result == nil || goja.IsUndefined(result) {
		return nil, false, errUndefined
	}
	value, err = fromJS(result)
	return value, false, err
}

// parse returns the syntax tree of an expression, as JSON.
func (r *reference) parse(text string) (ast string, err error) {
	lent := r.do(func(vm *referenceVM) (broken bool) {
		_, ast, broken, err = vm.load(text)
		return broken
	})
	if lent != nil {
		return "", lent
	}
	return ast, err
}

// eval evaluates an expression; bind fills in its variables.
func (r *reference) eval(text string, now time.Time, bind func(*referenceVM) *goja.Object) (value any, err error) {
	lent := r.do(func(vm *referenceVM) (broken bool) {
		value, broken, err = vm.run(text, bind(vm), now)
		return broken
	})
	if lent != nil {
		return nil, lent
	}
	return value, err
}
