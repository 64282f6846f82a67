package redrives_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func TestCreate_PlansRecordsAndStarts(t *testing.T) {
	t.Parallel()
	b := setup()
	response, body := b.call(t, "engineer", "POST /api/redrives", "", `{
		"filter":{"from":"2026-11-20T00:00:00-03:00","to":"2026-11-21T00:00:00Z","error":"Fibonacci.Unavailable","statusClass":"5xx"},
		"dryRun":false,"reason":"  receiver is up again ","canary":7,"ratePerMinute":600,"stopShare":0.5}`)
	if response.StatusCode != 202 || response.Headers["Location"] != "/api/redrives/"+campaignID.String() || body["id"] != campaignID.String() || body["status"] != "planned" {
		t.Fatalf("%+v", response)
	}
	filter := lead.RedriveFilter{
		From: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
		Error: "Fibonacci.Unavailable", StatusClass: "5xx",
	}
	got := b.store.created[0]
	got.Filter.From, got.Filter.To = got.Filter.From.UTC(), got.Filter.To.UTC()
	want := lead.NewCampaign{Filter: filter, Reason: "receiver is up again", Actor: "subject-1", Canary: 7, RatePerMinute: 600, StopShare: 0.5}
	if got != want || len(b.store.created) != 1 || b.store.planned[0] != b.store.created[0].Filter {
		t.Errorf("created %+v, want %+v", got, want)
	}
	if want := []string{"redrive-" + campaignID.String() + "-1"}; !slices.Equal(b.starter.started, want) {
		t.Errorf("started %v, want %v", b.starter.started, want)
	}
}

func TestCreate_Defaults(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for body, span := range map[string][2]time.Time{
		`{"reason":"x"}`:             {now.Add(-14 * day), now},
		`{"reason":"x","filter":{}}`: {now.Add(-14 * day), now},
		`{"reason":"x","filter":{"from":"2026-11-21T00:00:00Z"}}`: {now.Truncate(day), now},
		`{"reason":"x","filter":{"to":"2026-11-01T00:00:00Z"}}`:   {time.Date(2026, 10, 18, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)},
	} {
		b := setup()
		if response, _ := b.call(t, "engineer", "POST /api/redrives", "", body); response.StatusCode != 202 {
			t.Errorf("%s: %d %s", body, response.StatusCode, response.Body)
			continue
		}
		got := b.store.created[0]
		if got.Canary != 5 || got.RatePerMinute != 60 || got.StopShare != 0.2 || got.Filter.Error != "" || got.Filter.StatusClass != "" {
			t.Errorf("%s: %+v", body, got)
		}
		if !got.Filter.From.Equal(span[0]) || !got.Filter.To.Equal(span[1]) {
			t.Errorf("%s: from %s to %s, want %s to %s", body, got.Filter.From, got.Filter.To, span[0], span[1])
		}
	}
}

func TestCreate_DryRunIsThePlanAndNothingElse(t *testing.T) {
	t.Parallel()
	b := setup()
	b.store.plan = lead.RedrivePlan{
		Total: 3, Redrivable: 2, Fresh: 1, WouldFailAgain: 1, Withheld: 4, Busy: 5,
		Oldest: now.Add(-20 * 24 * time.Hour), Newest: now.Add(-time.Hour), SoonestExpiry: now.Add(time.Hour),
		Causes: []lead.RedriveCause{{Error: "Fibonacci.Unavailable", StatusCode: 503, Count: 2}, {Error: "Fibonacci.Unavailable", Count: 1}},
		Sample: []lead.RedriveSample{{LeadID: leadID, Execution: "arn:e", Error: "Fibonacci.Unavailable", StatusCode: 503, FailedAt: now, Fresh: true}},
	}
	response, _ := b.call(t, "engineer", "POST /api/redrives", "", `{"dryRun":true,"filter":{"error":"Fibonacci.Unavailable"}}`)
	const want = `{"filter":{"from":"2026-11-07T12:00:00.123Z","to":"2026-11-21T12:00:00.123Z","error":"Fibonacci.Unavailable"},` +
		`"total":3,"redrivable":2,"fresh":1,"wouldFailAgain":1,"withheld":4,"busy":5,` +
		`"oldest":"2026-11-01T12:00:00.123Z","newest":"2026-11-21T11:00:00.123Z","soonestExpiry":"2026-11-21T13:00:00.123Z",` +
		`"causes":[{"error":"Fibonacci.Unavailable","statusCode":503,"count":2},{"error":"Fibonacci.Unavailable","count":1}],` +
		`"sample":[{"leadId":"01930000-0000-7000-8000-00000000000b","executionArn":"arn:e","error":"Fibonacci.Unavailable","statusCode":503,"failedAt":"2026-11-21T12:00:00.123Z","fresh":true}]}`
	if response.StatusCode != 200 || response.Body != want {
		t.Errorf("%d\n%s\nwant\n%s", response.StatusCode, response.Body, want)
	}
	b.store.plan = lead.RedrivePlan{}
	if response, body := b.call(t, "engineer", "POST /api/redrives", "", `{"dryRun":true}`); response.StatusCode != 200 || body["total"] != 0.0 || len(body["causes"].([]any)) != 0 {
		t.Errorf("a plan of nothing: %d %v", response.StatusCode, body)
	}
	if len(b.store.created)+len(b.starter.started) > 0 {
		t.Error("a dry run made a campaign")
	}
}

