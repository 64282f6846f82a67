package sfn

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

func TestHandler_RefusesUnknownOperations(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"", "ListStateMachines", "AWSStepFunctions", "AWSStepFunctions.", "AWSStepFunctions.CreateStateMachine2",
		"AWSStepFunctions.listStateMachines", "DynamoDB_20120810.ListTables", "AWSStepFunctions.ListStateMachines ",
	} {
		b := setup(t)
		req := newRequest("", "{}")
		req.Header.Set("X-Amz-Target", target)
		status, body := b.send(t, req)
		if want := `{"__type":"com.amazon.coral.service#UnknownOperationException"}`; status != http.StatusBadRequest || body != want {
			t.Errorf("target %q: %d %s, want %s", target, status, body, want)
		}
	}
}

// The model's operations are here or say that they are not.
func TestHandler_NamesTheOperationsThatAreNotHere(t *testing.T) {
	t.Parallel()
	here := New(&fake{}, nil).operations
	for _, operation := range elsewhere {
		if here[operation] != nil {
			t.Errorf("%s is here", operation)
		}
		b := setup(t)
		status, body := b.call(t, operation, "")
		if want := `{"__type":"com.amazon.coral.service#UnknownOperationException","Message":"` + operation + ` is not an operation of this endpoint"}`; status != http.StatusBadRequest || body != want {
			t.Errorf("%s: %d %s, want %s", operation, status, body, want)
		}
	}
	if n := len(here) + len(elsewhere); n != 37 {
		t.Errorf("%d operations, the model has 37", n)
	}
}

func TestHandler_RefusesBodiesThatAreNoJSONObject(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty": "", "blank": " ", "null": "null", "array": "[]", "string": `"{}"`, "number": "1", "cut off": `{"a":`,
		"trailing": "{} {}", "single quotes": "{'a':1}", "comment": "{}//", "byte order mark": "\ufeff{}",
		"invalid UTF-8": "{\"stateMachineArn\":\"\xff\"}", "lone surrogate": `{"stateMachineArn":"\ud800"}`,
		"control character": "{\"stateMachineArn\":\"\x00\"}", "deep": strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000),
	} {
		for operation := range New(&fake{}, nil).operations {
			b := setup(t)
			status, answer := b.call(t, operation, body)
			if want := `{"__type":"com.amazon.coral.service#SerializationException"}`; status != http.StatusBadRequest || answer != want {
				t.Errorf("%s, %s: %d %s", operation, name, status, answer)
			}
			if len(b.engine.asked) > 0 {
				t.Errorf("%s, %s: reached the engine", operation, name)
			}
		}
	}
}

func TestHandler_RefusesABodyOverOneMebibyte(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fits := `{"stateMachineArn":"` + machineARN + `","x":"` + strings.Repeat("a", 1<<20-len(machineARN)-30) + `"}`
	if status, body := b.call(t, "DescribeStateMachine", fits); status != http.StatusOK {
		t.Errorf("%d bytes: %d %s", len(fits), status, body)
	}
	status, body := b.call(t, "DescribeStateMachine", `{"x":"`+strings.Repeat("a", 1<<20)+`"}`)
	if status != http.StatusRequestEntityTooLarge || !strings.Contains(body, "RequestEntityTooLarge") {
		t.Errorf("over the limit: %d %.200s", status, body)
	}
}

func TestHandler_IgnoresMembersItDoesNotKnow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	status, body := b.call(t, "DescribeExecution",
		`{"executionArn":"`+executionARN+`","executionARN":7,"nope":{"deep":[1]},"includedData":null}`)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if got := b.engine.asked[0].(engine.DescribeInput).ExecutionARN; got != executionARN {
		t.Errorf("asked for %q", got)
	}
}

func TestHandler_TakesTheLastOfTwoMembersOfOneName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if status, body := b.call(t, "DescribeExecution", `{"executionArn":"first","executionArn":"`+executionARN+`"}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if got := b.engine.asked[0].(engine.DescribeInput).ExecutionARN; got != executionARN {
		t.Errorf("asked for %q", got)
	}
}

func TestHandler_PutsRefusalsOfTheEngineOnTheWire(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, message, namespace string }{
		{"ExecutionDoesNotExist", "no <such> 'execution'", "com.amazonaws.swf.service.v2.model"},
		{"ValidationException", "Version description can only be set when publish is true", "com.amazonaws.swf.service.v2.model"},
		{"ValidationException", "1 validation error detected: no <such> 'execution'", "com.amazon.coral.validate"},
	} {
		b := setup(t)
		b.engine.err = fmt.Errorf("describe: %w", &engine.APIError{Type: c.kind, Message: c.message})
		want := `{"__type":"` + c.namespace + `#` + c.kind + `","message":"` + c.message + `"}`
		status, body := b.call(t, "DescribeExecution", `{"executionArn":"`+executionARN+`"}`)
		if status != http.StatusBadRequest || body != want {
			t.Errorf("%d %s, want %s", status, body, want)
		}
	}
}

func TestHandler_KeepsFaultsFromTheCallerAndLogsThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.engine.err = errors.New("dial tcp 10.0.0.5:5432: connection refused")
	status, body := b.call(t, "DescribeExecution", `{"executionArn":"`+executionARN+`"}`)
	if want := `{"__type":"com.amazon.coral.service#InternalFailure"}`; status != http.StatusInternalServerError || body != want {
		t.Errorf("%d %s, want 500 %s", status, body, want)
	}
	entries := b.log.TakeAll()
	if len(entries) != 1 || entries[0].ContextMap()["error_message"] != b.engine.err.Error() || entries[0].ContextMap()["request_id"] == "" {
		t.Errorf("log: %v", entries)
	}
}

func TestHandler_LogsNoRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.call(t, "StartExecution", `{"stateMachineArn":"`+machineARN+`","input":"{\"email\":\"ana@example.com\"}"}`)
	b.call(t, "StartExecution", `{"stateMachineArn":"","input":"ana@example.com"}`)
	if entries := b.log.TakeAll(); len(entries) != 0 {
		t.Errorf("log: %v", entries)
	}
}
