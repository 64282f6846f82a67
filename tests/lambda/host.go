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

// ErrNotFound is what Invoke returns for a name that no function has.
var ErrNotFound = errors.New("function not found")

// Host runs the functions that lie in a folder. Its fields are not changed once it runs.
type Host struct {
	// Binaries is what Build filled.
	Binaries string
	// Env gives the environment of a function's processes; it is asked at each start.
	Env func(config.Function) ([]string, error)
	// Output gets what the processes write; writes must be serialised by it.
	Output io.Writer

	mu   sync.Mutex
	pool map[string]*processes // by activity
}

// processes are those of one function.
type processes struct {
	slots chan struct{} // as many as may run at a time

	mu   sync.Mutex
	idle []*instance
}

// Invoke calls a function by its name in AWS, of any stack: the part after the last
// hyphen counts. A payload or an answer over Lambda's quota fails as there.
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
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	i, err := p.take(func() (*instance, error) { return h.start(f) })
	if err != nil {
		return Result{}, err
	}
	call := &invocation{
		id: newID(), payload: payload, deadline: time.Now().Add(f.Timeout), result: make(chan Result, 1),
		arn:   "arn:aws:lambda:us-east-1:000000000000:function:" + name,
		trace: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
	}
	result, usable := i.invoke(call)
	if usable {
		p.give(i)
	}
	return result, nil
}

func (h *Host) of(f config.Function) *processes {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pool == nil {
		h.pool = map[string]*processes{}
	}
	p, ok := h.pool[f.Activity]
	if !ok {
		p = &processes{slots: make(chan struct{}, f.Concurrency)}
		h.pool[f.Activity] = p
	}
	return p
}

func (h *Host) start(f config.Function) (*instance, error) {
	env, err := h.Env(f)
	if err != nil {
		return nil, err
	}
	return launch(filepath.Join(h.Binaries, f.Activity), env, h.Output)
}

// take gives the process that was busy last, or a new one. One that is gone is left out.
func (p *processes) take(start func() (*instance, error)) (*instance, error) {
	p.mu.Lock()
	for len(p.idle) > 0 {
		i := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		select {
		case <-i.exited:
		default:
			p.mu.Unlock()
			return i, nil
		}
	}
	p.mu.Unlock()
	return start()
}

func (p *processes) give(i *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, i)
}

// Close kills the processes that are idle; nothing may be invoked any more.
func (h *Host) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.pool {
		for _, i := range p.idle {
			i.kill()
		}
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
