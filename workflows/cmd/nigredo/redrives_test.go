package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestFollow_ExitCodeTellsHowItEnded(t *testing.T) {
	t.Parallel()
	failed := `{"position":1,"leadId":"` + leadID + `","eventId":"e","state":"failed","error":"Fibonacci.Unavailable","redriveCount":1}`
	for name, row := range map[string]struct {
		end    string
		code   int
		stdout []string
		says   string
	}{
		"completed":        {campaignDocument("completed", 1, 0, 0, 5, 0), 0, []string{"status", "completed", "  delivered", "created"}, "nigredo redrives get " + campaignID + " --items"},
		"some failed":      {campaignDocument("completed", 1, 0, 0, 4, 1, failed), exitFailed, []string{"  failed again", "Fibonacci.Unavailable  1\n"}, "1 of 5 leads failed again"},
		"stopped":          {campaignDocument("stopped", 1, 0, 0, 3, 2, failed, failed), exitFailed, []string{"stop reason", "Fibonacci.Unavailable  2\n"}, "stopped by itself (2 of 5 failed); repair the receiver, then: nigredo redrives resume " + campaignID},
		"cancelled":        {campaignDocument("cancelled", 1, 0, 0, 5, 0), exitFailed, []string{"cancelled"}, "was cancelled"},
		"paused by others": {campaignDocument("paused", 1, 2, 1, 2, 0), exitFailed, []string{"  sent, on the way"}, "nigredo redrives resume " + campaignID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &redriveAPI{looks: []string{campaignDocument("planned", 0, 0, 0, 0, 0), campaignDocument("running", 1, 4, 1, 0, 0), row.end}}
			got := person{}.runs(t, api, "redrives", "watch", campaignID)
			if got.code != row.code || !strings.Contains(got.stderr, row.says) {
				t.Errorf("exit code %d, %s; want %d, %s", got.code, got.stderr, row.code, row.says)
			}
			got.wantOutput(t, row.stdout...)
		})
	}
}

func TestFollow_LinesWithoutATerminal(t *testing.T) {
	t.Parallel()
	looks := []string{campaignDocument("planned", 0, 0, 0, 0, 0)}
	for range 5 { // of no news
		looks = append(looks, campaignDocument("running", 1, 4, 1, 0, 0))
	}
	looks = append(looks, campaignDocument("running", 2, 1, 1, 3, 0), campaignDocument("completed", 2, 0, 0, 5, 0))
	got := person{}.runs(t, &redriveAPI{looks: looks}, "redrives", "watch", campaignID)
	want := "leads not listed yet: sent 0, delivered 0, failed 0, of 0\n" +
		"canary: sent 1, delivered 0, failed 0, of 5\n" +
		"batch 2: sent 1, delivered 3, failed 0, of 5\n" +
		"batch 2: sent 0, delivered 5, failed 0, of 5\n"
	if !strings.HasPrefix(got.stderr, want) {
		t.Errorf("got\n%s\nwant\n%s", got.stderr, want)
	}
}

func TestFollow_BarOnATerminal(t *testing.T) {
	t.Parallel()
	api := &redriveAPI{looks: []string{
		campaignDocument("planned", 0, 0, 0, 0, 0), campaignDocument("running", 1, 4, 1, 0, 0), campaignDocument("running", 2, 1, 1, 2, 1), campaignDocument("completed", 2, 0, 0, 4, 1),
	}}
	got := person{terminal: true}.runs(t, api, "redrives", "watch", campaignID)
	for _, want := range []string{"canary: sent 1, delivered 0, failed 0", "batch 2: sent 1, delivered 2, failed 1", "(3/5", "(5/5", "100%"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("no %q in %q", want, got.stderr)
		}
	}
}

func TestFollow_CtrlCLeavesTheCampaignRunning(t *testing.T) {
	t.Parallel()
	for _, terminal := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		api := &redriveAPI{plan: planned500, looks: []string{campaignDocument("running", 1, 4, 1, 0, 0)}, looked: func(n int) {
			if n == 3 {
				cancel()
			}
		}}
		got := person{ctx: ctx, terminal: terminal}.runs(t, api, "redrive", "--reason", "x", "--yes")
		got.want(t, 0, "The campaign goes on without this window.")
		for _, command := range []string{"watch", "pause", "cancel"} {
			if !strings.Contains(got.stderr, "nigredo redrives "+command+" "+campaignID) {
				t.Errorf("nothing says how to %s it:\n%s", command, got.stderr)
			}
		}
		if got.stdout != "" {
			t.Errorf("a report of what goes on: %s", got.stdout)
		}
	}
}

