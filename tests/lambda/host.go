package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// What Invoke returns in place of a result.
var (
	ErrNotFound  = errors.New("function not found")
	ErrThrottled = errors.New("the function's reserved concurrency is in use")
)

// maxInit is how long Lambda lets a process start.
const maxInit = 10 * time.Second

// Host runs the functions that lie in a folder. Its fields are not changed once it runs.
type Host struct {
	// Binaries is what Build filled.
	Binaries string
	// Env gives the environment of a function's processes; it is asked at each start.
	Env func(config.Function) ([]string, error)
	// Output gets what the processes write; writes must be serialised by it.
	Output io.Writer

	mu     sync.Mutex
	pool   map[string]*processes // by activity
	all    []*instance
	closed bool
}

// Invoke calls a function by its name in AWS, of any stack: the part after the last
// hyphen counts. A payload or an answer over Lambda's quota fails as there. When as many
// calls are open as the function has reserved concurrency it is ErrThrottled.
func (h *Host) Invoke(ctx context.Context, name string, payload []byte) (Result, error) {
	short := name[strings.LastIndex(name, "-")+1:]
	for _, f := range config.All() {
		if f.Name == short {
			return h.invoke(ctx, f, name, payload)
		}
	}
	return Result{}, fmt.Errorf("%s: %w", name, ErrNotFound)
}

func (h *Host) invoke(ctx context.Context, f config.Function, name string, payload []byte) (Result, error) {
	p := h.of(f)
	if !p.enter() {
		return Result{}, fmt.Errorf("%s: %w", name, ErrThrottled)
	}
	defer p.leave()
	i, err := p.take(ctx)
	if err != nil {
		return Result{}, err
	}
	call := &invocation{
		id: newID(), payload: payload, deadline: time.Now().Add(f.Timeout), result: make(chan Result, 1),
		arn:   "arn:aws:lambda:us-east-1:000000000000:function:" + name,
		trace: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
	}
	result, usable := i.invoke(call)
	p.give(i, usable)
	return result, nil
}

// Reserve is PutFunctionConcurrency: how many calls of an activity may be open at a time,
// in place of what its configuration says; 0 turns it off. No more processes than
// configured answer them.
func (h *Host) Reserve(activity string, calls int) {
	f, ok := config.FunctionOf(activity)
	if !ok {
		panic("no activity " + activity)
	}
	h.of(f).reserve(calls)
}

// Warm starts processes before anybody calls, as provisioned concurrency does, and waits
// until they are ready.
func (h *Host) Warm(activity string, n int) error {
	f, ok := config.FunctionOf(activity)
	if !ok {
		return fmt.Errorf("no activity %s", activity)
	}
	p := h.of(f)
	for range min(n, f.Concurrency) {
		if err := p.warm(); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) of(f config.Function) *processes {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pool == nil {
		h.pool = map[string]*processes{}
	}
	p, ok := h.pool[f.Activity]
	if !ok {
		p = newProcesses(f.Concurrency, func() (*instance, error) { return h.start(f) })
		h.pool[f.Activity] = p
	}
	return p
}

// start starts a process and waits until it asks for a call. One that ends before it does
// is given all the same: who calls it is told.
func (h *Host) start(f config.Function) (*instance, error) {
	env, err := h.Env(f)
	if err != nil {
		return nil, err
	}
	i, err := launch(filepath.Join(h.Binaries, f.Activity), env, h.Output)
	if err != nil {
		return nil, err
	}
	if !h.keep(i) {
		i.kill()
		return nil, errors.New("the host is closed")
	}
	timeout := time.NewTimer(maxInit)
	defer timeout.Stop()
	select {
	case <-i.ready:
	case <-i.exited:
	case <-timeout.C:
		i.kill()
	}
	return i, nil
}

func (h *Host) keep(i *instance) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.all = append(h.all, i)
	}
	return !h.closed
}

// Close kills all processes.
func (h *Host) Close() {
	h.mu.Lock()
	h.closed = true
	all := h.all
	h.mu.Unlock()
	for _, i := range all {
		i.kill()
	}
}

// Processes counts the functions that were invoked so far.
func (h *Host) Processes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.pool)
}

// ServeHTTP is the Invoke operation: POST /2015-03-31/functions/<name>/invocations.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, "/2015-03-31/functions/")
	name, more := strings.CutSuffix(name, "/invocations")
	if !ok || !more || r.Method != http.MethodPost || r.Header.Get("X-Amz-Invocation-Type") != "RequestResponse" {
		refuse(w, http.StatusBadRequest, "InvalidParameterValueException", "this endpoint answers Invoke, synchronously, and nothing else")
		return
	}
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	switch {
	case err != nil:
		return
	case len(payload) > maxPayload:
		refuse(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", maxPayload))
		return
	}
	// As on Lambda, a caller that gives up does not end the function.
	result, err := h.Invoke(context.WithoutCancel(r.Context()), name, payload)
	switch {
	case errors.Is(err, ErrNotFound):
		refuse(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+name)
	case errors.Is(err, ErrThrottled):
		refuse(w, http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded.")
	case err != nil:
		refuse(w, http.StatusInternalServerError, "ServiceException", err.Error())
	default:
		w.Header().Set("X-Amz-Executed-Version", "$LATEST")
		if result.FunctionError != "" {
			w.Header().Set("X-Amz-Function-Error", result.FunctionError)
		}
		_, _ = w.Write(result.Payload)
	}
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Message": message})
}
