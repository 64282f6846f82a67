package awstest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Call is one request that reached the server and kept to the models.
type Call struct {
	Service   string // as in a signature's scope
	Operation string
	Region    string
	Input     map[string]any
}

// Name is service.Operation.
func (c Call) Name() string { return c.Service + "." + c.Operation }

// Server is AWS on loopback. Every request that does not keep to the models is an
// error of the test, besides the answer that its sender gets.
type Server struct {
	*World
	URL string

	t     testing.TB
	apis  map[string]*api
	mu    sync.Mutex
	calls []Call
	fails map[string][]*Fault
}

// Start starts a server for one test.
func Start(t testing.TB, world *World) *Server {
	t.Helper()
	apis, err := readAPIs()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{World: world, t: t, apis: apis, fails: map[string][]*Fault{}}
	listener := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(listener.Close)
	s.URL = listener.URL
	return s
}

// Calls gives what was called so far.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// Forget begins the list of calls anew.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

// Fail lets the next call of an operation fail, as in "lambda.Invoke"; called twice,
// the next two.
func (s *Server) Fail(name string, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails[name] = append(s.fails[name], &fault)
}

// Note puts something that is no call to AWS into the list of calls.
func (s *Server) Note(service, operation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, Call{Service: service, Operation: operation})
}

// scope is the credential's scope of a signature.
var scope = regexp.MustCompile(`Credential=[^/]+/[0-9]{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request`)

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	m := scope.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		s.t.Errorf("%s %s is not signed", r.Method, r.URL)
		w.WriteHeader(http.StatusForbidden)
		return
	}
	region, service := m[1], m[2]
	a, ok := s.apis[service]
	if !ok {
		s.t.Errorf("%s %s is for the service %s, which no deployment calls", r.Method, r.URL, service)
		w.WriteHeader(http.StatusForbidden)
		return
	}
	call, err := a.read(r)
	if err == nil {
		o := a.Operations[call.operation]
		if o.Input != nil {
			err = a.check(call.operation, o.Input.Shape, call.input)
		} else if len(call.input) > 0 {
			err = errors.New("takes no input")
		}
	}
	if err != nil {
		s.t.Errorf("%s: %v", service, err)
		a.fail(w, call, &Fault{Code: "ValidationException", Message: err.Error()})
		return
	}
	output, err := s.perform(r.Context(), Call{Service: service, Operation: call.operation, Region: region, Input: call.input})
	var fault *Fault
	switch {
	case errors.As(err, &fault):
		a.fail(w, call, fault)
	case err != nil:
		s.t.Errorf("%s.%s: %v", service, call.operation, err)
		a.fail(w, call, &Fault{Code: "InternalFailure", Message: err.Error(), Status: http.StatusNotImplemented})
	default:
		a.write(w, call, output)
	}
}

func (s *Server) perform(_ context.Context, call Call) (map[string]any, error) {
	s.mu.Lock()
	s.calls = append(s.calls, call)
	if faults := s.fails[call.Name()]; len(faults) > 0 {
		s.fails[call.Name()] = faults[1:]
		s.mu.Unlock()
		return nil, faults[0]
	}
	s.mu.Unlock()
	s.World.mu.Lock()
	defer s.World.mu.Unlock()
	play, ok := s.plays()[call.Name()]
	if !ok {
		return nil, errors.New("is not played by World")
	}
	return play(call)
}

// Mutating tells whether a call changes something in AWS.
func (c Call) Mutating() bool {
	for _, reading := range []string{"Get", "Describe", "List", "Head", "Assume"} {
		if strings.HasPrefix(c.Operation, reading) {
			return false
		}
	}
	return true
}
