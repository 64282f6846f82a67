package lambda

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
)

// maxPayload is Lambda's quota for a request and for an answer, in bytes: 6 MB and 100.
const maxPayload = 6<<20 + 100

// Result is what became of one invocation.
type Result struct {
	// FunctionError is "Unhandled" when the function failed: Payload then says how.
	FunctionError string
	Payload       []byte
}

// invocation is one call on its way through a process.
type invocation struct {
	id       string
	payload  []byte
	trace    string
	deadline time.Time
	arn      string
	result   chan Result // of one, buffered
}

// instance is one process with the Runtime API that it alone speaks to.
type instance struct {
	server *http.Server
	cmd    *exec.Cmd
	next   chan *invocation
	ready  chan struct{} // closed by the first /next
	exited chan struct{} // closed when the process is gone
	once   sync.Once

	mu      sync.Mutex
	current *invocation
}

// launch starts a program. Its environment is env and the address of its Runtime API.
func launch(binary string, env []string, output io.Writer) (*instance, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	i := &instance{next: make(chan *invocation), ready: make(chan struct{}), exited: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", i.hand)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { i.take(w, r, "") })
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { i.take(w, r, "Unhandled") })
	i.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go i.server.Serve(listener) //nolint:errcheck // ends with the instance
	i.cmd = exec.Command(binary)
	i.cmd.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}, env...)
	i.cmd.Stdout, i.cmd.Stderr = output, output
	i.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := i.cmd.Start(); err != nil {
		_ = i.server.Close()
		return nil, err
	}
	go func() {
		ended := i.cmd.Wait()
		close(i.exited)
		text := "exit status 0"
		if ended != nil {
			text = ended.Error()
		}
		i.answer("", failure("Runtime.ExitError", "Error: Runtime exited with error: "+text))
		_ = i.server.Close()
	}()
	return i, nil
}

// hand gives the process its next invocation, with the headers of AWS.
func (i *instance) hand(w http.ResponseWriter, r *http.Request) {
	i.once.Do(func() { close(i.ready) })
	select {
	case <-r.Context().Done():
	case call := <-i.next:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", call.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", call.arn)
		if call.trace != "" {
			h.Set("Lambda-Runtime-Trace-Id", call.trace)
		}
		_, _ = w.Write(call.payload)
	}
}

// take reads what the process answers. One that is over the quota is refused, and the
// invocation has failed.
func (i *instance) take(w http.ResponseWriter, r *http.Request, functionError string) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	result := Result{FunctionError: functionError, Payload: body}
	status := http.StatusAccepted
	switch {
	case err != nil:
		return
	case len(body) > maxPayload:
		status = http.StatusRequestEntityTooLarge
		result = failure("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload))
	}
	if !i.answer(r.PathValue("id"), result) {
		status = http.StatusBadRequest // AWS: InvalidRequestID
	}
	w.WriteHeader(status)
}

// answer ends the current invocation, if it is the one named, or whichever it is.
func (i *instance) answer(id string, result Result) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.current == nil || id != "" && i.current.id != id {
		return false
	}
	i.current.result <- result
	i.current = nil
	return true
}

// invoke runs one call to its end, which its deadline is at the latest; usable tells
// whether the process may be given another.
func (i *instance) invoke(call *invocation) (result Result, usable bool) {
	i.mu.Lock()
	i.current = call
	i.mu.Unlock()
	deadline := time.NewTimer(time.Until(call.deadline))
	defer deadline.Stop()
	select {
	case i.next <- call:
	case <-i.exited:
		i.answer(call.id, failure("Runtime.ExitError", "Error: Runtime exited without providing a reason"))
		return <-call.result, false
	case <-deadline.C:
		return i.timedOut(call), false
	}
	select {
	case result = <-call.result:
	case <-deadline.C:
		return i.timedOut(call), false
	}
	return result, !i.gone()
}

// timedOut kills the process, as Lambda does.
func (i *instance) timedOut(call *invocation) Result {
	result := failure("Sandbox.Timedout", "RequestId: "+call.id+" Error: Task timed out")
	i.answer(call.id, result)
	i.kill()
	return <-call.result
}

// gone tells whether the process has ended.
func (i *instance) gone() bool {
	select {
	case <-i.exited:
		return true
	default:
		return false
	}
}

func (i *instance) kill() {
	_ = i.cmd.Process.Kill()
	<-i.exited
}

// failure is the document that Lambda makes of what a function could not say itself.
func failure(kind, message string) Result {
	body, err := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	if err != nil { // two strings
		panic(err)
	}
	return Result{FunctionError: "Unhandled", Payload: body}
}

func newID() string { return uuid.NewString() }