func TestCreate_NothingToSendIsAConflict(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		plan lead.RedrivePlan
		says string
	}{
		{lead.RedrivePlan{}, "no delivery that failed fits the filter"},
		{lead.RedrivePlan{Withheld: 2}, "Left out: 2 erased or quarantined meanwhile."},
		{lead.RedrivePlan{Withheld: 2, Busy: 7}, "Left out: 2 erased or quarantined meanwhile, 7 in an unfinished campaign already."},
	} {
		b := setup()
		b.store.plan = row.plan
		response, body := b.call(t, "engineer", "POST /api/redrives", "", `{"reason":"x"}`)
		if detail, _ := body["detail"].(string); response.StatusCode != 409 || !strings.Contains(detail, row.says) || len(b.store.created) > 0 {
			t.Errorf("%+v: %d %v", row.plan, response.StatusCode, body)
		}
	}
}

func TestCreate_RefusesABodyThatIsNone(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"POST /api/redrives", "POST /api/leads/{id}/redrive"} {
		for _, body := range []string{
			"", " ", "x", "null", "[]", `"x"`, "1", `{"reason":"x"`, `{"reason":"x"}{}`, `{"reason":"x"} x`, `{"reason":"x","reason":"y"}`,
			`{"reason":"x","re\u0061son":"y"}`, `{"reason":"\ud800"}`, `{'reason':"x"}`, `{"reason":"x",}`,
			`{"reason":"x","filter":{"from":1,"from":2}}`, "\ufeff{}", strings.Repeat(`{"a":`, 20_000),
		} {
			b := setup()
			response, _ := b.call(t, "engineer", call, leadID.String(), body)
			if response.StatusCode != 400 || response.Headers["Content-Type"] != "application/problem+json" || !b.untouched() {
				t.Errorf("%s, %.40q: %d %s, touched %v", call, body, response.StatusCode, response.Body, !b.untouched())
			}
		}
	}
}