func TestFollow_OutlastsARestartOfTheAPI(t *testing.T) {
	t.Parallel()
	running := campaignDocument("running", 1, 4, 1, 0, 0)
	api := &redriveAPI{looks: []string{running, "", "", running, "", campaignDocument("completed", 1, 0, 0, 5, 0)}}
	got := person{}.runs(t, api, "redrives", "watch", campaignID)
	got.want(t, 0, "No answer; the campaign goes on without it.")
	if n := strings.Count(got.stderr, "No answer"); n != 2 {
		t.Errorf("said %d times that there is no answer, want once each time", n)
	}
}

func TestFollow_GivesUpAndSaysHowToWatchAgain(t *testing.T) {
	t.Parallel()
	api := &redriveAPI{looks: []string{campaignDocument("running", 1, 4, 1, 0, 0), ""}}
	person{}.runs(t, api, "redrives", "watch", campaignID).want(t, exitUnreachable, "nigredo redrives watch "+campaignID)
	if api.seen != patience+2 {
		t.Errorf("looked %d times, want %d", api.seen, patience+2)
	}
	never := &redriveAPI{looks: []string{""}}
	person{}.runs(t, never, "redrives", "watch", campaignID).want(t, exitUnreachable, "")
	if never.seen != 1 {
		t.Errorf("looked %d times at what never answered", never.seen)
	}
}

func TestFollow_SaysNothingOfACampaignThatNobodySaw(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	for name, got := range map[string]outcome{
		"no such campaign": person{}.runs(t, &redriveAPI{looks: []string{""}}, "redrives", "watch", leadID),
		"no answer":        person{}.runs(t, &redriveAPI{looks: []string{""}}, "redrives", "watch", campaignID),
		"interrupted":      person{ctx: ctx}.runs(t, &redriveAPI{looks: []string{""}, looked: func(int) { cancel() }}, "redrives", "watch", campaignID),
	} {
		if got.code == 0 || strings.Contains(got.stderr, "goes on") {
			t.Errorf("%s: exit code %d, %s", name, got.code, got.stderr)
		}
	}
}

// One that was just started is known, whether it was looked at or not.
func TestFollow_OutlastsARestartRightAfterTheStart(t *testing.T) {
	t.Parallel()
	api := &redriveAPI{plan: planned500, looks: []string{"", "", campaignDocument("completed", 1, 0, 0, 5, 0)}}
	person{}.runs(t, api, "redrive", "--reason", "x", "--yes").want(t, 0, "No answer; the campaign goes on without it.")
}

func TestFollow_SaysOnceWhenNothingMoves(t *testing.T) {
	t.Parallel()
	const says = "Nothing has moved for two minutes."
	looks := func(same int) []string {
		var all []string
		for range same {
			all = append(all, campaignDocument("running", 1, 4, 1, 0, 0))
		}
		return append(all, campaignDocument("running", 1, 3, 2, 0, 0), campaignDocument("completed", 1, 0, 0, 5, 0))
	}
	for same, times := range map[int]int{stillness: 0, stillness + 1: 1, 2*stillness + 5: 1} {
		for _, terminal := range []bool{false, true} {
			got := person{terminal: terminal}.runs(t, &redriveAPI{looks: looks(same)}, "redrives", "watch", campaignID)
			if n := strings.Count(got.stderr, says); got.code != 0 || n != times {
				t.Errorf("%d looks alike: said %d times, want %d", same, n, times)
			}
			if times > 0 && !strings.Contains(got.stderr, "nigredo redrives resume "+campaignID) {
				t.Errorf("nothing names resume: %s", got.stderr)
			}
		}
	}
}

func TestFollow_JSONIsTheAPIsDocument(t *testing.T) {
	t.Parallel()
	api := &redriveAPI{plan: planned500, looks: []string{campaignDocument("completed", 1, 0, 0, 5, 0)}}
	for _, args := range [][]string{{"redrives", "watch", campaignID, "--json"}, {"redrive", "--reason", "x", "--yes", "--json"}} {
		if document := validJSON(t, person{}.runs(t, api, args...)); document["status"] != "completed" {
			t.Errorf("%v: got %v", args, document)
		}
	}
}

