package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	campaignID = "0198c1a2-0000-7000-8000-00000000000c"
	planned500 = `{"total":500,"redrivable":480,"fresh":20,"wouldFailAgain":3,"withheld":2,"busy":1,
		"oldest":"2026-11-01T10:00:00.000Z","newest":"2026-11-21T10:00:00.000Z","soonestExpiry":"2026-11-22T10:00:00.000Z",
		"causes":[{"error":"Fibonacci.Unavailable","statusCode":503,"count":497},{"error":"Fibonacci.Unavailable","count":3}],
		"sample":[{"leadId":"` + leadID + `","executionArn":"arn:e","error":"Fibonacci.Unavailable","statusCode":503,"failedAt":"2026-11-21T10:00:00.000Z","fresh":true}]}`
)

// campaignDocument is a campaign of five leads as the API shows it.
func campaignDocument(status string, batch, pending, sent, delivered, failed int, items ...string) string {
	listed := ""
	if status != "planned" {
		listed = `"plannedAt":"2026-11-21T10:00:01.000Z",`
	}
	return fmt.Sprintf(`{"id":%q,"status":%q,"reason":"outage\u001b[2J","createdBy":"subject-1","createdAt":"2026-11-21T10:00:00.000Z",%s
		"filter":{"from":"2026-11-07T10:00:00.000Z","to":"2026-11-21T10:00:00.000Z"},"canary":5,"ratePerMinute":60,"stopShare":0.2,"part":1,"batch":%d,"stopReason":"2 of 5 failed",
		"counts":{"total":%d,"pending":%d,"sent":%d,"delivered":%d,"failed":%d,"withheld":0,"skipped":0,"unsent":0},
		"actions":[{"at":"2026-11-21T10:00:00.000Z","actor":"subject-1","action":"created"}],"items":[%s]}`,
		campaignID, status, listed, batch, pending+sent+delivered+failed, pending, sent, delivered, failed, strings.Join(items, ","))
}

// redriveAPI plans, starts one campaign and shows its looks one after the other,
// the last one again and again.
type redriveAPI struct {
	plan  string
	looks []string
	// looked is called with the number of each look, from 1.
	looked func(n int)

	mu       sync.Mutex
	requests []redriveRequest
	leads    []string // that were redriven alone, each with its reason
	seen     int
}

func (f *redriveAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "Bearer secret-token":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodPost && r.URL.Path == "/api/redrives":
		var request redriveRequest
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&request); err != nil || r.Header.Get("Content-Type") != "application/json" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		f.requests = append(f.requests, request)
		if request.DryRun {
			_, _ = io.WriteString(w, f.plan)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, campaignDocument("planned", 0, 0, 0, 0, 0))
	case r.Method == http.MethodPost && r.URL.Path == "/api/leads/"+leadID+"/redrive":
		var body map[string]string
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body) != 1 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		f.leads = append(f.leads, leadID+" "+body["reason"])
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, campaignDocument("planned", 0, 0, 0, 0, 0))
	case r.Method == http.MethodGet && r.URL.Path == "/api/redrives/"+campaignID:
		look := f.looks[min(f.seen, len(f.looks)-1)]
		f.seen++
		if f.looked != nil {
			f.looked(f.seen)
		}
		if look == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, look)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// person runs one command line at a terminal, or in a script.
type person struct {
	ctx      context.Context
	terminal bool
	types    string
}

func (p person) runs(t *testing.T, api *redriveAPI, args ...string) outcome {
	t.Helper()
	env := map[string]string{"NIGREDO_ADDR": serve(t, api.ServeHTTP), "NIGREDO_TOKEN": "secret-token"}
	if p.ctx == nil {
		p.ctx = t.Context()
	}
	var stdout, stderr bytes.Buffer
	a := &app{
		ctx: p.ctx, getenv: func(name string) string { return env[name] }, stdin: strings.NewReader(p.types), stdout: &stdout, stderr: &stderr,
		isTerminal: func(any) bool { return p.terminal }, pollEvery: time.Millisecond,
	}
	return outcome{a.run(args), stdout.String(), stderr.String()}
}

func (o outcome) wantOutput(t *testing.T, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	if strings.ContainsAny(o.stdout+o.stderr, "\x1b\u202e") {
		t.Errorf("control characters of a stranger reach the terminal: %q", o.stdout+o.stderr)
	}
}