func TestCreate_RefusesEachMemberUnderItsPointer(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                "/reason required",
		`{"dryRun":false}`:  "/reason required",
		`{"reason":""}`:     "/reason required",
		`{"reason":" \t "}`: "/reason required",
		`{"reason":null}`:   "/reason wrong_type",
		`{"reason":["x"]}`:  "/reason wrong_type",
		`{"reason":1}`:      "/reason wrong_type",
		`{"reason":"` + strings.Repeat("ã", 501) + `"}`: "/reason too_long",
		`{"reason":"a\nb"}`:                                       "/reason characters",
		`{"reason":"a\u0000b"}`:                                   "/reason characters",
		`{"reason":"a\u001b[2Jb"}`:                                "/reason characters",
		`{"reason":"a\u0085b"}`:                                   "/reason characters",
		`{"reason":"a\u202eb"}`:                                   "/reason characters",
		`{"reason":"a\u2028b"}`:                                   "/reason characters",
		`{"reason":"a\ufffdb"}`:                                   "/reason characters",
		`{"reason":"x","Reason":"y"}`:                             "/Reason unknown",
		`{"reason":"x","since":"24h"}`:                            "/since unknown",
		`{"reason":"x","a/b~":1}`:                                 "/a~1b~0 unknown",
		`{"reason":"x","` + strings.Repeat("n", 500) + `":1}`:     "/" + strings.Repeat("n", 64) + " unknown",
		`{"reason":"x","dryRun":"true"}`:                          "/dryRun wrong_type",
		`{"reason":"x","dryRun":null}`:                            "/dryRun wrong_type",
		`{"reason":"x","filter":null}`:                            "/filter wrong_type",
		`{"reason":"x","filter":[]}`:                              "/filter wrong_type",
		`{"reason":"x","filter":{"leadId":"1"}}`:                  "/filter/leadId unknown",
		`{"reason":"x","filter":{"since":"24h"}}`:                 "/filter/since unknown",
		`{"reason":"x","filter":{"from":1}}`:                      "/filter/from wrong_type",
		`{"reason":"x","filter":{"from":""}}`:                     "/filter/from format",
		`{"reason":"x","filter":{"from":"2026-11-20"}}`:           "/filter/from format",
		`{"reason":"x","filter":{"from":"2026-11-20T00:00:00"}}`:  "/filter/from format",
		`{"reason":"x","filter":{"from":"1999-12-31T23:59:59Z"}}`: "/filter/from format",
		`{"reason":"x","filter":{"from":"0000-01-01T00:00:00Z"}}`: "/filter/from format",
		`{"reason":"x","filter":{"to":"2026-13-01T00:00:00Z"}}`:   "/filter/to format",
		`{"reason":"x","filter":{"from":"2026-11-21T12:00:01Z"}}`: "/filter/from range",
		`{"reason":"x","filter":{"from":"2026-11-20T00:00:00Z","to":"2026-11-20T00:00:00Z"}}`:      "/filter/to range",
		`{"reason":"x","filter":{"from":"2026-11-20T00:00:00Z","to":"2026-11-20T00:00:00+01:00"}}`: "/filter/to range",
		`{"reason":"x","filter":{"error":""}}`:                                                     "/filter/error required",
		`{"reason":"x","filter":{"error":7}}`:                                                      "/filter/error wrong_type",
		`{"reason":"x","filter":{"error":"` + strings.Repeat("x", 257) + `"}}`:                     "/filter/error too_long",
		`{"reason":"x","filter":{"error":"a\u0007"}}`:                                              "/filter/error characters",
		`{"reason":"x","filter":{"statusClass":"2xx"}}`:                                            "/filter/statusClass not_allowed",
		`{"reason":"x","filter":{"statusClass":""}}`:                                               "/filter/statusClass not_allowed",
		`{"reason":"x","filter":{"statusClass":503}}`:                                              "/filter/statusClass wrong_type",
		`{"reason":"x","canary":0}`:                                                                "/canary range",
		`{"reason":"x","canary":101}`:                                                              "/canary range",
		`{"reason":"x","canary":1.5}`:                                                              "/canary range",
		`{"reason":"x","canary":-1}`:                                                               "/canary range",
		`{"reason":"x","canary":1e30}`:                                                             "/canary range",
		`{"reason":"x","canary":"5"}`:                                                              "/canary wrong_type",
		`{"reason":"x","canary":null}`:                                                             "/canary wrong_type",
		`{"reason":"x","ratePerMinute":0}`:                                                         "/ratePerMinute range",
		`{"reason":"x","ratePerMinute":6001}`:                                                      "/ratePerMinute range",
		`{"reason":"x","ratePerMinute":true}`:                                                      "/ratePerMinute wrong_type",
		`{"reason":"x","stopShare":-0.1}`:                                                          "/stopShare range",
		`{"reason":"x","stopShare":1.01}`:                                                          "/stopShare range",
		`{"reason":"x","stopShare":"20%"}`:                                                         "/stopShare wrong_type",
		`{"reason":"x","stopShare":null}`:                                                          "/stopShare wrong_type",
		`{"dryRun":true,"reason":"a\nb"}`:                                                          "/reason characters",
	} {
		b := setup()
		response, document := b.call(t, "engineer", "POST /api/redrives", "", body)
		if got := pointers(document); response.StatusCode != 422 || !slices.Equal(got, []string{want}) || !b.untouched() {
			t.Errorf("%.80s: %d %v, want %s, touched %v", body, response.StatusCode, got, want, !b.untouched())
		}
	}
}

func TestCreate_NamesEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	b := setup()
	_, body := b.call(t, "engineer", "POST /api/redrives", "", `{"filter":{"from":"x","to":1,"z":1},"canary":0,"ratePerMinute":"a","stopShare":2,"y":1}`)
	want := []string{
		"/filter/to wrong_type", "/filter/from format", "/filter/z unknown", "/reason required", "/canary range", "/ratePerMinute wrong_type", "/stopShare range", "/y unknown",
	}
	got := pointers(body)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if text := fmt.Sprint(body); !strings.Contains(text, "must not name persons") {
		t.Errorf("nothing says what a reason must not hold: %s", text)
	}
}

