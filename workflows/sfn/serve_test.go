package sfn_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.uber.org/zap/zaptest"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
	"github.com/alquimista-ai/nigredo/workflows/sfn"
)

const (
	role  = "arn:aws:iam::000000000000:role/test"
	pass  = `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":"{% {'got': $states.input} %}","End":true}}}`
	wait  = `{"QueryLanguage":"JSONata","StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}`
	fails = `{"QueryLanguage":"JSONata","StartAt":"F","States":{"F":{"Type":"Fail","Error":"Probe.Failed","Cause":"on purpose"}}}`
)

// serve gives the address of the API over an engine of its own.
func serve(t *testing.T) string {
	t.Helper()
	e, err := engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(), Invoker: enginetest.NewScript(nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sfn.New(e, zaptest.NewLogger(t)))
	t.Cleanup(func() {
		server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return server.URL
}

func connect(url string, change ...func(*client.Options)) *client.Client {
	return client.New(client.Options{
		Region: enginetest.Region, BaseEndpoint: &url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	}, change...)
}

// withoutHostPrefix keeps the SDK from putting sync- before the host. It has to be
// a middleware: the SDK clears such values when a call begins.
func withoutHostPrefix(o *client.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("WithoutHostPrefix",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
			}), middleware.After)
	})
}

// resolvingSync dials what a sync- name stands for, as a resolver with such names
// would.
func resolvingSync(o *client.Options) {
	dialer := &net.Dialer{}
	o.HTTPClient = &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, strings.TrimPrefix(address, "sync-"))
		},
	}}
}

func create(t *testing.T, c *client.Client, name, definition string, kind types.StateMachineType) string {
	t.Helper()
	out, err := c.CreateStateMachine(t.Context(), &client.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String(role), Type: kind,
	})
	if err != nil {
		t.Fatal(err)
	}
	if out.StateMachineVersionArn != nil {
		t.Errorf("a version nobody asked for: %s", *out.StateMachineVersionArn)
	}
	return *out.StateMachineArn
}

// settle asks until the execution is closed.
func settle(t *testing.T, c *client.Client, arn string) *client.DescribeExecutionOutput {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		out, err := c.DescribeExecution(t.Context(), &client.DescribeExecutionInput{ExecutionArn: &arn})
		if err != nil {
			t.Fatal(err)
		}
		if out.Status != types.ExecutionStatusRunning {
			return out
		}
	}
	t.Fatalf("%s still runs", arn)
	return nil
}