func TestRedrivePlan_ShowsWhatWouldBeSentAndHowToRunIt(t *testing.T) {
	t.Parallel()
	api := &redriveAPI{plan: planned500}
	got := person{}.runs(t, api, "redrive", "--error", "Fibonacci.Unavailable", "--class", "5xx",
		"--from", "2026-11-01T00:00:00-03:00", "--to", "2026-11-21T12:00:00Z", "--rate", "600", "--plan")
	got.want(t, 0, "")
	got.wantOutput(t,
		"would be delivered again            500\n", "  redrivable                        480 ", "  past 14 days                      20 ", "  would fail again                  3 ",
		"left out, erased or quarantined     2\n", "left out, busy in another campaign  1\n",
		"oldest failure                      2026-11-01 10:00:00Z", "first past 14 days at", "2026-11-22 10:00:00Z", "takes at least                      50s",
		"Fibonacci.Unavailable  503   497\n", "Fibonacci.Unavailable  none  3\n", leadID+"  2026-11-21 10:00:00Z  Fibonacci.Unavailable  503   fresh\n",
		"  nigredo redrive --error Fibonacci.Unavailable --class 5xx --from 2026-11-01T03:00:00.000Z --to 2026-11-21T12:00:00.000Z --reason \"…\" --rate 600\n",
	)
	want := redriveRequest{
		Filter: redriveFilter{From: "2026-11-01T03:00:00.000Z", To: "2026-11-21T12:00:00.000Z", Error: "Fibonacci.Unavailable", StatusClass: "5xx"},
		DryRun: true, Canary: 5, RatePerMinute: 600, StopShare: 0.2,
	}
	if len(api.requests) != 1 || api.requests[0] != want {
		t.Errorf("asked %+v, want %+v", api.requests, want)
	}
	if document := validJSON(t, person{}.runs(t, api, "redrive", "--plan", "--json")); document["total"] != 500.0 {
		t.Errorf("got %v", document)
	}
}

func TestRedrivePlan_OfNothingHasNoCommand(t *testing.T) {
	t.Parallel()
	got := person{}.runs(t, &redriveAPI{plan: `{"total":0,"withheld":2,"causes":[],"sample":[]}`}, "redrive", "--plan")
	got.want(t, 0, "")
	if strings.Contains(got.stdout, "Run it") || strings.Contains(got.stdout, "HTTP") {
		t.Errorf("got\n%s", got.stdout)
	}
}

func TestRedrive_SinceIsCountedFromNow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 123_456_789, time.UTC)
	for since, from := range map[time.Duration]string{
		24 * time.Hour: "2026-11-20T12:00:00.123Z", 90 * time.Minute: "2026-11-21T10:30:00.123Z", 0: "2026-11-07T12:00:00.123Z",
	} {
		got, err := (&redriveCmd{Since: age(since)}).request(now)
		if err != nil || got.Filter.From != from || got.Filter.To != "2026-11-21T12:00:00.123Z" {
			t.Errorf("--since %s: %+v, %v", since, got.Filter, err)
		}
	}
	got, err := (&redriveCmd{To: "2026-11-15T00:00:00Z"}).request(now)
	if err != nil || got.Filter.From != "2026-11-01T00:00:00.000Z" {
		t.Errorf("--to alone: %+v, %v", got.Filter, err)
	}
}

