package views_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
	"github.com/alquimista-ai/nigredo/activities/views"
)

const beaconType = "text/plain;charset=UTF-8" // as sendBeacon sends a string

type store struct {
	counted []lead.PageView
	err     error
}

func (s *store) CountView(_ context.Context, v lead.PageView) error {
	s.counted = append(s.counted, v)
	return s.err
}

// call sends a beacon; more headers are of pairs.
func call(t *testing.T, s *store, contentType, body string, headers ...string) (events.APIGatewayProxyResponse, string) {
	t.Helper()
	var log bytes.Buffer
	request := events.APIGatewayProxyRequest{HTTPMethod: "POST", Body: body, Headers: map[string]string{"content-type": contentType, "user-agent": "zz-agent"}}
	request.RequestContext.Identity.SourceIP = "203.0.113.7"
	for i := 0; i < len(headers); i += 2 {
		request.Headers[headers[i]] = headers[i+1]
	}
	response := tasktest.Call(t, views.New(task.NewEnv(&log, time.Now), s), request)
	return response, log.String()
}

func TestViews_CountsUnderNamesOfOurs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 65)
	for body, want := range map[string]lead.PageView{
		`{"page":"/"}`: {Page: "/", Source: "direct", Variant: "none"},
		`{"page":"/en/","source":"newsletter","variant":"b"}`:                                              {Page: "/en/", Source: "newsletter", Variant: "b"},
		`{"page":"/","utm":{"source":"mail","medium":"x","campaign":"ana@example.com","content":"hero2"}}`: {Page: "/", Source: "mail", Variant: "hero2"},
		`{"page":"/","source":"site","variant":"b","utm":{"source":"mail","content":"hero2"}}`:             {Page: "/", Source: "site", Variant: "b"},
		`{"page":"/","utm":{"source":"ana@example.com","content":"ana@example.com"}}`:                      {Page: "/", Source: "direct", Variant: "other"},
		`{"page":"/","source":"ana@example.com","variant":"a b"}`:                                          {Page: "/", Source: "other", Variant: "other"},
		`{"page":"/?email=ana@example.com","source":"` + long + `","variant":"` + long + `"}`:              {Page: "other", Source: "other", Variant: "other"},
		`{"page":"/privacidade/"}`:                       {Page: "/privacidade/", Source: "direct", Variant: "none"},
		`{"page":"/en"}`:                                 {Page: "other", Source: "direct", Variant: "none"},
		`{"page":"/","source":"","variant":"","utm":{}}`: {Page: "/", Source: "direct", Variant: "none"},
	} {
		s := &store{}
		response, log := call(t, s, beaconType, body)
		if response.StatusCode != 204 || response.Body != "" || len(s.counted) != 1 || s.counted[0] != want {
			t.Errorf("%s: %d %s, %v, want %v", body, response.StatusCode, response.Body, s.counted, want)
		}
		for name := range response.Headers {
			if name != "Cache-Control" {
				t.Errorf("header %s", name)
			}
		}
		if strings.Count(log, `"NigredoPageViews":1`) != 1 {
			t.Errorf("%s: the metric is not counted once: %s", body, log)
		}
		for _, absent := range []string{"ana@", "203.0.113.7", "zz-agent", "newsletter"} {
			if strings.Contains(log, absent) {
				t.Errorf("%s: logged %s", body, log)
			}
		}
	}
}

func TestViews_WhoAsksNotToBeCountedIsNot(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"DNT", "dnt", "Sec-GPC", "sec-gpc"} {
		s := &store{}
		if response, log := call(t, s, beaconType, `{"page":"/"}`, header, "1"); response.StatusCode != 204 || len(s.counted) != 0 || strings.Contains(log, "NigredoPageViews") {
			t.Errorf("%s: %d, counted %v, logged %s", header, response.StatusCode, s.counted, log)
		}
		if response, _ := call(t, s, beaconType, `{"page":"/"}`, header, "0"); response.StatusCode != 204 || len(s.counted) != 1 {
			t.Errorf("%s: 0: %d, counted %v", header, response.StatusCode, s.counted)
		}
	}
}

func TestViews_Refuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		contentType, body string
		status            int
	}{
		"empty":            {beaconType, ``, 400},
		"no page":          {beaconType, `{}`, 400},
		"null":             {beaconType, `null`, 400},
		"an array":         {"application/json", `["/"]`, 400},
		"page of a number": {beaconType, `{"page":1}`, 400},
		"unknown member":   {beaconType, `{"page":"/","visitor":"7"}`, 400},
		"unknown campaign": {beaconType, `{"page":"/","utm":{"id":"7"}}`, 400},
		"member twice":     {beaconType, `{"page":"/","page":"/en/"}`, 400},
		"in capitals":      {beaconType, `{"Page":"/"}`, 400},
		"something behind": {beaconType, `{"page":"/"}{}`, 400},
		"a form":           {"application/x-www-form-urlencoded", `page=/`, 415},
		"another charset":  {"text/plain; charset=latin1", `{"page":"/"}`, 415},
		"no type":          {"", `{"page":"/"}`, 415},
		"too large":        {beaconType, `{"page":"` + strings.Repeat("a", 2<<10) + `"}`, 413},
	} {
		s := &store{}
		response, _ := call(t, s, row.contentType, row.body, "DNT", "0")
		if response.StatusCode != row.status || response.Headers["Content-Type"] != "application/problem+json" || len(s.counted) != 0 {
			t.Errorf("%s: %d %s, counted %v, want %d", name, response.StatusCode, response.Body, s.counted, row.status)
		}
	}
}

func TestViews_DatabaseAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	if response, _ := call(t, &store{err: fmt.Errorf("count: %w", lead.ErrDatabaseUnavailable)}, beaconType, `{"page":"/"}`); response.StatusCode != 503 {
		t.Errorf("%d", response.StatusCode)
	}
}

func FuzzViews_CountsWordsOrNothing(f *testing.F) {
	f.Add(`{"page":"/","source":"mail","variant":"b","utm":{"source":"x","content":"y"}}`)
	f.Add(`{"page":"/","page":"/"}`)
	f.Fuzz(func(t *testing.T, body string) {
		s := &store{}
		response, _ := call(t, s, beaconType, body)
		if (response.StatusCode == 204) != (len(s.counted) == 1) {
			t.Fatalf("%d, counted %v", response.StatusCode, s.counted)
		}
		for _, v := range s.counted {
			if v.Page != lead.Other && !slices.Contains(lead.Pages(), v.Page) || !lead.IsWord(v.Source) || !lead.IsWord(v.Variant) {
				t.Errorf("%q counts as %+v", body, v)
			}
		}
	})
}