func TestRedrivesList_TableAndJSON(t *testing.T) {
	t.Parallel()
	env := apiFake(t, map[string]string{
		"/api/redrives?limit=25":            `{"campaigns":[` + campaignDocument("stopped", 1, 0, 0, 3, 2) + `],"cursor":"next"}`,
		"/api/redrives?cursor=next&limit=1": `{"campaigns":[]}`,
	})
	got := nigredo(t, env, "redrives", "list")
	got.want(t, 0, "--cursor next")
	got.wantOutput(t, campaignID+"  stopped  2026-11-21 10:00:00Z  5      3          2       outage [2J\n")
	if document := validJSON(t, nigredo(t, env, "redrives", "list", "--json")); document["cursor"] != "next" {
		t.Errorf("got %v", document)
	}
	nigredo(t, env, "redrives", "list", "--limit", "1", "--cursor", "next").want(t, 0, "")
}

func TestRedrivesGet_ItemsOfAllPages(t *testing.T) {
	t.Parallel()
	page := func(cursor string, positions ...int) string {
		var items []string
		for _, p := range positions {
			items = append(items, fmt.Sprintf(`{"position":%d,"leadId":%q,"eventId":"e","state":"delivered","batch":1,"mode":"redrive","executionArn":%q,"redriveCount":1,"sentAt":"2026-11-21T10:00:00.000Z"}`,
				p, leadID, executionPrefix+"fibonacci_delivery:lead-1"))
		}
		document := campaignDocument("completed", 1, 0, 0, 3, 0, items...)
		if cursor == "" {
			return document
		}
		return strings.TrimSuffix(document, "}") + `,"cursor":"` + cursor + `"}`
	}
	env := apiFake(t, map[string]string{
		"/api/redrives/" + campaignID:                         page("2", 1, 2),
		"/api/redrives/" + campaignID + "?limit=100":          page("2", 1, 2),
		"/api/redrives/" + campaignID + "?cursor=2&limit=100": page("", 3),
	})
	items := nigredo(t, env, "redrives", "get", campaignID, "--items")
	items.want(t, 0, "")
	if strings.Count(items.stdout, "\n") != 4 {
		t.Errorf("got\n%s\nwant a heading and three leads", items.stdout)
	}
	items.wantOutput(t, "3         "+leadID+"  delivered  1      redrive  1         2026-11-21 10:00:00Z  -       -      fibonacci_delivery:lead-1")
	document := validJSON(t, nigredo(t, env, "redrives", "get", campaignID, "--items", "--json"))
	if _, cursor := document["cursor"]; cursor || len(document["items"].([]any)) != 3 {
		t.Errorf("got %v", document)
	}
	summary := nigredo(t, env, "redrives", "get", campaignID)
	summary.want(t, 0, "--items")
	summary.wantOutput(t, "status               completed\n", "execution            redrive_campaign:redrive-"+campaignID+"-1\n", "reason               outage [2J\n")
	if document := validJSON(t, nigredo(t, env, "redrives", "get", campaignID, "--json")); document["cursor"] != "2" {
		t.Errorf("got %v", document)
	}
}

func TestRedrives_SteerAndSayWhatIsNext(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/api/redrives/"+campaignID+"/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, campaignDocument("running", 1, 4, 1, 0, 0))
	})
	env := map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}
	for action, says := range map[string]string{
		"pause": "nigredo redrives resume " + campaignID, "resume": "nigredo redrives watch " + campaignID, "cancel": "nigredo redrives get " + campaignID + " --items",
	} {
		got := nigredo(t, env, "redrives", action, campaignID)
		got.want(t, 0, "")
		got.wantOutput(t, says)
		if document := validJSON(t, nigredo(t, env, "redrives", action, campaignID, "--json")); document["id"] != campaignID {
			t.Errorf("%s: got %v", action, document)
		}
		nigredo(t, env, "redrives", action, leadID).want(t, exitNotFound, "there is no campaign "+leadID)
	}
}

func TestRedrives_StatusThatForbidsIsRefused(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"detail":"The campaign is completed and cannot be paused."}`)
	})
	nigredo(t, map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}, "redrives", "pause", campaignID).
		want(t, exitRefused, "The campaign is completed and cannot be paused.")
}

func TestRedrives_NotFoundAndUnreachable(t *testing.T) {
	t.Parallel()
	env := apiFake(t, nil)
	for _, args := range [][]string{{"get"}, {"get", "--items"}, {"watch"}} {
		command := append([]string{"redrives"}, args...)
		nigredo(t, env, append(command, leadID)...).want(t, exitNotFound, "there is no campaign "+leadID)
		nigredo(t, map[string]string{"NIGREDO_ADDR": closed(t), "NIGREDO_TOKEN": "x"}, append(command, leadID)...).want(t, exitUnreachable, "nigredo up")
	}
}