func TestRedrive_CommandIsOneThatAShellTakes(t *testing.T) {
	t.Parallel()
	r := redriveRequest{Filter: redriveFilter{Error: "it's $HOME; x", From: "a", To: "b"}, Reason: "up again", Canary: 1, RatePerMinute: 60, StopShare: 1}
	const want = `nigredo redrive --error 'it'\''s $HOME; x' --from a --to b --reason 'up again' --canary 1 --stop-share 1`
	if got := r.command(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRedrive_WrongUsage(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		args []string
		says string
	}{
		"neither":               {nil, "name an execution"},
		"a filter alone":        {[]string{"--since", "24h"}, "--plan"},
		"yes alone":             {[]string{"--yes"}, "--reason"},
		"execution and filter":  {[]string{"lead-1", "--plan"}, "redriven alone"},
		"execution and yes":     {[]string{"lead-1", "--yes"}, "redriven alone"},
		"execution and rate":    {[]string{"lead-1", "--rate", "60"}, "redriven alone"},
		"execution and canary":  {[]string{"lead-1", "--canary", "5"}, "redriven alone"},
		"execution and share":   {[]string{leadID, "--stop-share", "0.2", "--reason", "x"}, "redriven alone"},
		"execution and detach":  {[]string{"lead-1", "--detach"}, "--reason"},
		"reason for no lead":    {[]string{"lead-1", "--reason", "x"}, "id of the lead"},
		"reason for a batch":    {[]string{"redrive_batch:lead-" + leadID, "--reason", "x"}, "id of the lead"},
		"reason for half an id": {[]string{"lead-" + leadID[:35], "--reason", "x"}, "id of the lead"},
		"share of no number":    {[]string{"--plan", "--stop-share", "NaN"}, "--stop-share is not within 0 and 1"},
		"share without end":     {[]string{"--plan", "--stop-share", "Inf"}, "--stop-share is not within 0 and 1"},
		"share backwards":       {[]string{"--plan", "--stop-share=-0.1"}, "--stop-share is not within 0 and 1"},
		"since and from":        {[]string{"--since", "24h", "--from", "2026-11-01T00:00:00Z", "--plan"}, "--since, or --from"},
		"since of nothing":      {[]string{"--since", "0d", "--plan"}, "--since: want a time span"},
		"since backwards":       {[]string{"--since=-24h", "--plan"}, "--since: want a time span"},
		"since of a word":       {[]string{"--since", "d", "--plan"}, "--since: want a time span"},
		"since the Flood":       {[]string{"--since", "9999999d", "--plan"}, "--since: want a time span"},
		"from of a date":        {[]string{"--from", "2026-11-01", "--plan"}, "--from is no time"},
		"to of a word":          {[]string{"--to", "now", "--plan"}, "--to is no time"},
		"unknown class":         {[]string{"--class", "2xx", "--plan"}, "--class"},
		"rate of no number":     {[]string{"--rate", "fast", "--plan"}, "--rate"},
		"nobody to ask":         {[]string{"--reason", "x"}, "add --yes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &redriveAPI{plan: planned500}
			got := person{}.runs(t, api, append([]string{"redrive"}, row.args...)...)
			got.want(t, exitUsage, row.says)
			if len(api.requests) > 0 {
				t.Errorf("asked %+v", api.requests)
			}
		})
	}
}

func TestRedrive_AsksBeforeItStarts(t *testing.T) {
	t.Parallel()
	yes, no := []string{"y\n", " YES \n", "y"}, []string{"n\n", "\n", "", "yesterday\n"}
	for _, types := range slices.Concat(yes, no) {
		starts := slices.Contains(yes, types)
		api := &redriveAPI{plan: planned500, looks: []string{campaignDocument("completed", 1, 0, 0, 5, 0)}}
		got := person{terminal: true, types: types}.runs(t, api, "redrive", "--reason", "up again")
		if !strings.Contains(got.stderr, "Deliver 500 leads again, 5 of them first, at most 60 a minute? [y/N]") || !strings.Contains(got.stderr, "would be delivered again") {
			t.Errorf("%q: asked\n%s", types, got.stderr)
		}
		if starts {
			got.want(t, 0, "Started campaign "+campaignID)
		} else {
			got.want(t, exitFailed, "nothing was started")
		}
		if started := len(api.requests) == 2; started != starts {
			t.Errorf("%q: %d requests", types, len(api.requests))
		}
	}
}

func TestRedrive_RunsWhatItPlanned(t *testing.T) {
	t.Parallel()
	api := &redriveAPI{plan: planned500, looks: []string{campaignDocument("completed", 1, 0, 0, 5, 0)}}
	person{}.runs(t, api, "redrive", "--since", "1d12h", "--reason", "up again", "--rate", "600", "--canary", "1", "--stop-share", "0", "--yes").want(t, 0, "")
	if len(api.requests) != 2 || !api.requests[0].DryRun || api.requests[1].DryRun {
		t.Fatalf("asked %+v", api.requests)
	}
	planned := api.requests[0]
	planned.DryRun = false
	from, errFrom := time.Parse(time.RFC3339, planned.Filter.From)
	to, errTo := time.Parse(time.RFC3339, planned.Filter.To)
	if errFrom != nil || errTo != nil || to.Sub(from) != 36*time.Hour {
		t.Errorf("--since 1d12h is %+v", planned.Filter)
	}
	if api.requests[1] != planned || planned.Reason != "up again" || planned.RatePerMinute != 600 || planned.Canary != 1 || planned.StopShare != 0 {
		t.Errorf("started %+v, planned %+v", api.requests[1], planned)
	}
}

func TestRedrive_InterruptedAtTheQuestionStartsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	api := &redriveAPI{plan: planned500}
	env := map[string]string{"NIGREDO_ADDR": serve(t, api.ServeHTTP), "NIGREDO_TOKEN": "secret-token"}
	silent, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close() //nolint:errcheck // nothing is written
	var stdout bytes.Buffer
	stderr := &trigger{word: "[y/N]", then: cancel}
	a := &app{
		ctx: ctx, getenv: func(name string) string { return env[name] }, stdin: silent, stdout: &stdout, stderr: stderr,
		isTerminal: func(any) bool { return true }, pollEvery: time.Millisecond,
	}
	if code := a.run([]string{"redrive", "--reason", "x"}); code != exitFailed || len(api.requests) != 1 || !strings.Contains(stderr.String(), "nothing was started") {
		t.Errorf("exit code %d after %d requests: %s", code, len(api.requests), stderr)
	}
}

// trigger does something once a word was written.
type trigger struct {
	bytes.Buffer
	word string
	then func()
}

func (w *trigger) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.word) {
		w.then()
	}
	return n, err
}

func TestRedrive_NothingToSendIsRefused(t *testing.T) {
	t.Parallel()
	api := &redriveAPI{plan: `{"total":0,"busy":4,"causes":[],"sample":[]}`}
	got := person{}.runs(t, api, "redrive", "--reason", "x", "--yes")
	got.want(t, exitRefused, "nothing would be delivered again")
	if len(api.requests) != 1 || !strings.Contains(got.stderr, "busy in another campaign  4") {
		t.Errorf("%d requests\n%s", len(api.requests), got.stderr)
	}
}

func TestRedrive_DetachedPrintsTheIDAlone(t *testing.T) {
	t.Parallel()
	api := &redriveAPI{plan: planned500}
	got := person{}.runs(t, api, "redrive", "--reason", "x", "--yes", "--detach")
	got.want(t, 0, "nigredo redrives watch "+campaignID)
	if got.stdout != campaignID+"\n" {
		t.Errorf("got %q", got.stdout)
	}
	if document := validJSON(t, person{}.runs(t, api, "redrive", "--reason", "x", "--yes", "--detach", "--json")); document["id"] != campaignID {
		t.Errorf("got %v", document)
	}
}

func TestRedriveLead_GoesThroughTheAPIWithItsReason(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{leadID, strings.ToUpper(leadID), "lead-" + leadID, "lead-" + leadID + "-2", "fibonacci_delivery:lead-" + leadID, executionPrefix + "fibonacci_delivery:lead-" + leadID} {
		api := &redriveAPI{looks: []string{campaignDocument("running", 1, 0, 1, 0, 0), campaignDocument("completed", 1, 0, 0, 1, 0)}}
		got := person{}.runs(t, api, "redrive", typed, "--reason", "up again")
		got.want(t, 0, "Started campaign "+campaignID)
		got.wantOutput(t, "status", "completed")
		if want := []string{leadID + " up again"}; !slices.Equal(api.leads, want) || len(api.requests) > 0 {
			t.Errorf("%s: redriven %v, want %v; %d campaigns", typed, api.leads, want, len(api.requests))
		}
	}
	api := &redriveAPI{}
	if got := (person{}).runs(t, api, "redrive", leadID, "--reason", "up again", "--detach"); got.code != 0 || got.stdout != campaignID+"\n" {
		t.Errorf("got %+v", got)
	}
}

func TestRedrive_SaysWhatTheAPIRefuses(t *testing.T) {
	t.Parallel()
	for status, row := range map[int]struct {
		body string
		code int
		says string
	}{
		422: {`{"detail":"The body has errors.","errors":[{"message":"canary is a whole number from 1 to 100."},{"message":"x"}]}`, exitUsage, "plan: canary is a whole number from 1 to 100.; x (422)"},
		409: {`{"detail":"Nothing would be sent."}`, exitRefused, "plan: Nothing would be sent. (409)"},
		403: {`{"detail":"Your role does not allow this call."}`, exitRefused, "Your role does not allow this call. (403); this needs the role engineer\n"},
		503: {`{"detail":"The data could not be read just now."}`, exitUnreachable, "The data could not be read"},
	} {
		addr := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, row.body)
		})
		nigredo(t, map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}, "redrive", "--plan").want(t, row.code, row.says)
	}
}
