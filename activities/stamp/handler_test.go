package stamp_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/stamp"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 123_000_000, time.UTC)

func call(t *testing.T, stamps lead.Stamper, request events.APIGatewayProxyRequest) (response events.APIGatewayProxyResponse, log string) {
	t.Helper()
	var out bytes.Buffer
	response = tasktest.Call(t, stamp.New(task.NewEnv(&out, func() time.Time { return now }), stamps), request)
	return response, out.String()
}

func newStamper(t *testing.T) lead.Stamper {
	t.Helper()
	s, err := lead.NewStamper(lead.NewStampKey())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStamp_AnybodyGetsASignedTime(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"", "operator", "engineer", "auditor", "privacy"} {
		stamps := newStamper(t)
		response, log := call(t, stamps, events.APIGatewayProxyRequest{RequestContext: tasktest.SignedIn(role)})
		got := tasktest.Read[struct{ Stamp, ExpiresAt string }](t, response)
		age, ok := stamps.Age(got.Stamp, now.Add(3*time.Second))
		if response.StatusCode != 200 || !ok || age != 3*time.Second || got.ExpiresAt != "2026-11-22T12:00:00.123Z" {
			t.Errorf("role %q: %+v, age %s, %t", role, response, age, ok)
		}
		if strings.Contains(log, got.Stamp) {
			t.Errorf("the log holds the stamp: %s", log)
		}
	}
}

func TestStamp_IsKeptByNoCacheAndSetsNoCookie(t *testing.T) {
	t.Parallel()
	response, _ := call(t, newStamper(t), events.APIGatewayProxyRequest{})
	if response.Headers["Cache-Control"] != "no-store" || response.Headers["Set-Cookie"] != "" || len(response.MultiValueHeaders) > 0 {
		t.Errorf("headers %v", response.Headers)
	}
}

func TestStamp_HasNoParameters(t *testing.T) {
	t.Parallel()
	response, _ := call(t, newStamper(t), events.APIGatewayProxyRequest{QueryStringParameters: map[string]string{"at": "1"}})
	if response.StatusCode != 400 {
		t.Errorf("%+v", response)
	}
}