func TestCreate_TakesTheLimits(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"reason":"` + strings.Repeat("ã", 500) + `"}`,
		`{"reason":"x","canary":1,"ratePerMinute":1,"stopShare":0}`,
		`{"reason":"x","canary":100,"ratePerMinute":6000,"stopShare":1}`,
		`{"reason":"x","filter":{"error":"` + strings.Repeat("x", 256) + `","statusClass":"none"}}`,
		`{"reason":"x","filter":{"to":"2027-01-01T00:00:00Z"}}`,
	} {
		b := setup()
		if response, _ := b.call(t, "engineer", "POST /api/redrives", "", body); response.StatusCode != 202 {
			t.Errorf("%.60s: %d %s", body, response.StatusCode, response.Body)
		}
	}
}

func TestRedriveLead_IsACampaignOfOne(t *testing.T) {
	t.Parallel()
	b := setup()
	response, body := b.call(t, "engineer", "POST /api/leads/{id}/redrive", leadID.String(), `{"reason":"receiver is up again"}`)
	want := lead.NewCampaign{
		Filter: lead.RedriveFilter{To: now.Add(time.Hour), LeadID: leadID}, Reason: "receiver is up again", Actor: "subject-1", Canary: 1, RatePerMinute: 60, StopShare: 1,
	}
	if response.StatusCode != 202 || response.Headers["Location"] != "/api/redrives/"+campaignID.String() || b.store.created[0] != want || b.store.planned[0] != want.Filter {
		t.Errorf("%+v, created %+v", response, b.store.created)
	}
	filter, _ := body["filter"].(map[string]any)
	if _, from := filter["from"]; from || filter["leadId"] != leadID.String() {
		t.Errorf("filter %v", filter)
	}
}

func TestRedriveLead_SaysWhyItIsNotSent(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		plan lead.RedrivePlan
		says string
	}{
		{lead.RedrivePlan{}, "There is no failed delivery of this lead"},
		{lead.RedrivePlan{Withheld: 1}, "erased or quarantined"},
		{lead.RedrivePlan{Busy: 1}, "in an unfinished campaign already"},
	} {
		b := setup()
		b.store.plan = row.plan
		response, body := b.call(t, "engineer", "POST /api/leads/{id}/redrive", leadID.String(), `{"reason":"x"}`)
		if detail, _ := body["detail"].(string); response.StatusCode != 409 || !strings.Contains(detail, row.says) || len(b.store.created) > 0 {
			t.Errorf("%+v: %d %v", row.plan, response.StatusCode, body)
		}
	}
}

func TestRedriveLead_TakesAReasonAndNothingElse(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                           "/reason required",
		`{"reason":"a\rb"}`:            "/reason characters",
		`{"reason":"x","canary":5}`:    "/canary unknown",
		`{"reason":"x","dryRun":true}`: "/dryRun unknown",
	} {
		b := setup()
		response, document := b.call(t, "engineer", "POST /api/leads/{id}/redrive", leadID.String(), body)
		if got := pointers(document); response.StatusCode != 422 || !slices.Equal(got, []string{want}) || !b.untouched() {
			t.Errorf("%s: %d %v", body, response.StatusCode, got)
		}
	}
}

func TestReason_NamesNoPersons(t *testing.T) {
	t.Parallel()
	for reason, refused := range map[string]bool{
		"asked for by ana@example.com":                        true,
		"for <Ana.Silva+x@mail.exámple.com.br>":               true,
		"call +55 11 98765-4321":                              true,
		"(11) 98765-4321 waits":                               true,
		"11987654321":                                         true,
		"call 98765432":                                       true,
		"tel:+5511987654321":                                  true,
		"2026-11-20, call 11 98765 4321":                      true,
		"CPF 123.456.789-09":                                  true,
		"outage of 20 November, INC-1234":                     false,
		"INC0012345678":                                       false,
		"lead 01930000-0000-7000-8000-00000000000b":           false,
		"down 2026-11-20 10:00 to 2026-11-21 12:30":           false,
		"down 2026-11-20T10:00:00Z/2026-11-21T12:30:00Z":      false,
		"down 20/11/2026-21/11/2026":                          false,
		"20261120 release":                                    false,
		"rows 1000-2000 answered 503":                         false,
		"10.0.112.134 was replaced":                           false,
		"@operations said: receiver@v2 is up":                 false,
		"99.95 % of 1,000,000 failed at 14:05, 503 then 504s": false,
	} {
		for _, call := range []string{"POST /api/redrives", "POST /api/leads/{id}/redrive"} {
			b := setup()
			response, body := b.call(t, "engineer", call, leadID.String(), fmt.Sprintf(`{"reason":%q}`, reason))
			if !refused {
				if response.StatusCode != 202 {
					t.Errorf("%s, %q: %d %s", call, reason, response.StatusCode, response.Body)
				}
				continue
			}
			if got := pointers(body); response.StatusCode != 422 || !slices.Equal(got, []string{"/reason not_allowed"}) || !b.untouched() ||
				!strings.Contains(response.Body, "names no persons") || strings.Contains(response.Body, reason) {
				t.Errorf("%s, %q: %d %s", call, reason, response.StatusCode, response.Body)
			}
		}
	}
}
