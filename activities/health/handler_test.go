package health

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

func get(t *testing.T, path string, checks ...Check) (events.APIGatewayProxyResponse, Status, string) {
	t.Helper()
	var out bytes.Buffer
	response := tasktest.Call(t, New(task.NewEnv(&out, time.Now), checks...), events.APIGatewayProxyRequest{Path: path, HTTPMethod: "GET"})
	return response, tasktest.Read[Status](t, response), out.String()
}

func answering(name string, err error) Check {
	return Check{Name: name, Ask: func(context.Context) error { return err }}
}

func TestHealth_IsAliveWhateverItsDependenciesDo(t *testing.T) {
	t.Parallel()
	asked := Check{Name: "database", Ask: func(context.Context) error { t.Error("asked"); return errors.New("down") }}
	response, status, _ := get(t, "/health", asked)
	if response.StatusCode != 200 || status.Status != "ok" || status.Checks != nil || response.Headers["Cache-Control"] != "no-store" {
		t.Errorf("%+v, %+v", response, status)
	}
}

func TestReady_NamesWhatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	secret := &pgconn.PgError{Code: "28P01", Message: "password authentication failed for user secret-user"}
	response, status, log := get(t, "/health/ready", answering("engine", nil), answering("database", secret))
	if response.StatusCode != 503 || status.Status != "unavailable" || status.Checks["engine"] != "ok" || status.Checks["database"] != "failed" {
		t.Errorf("%+v, %+v", response, status)
	}
	if strings.Contains(response.Body+log, "secret-user") {
		t.Errorf("a secret left: %s %s", response.Body, log)
	}
	if !strings.Contains(log, `"dependency":"database"`) || !strings.Contains(log, `"sqlstate":"28P01"`) || !strings.Contains(log, `"activity":"health"`) {
		t.Errorf("log %s", log)
	}
}

func TestReady_WhenEverythingAnswers(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/health/ready", "/health/ready/", "/nigredo/health/ready"} {
		response, status, _ := get(t, path, answering("database", nil))
		if response.StatusCode != 200 || status.Status != "ok" || status.Checks["database"] != "ok" {
			t.Errorf("%s: %+v", path, response)
		}
	}
}

func TestReady_DoesNotWaitForADependencyThatHangs(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	hangs := Check{Name: "database", Ask: func(context.Context) error { <-release; return nil }}
	var out bytes.Buffer
	h := &health{env: task.NewEnv(&out, time.Now).For("health", ""), checks: []Check{hangs, answering("engine", nil)}, timeout: 20 * time.Millisecond}
	if got := h.ask(t.Context()); got["database"] != "failed" || got["engine"] != "ok" {
		t.Errorf("%v", got)
	}
}

func TestReady_OneThatPanicsIsNotAlive(t *testing.T) {
	t.Parallel()
	panics := Check{Name: "database", Ask: func(context.Context) error { panic("secret-value") }}
	response, status, log := get(t, "/health/ready", panics)
	if response.StatusCode != 503 || status.Checks["database"] != "failed" || strings.Contains(log, "secret-value") {
		t.Errorf("%+v, %s", response, log)
	}
}

func TestReady_ManyChecksAnswerAtTheSameMoment(t *testing.T) {
	t.Parallel()
	var checks []Check
	for n := range 50 {
		checks = append(checks, answering(strconv.Itoa(n), nil))
	}
	response, status, _ := get(t, "/health/ready", checks...)
	if response.StatusCode != 200 || len(status.Checks) != len(checks) {
		t.Errorf("%d, %d of %d answered", response.StatusCode, len(status.Checks), len(checks))
	}
}
