package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const counted = `{"from":"2026-11-20","to":"2026-11-21","accepted":7,"statuses":{"accepted":1,"delivered":5,"failed":0,"withheld":0,"quarantined":1},
	"days":[{"day":"2026-11-20","accepted":0},{"day":"2026-11-21","accepted":7}],
	"origins":[{"source":"news\u001bletter","variant":"b","views":200,"accepted":6,"quarantined":1,"conversion":0.025},
		{"source":"direct","variant":"none","views":0,"accepted":1,"quarantined":0}],"originsTotal":5}`

func TestStats_TablesAreSafeToPrint(t *testing.T) {
	t.Parallel()
	asked := make(chan url.Values, 2)
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query()
		w.Write([]byte(counted)) //nolint:errcheck // a fake
	})
	env := map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}
	got := nigredo(t, env, "stats", "--since", "7d")
	got.want(t, 0, "there are 3 more")
	for _, want := range []string{
		"came in        7\n", "  on the way   1\n", "  quarantined  1\n", "2026-11-21     7\n",
		"b        200    6        1            2.50 %\n", "direct       none     0      1        0            -\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("no %q in\n%s", want, got.stdout)
		}
	}
	if strings.Contains(got.stdout, "2026-11-20  ") || strings.Contains(got.stdout, "\x1b") {
		t.Errorf("got\n%q", got.stdout)
	}
	query := <-asked
	from, err := time.Parse(time.DateOnly, query.Get("from"))
	to, otherErr := time.Parse(time.DateOnly, query.Get("to"))
	if err != nil || otherErr != nil || to.Sub(from) != 7*24*time.Hour || len(query) != 2 {
		t.Errorf("asked %v", query)
	}
	if document := validJSON(t, nigredo(t, env, "stats", "--json")); document["originsTotal"] != 5.0 {
		t.Errorf("got %v", document)
	}
	if query := <-asked; query.Get("from") >= query.Get("to") {
		t.Errorf("asked %v", query)
	}
}
