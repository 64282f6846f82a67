package sfn_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
	"github.com/alquimista-ai/nigredo/workflows/sfn"
)

// Whatever the target, the body and the trace header: never a panic, never a fault,
// and an answer of the protocol. The engine is a real one.
func FuzzServe(f *testing.F) {
	e, err := engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(), Invoker: enginetest.NewScript(nil),
	})
	if err != nil {
		f.Fatal(err)
	}
	if err := e.Start(f.Context()); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = e.Close(ctx)
	})
	for _, kind := range []engine.MachineType{engine.Standard, engine.Express} {
		definition := map[engine.MachineType]string{engine.Standard: wait, engine.Express: pass}[kind]
		machine, err := e.CreateStateMachine(f.Context(), engine.CreateInput{Name: string(kind), Type: kind, Definition: definition, RoleARN: role})
		if err != nil {
			f.Fatal(err)
		}
		if _, err := e.StartExecution(f.Context(), engine.StartInput{StateMachineARN: machine.ARN, Name: "x"}); err != nil {
			f.Fatal(err)
		}
	}
	server := sfn.New(e, zap.NewNop())

	const (
		standard = `"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:STANDARD"`
		express  = `"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:EXPRESS"`
		x        = `"executionArn":"arn:aws:states:us-east-1:000000000000:execution:STANDARD:x"`
	)
	definition, err := json.Marshal(pass)
	if err != nil {
		f.Fatal(err)
	}
	for operation, bodies := range map[string][]string{
		"CreateStateMachine":               {`{"name":"a","definition":` + string(definition) + `,"roleArn":"` + role + `\u0000"}`},
		"UpdateStateMachine":               {`{` + standard + `,"roleArn":"` + role + `","loggingConfiguration":{"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"\u0000"}}]}}`},
		"DeleteStateMachine":               {`{"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:\u0000"}`},
		"ValidateStateMachineDefinition":   {`{"definition":` + string(definition) + `}`, `{"definition":"{\"States\":{}}","maxResults":1}`},
		"DescribeStateMachine":             {`{` + express + `,"includedData":"METADATA_ONLY"}`},
		"DescribeStateMachineForExecution": {`{` + x + `}`},
		"ListStateMachines":                {`{"maxResults":1,"nextToken":"bWFjaGluZXMKAA"}`, `{"nextToken":"bWFjaGluZXMK_w"}`},
		"StartExecution":                   {`{` + standard + `,"name":"x"}`, `{` + express + `,"input":"1"}`},
		"StartSyncExecution":               {`{` + express + `,"input":"\"\\u0000\"","traceHeader":"Root=1-5759e988-bd862e3fe1be46a994272793;\u0000"}`},
		"StopExecution":                    {`{` + x + `,"error":"\u0000","cause":"\ud83d\ude00"}`},
		"RedriveExecution":                 {`{` + x + `,"clientToken":"t"}`},
		"DescribeExecution":                {`{` + x + `}`, `{"executionArn":"arn:aws:states:us-east-1:000000000000:execution:m:\u0000"}`},
		"ListExecutions":                   {`{` + standard + `,"statusFilter":"RUNNING"}`, `{` + express + `}`},
		"GetExecutionHistory":              {`{` + x + `,"reverseOrder":true,"maxResults":1}`},
	} {
		for _, body := range bodies {
			f.Add("AWSStepFunctions."+operation, "", body)
		}
	}
	f.Add("AWSStepFunctions.CreateActivity", "Root=1", "{}")
	f.Add("", "\x00", "")
	f.Fuzz(func(t *testing.T, target, trace, body string) {
		req := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", strings.NewReader(body))
		req.Header["Content-Type"] = []string{"application/x-amz-json-1.0"}
		req.Header["X-Amz-Target"] = []string{target}
		req.Header["X-Amzn-Trace-Id"] = []string{trace}
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, req)
		var answer struct {
			Type string `json:"__type"`
		}
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
			t.Errorf("no JSON: %v: %s", err, recorder.Body)
		}
		if recorder.Code >= 500 || (recorder.Code != http.StatusOK) != strings.Contains(answer.Type, "#") {
			t.Errorf("%d %s", recorder.Code, recorder.Body)
		}
	})
}
