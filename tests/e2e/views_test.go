package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

const asText = "text/plain;charset=UTF-8" // as sendBeacon sends a string

// beacon sends a beacon that must be taken.
func beacon(t *testing.T, body string, header map[string]string) {
	t.Helper()
	if got := up.call(t, request{path: "/api/views", address: up.address(), contentType: asText, body: body, header: header}); got.status != http.StatusNoContent ||
		len(got.body) != 0 || got.header.Get("Set-Cookie") != "" {
		t.Fatalf("%s: %d %s %v", body, got.status, got.body, got.header)
	}
}

func TestViews_ConversionBySourceAndVariant(t *testing.T) {
	t.Parallel()
	m := newMarkers("page", "campaign", "user agent", "referer", "cookie")
	agent := map[string]string{"User-Agent": m["user agent"], "Referer": "http://x/" + m["referer"], "Cookie": "id=" + m["cookie"]}
	source := person()[:9]
	for range 4 {
		beacon(t, `{"page":"/","source":"`+source+`","variant":"hero-b","utm":{"campaign":"`+m["campaign"]+`","content":"summer"}}`, agent)
	}
	beacon(t, `{"page":"/`+m["page"]+`"}`, agent)
	beacon(t, `{"page":"/","source":"`+source+`","variant":"hero-b"}`, map[string]string{"DNT": "1"})
	beacon(t, `{"page":"/","source":"`+source+`","variant":"hero-b"}`, map[string]string{"Sec-GPC": "1"})
	up.accept(t, request{address: up.address(), body: `{"name":"Ana Souza","email":"` + person() + `","source":"` + source + `","variant":"hero-b","utm":{"content":"summer"},"consent":{"accepted":true}}`})

	var counted struct {
		Accepted int
		Origins  []struct {
			Source, Variant string
			Views, Accepted int
			Conversion      float64
		}
	}
	out := up.run(t, "stats", "--since", "2d", "--json")
	if err := json.Unmarshal([]byte(out), &counted); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, o := range counted.Origins {
		if o.Source == source {
			found = true
			if o.Variant != "hero-b" || o.Views != 4 || o.Accepted != 1 || o.Conversion != 0.25 {
				t.Errorf("%+v", o)
			}
		}
	}
	if !found || counted.Accepted < 1 {
		t.Errorf("no %s in\n%s", source, out)
	}
	if table := up.run(t, "stats"); !strings.Contains(table, "25.00 %") {
		t.Errorf("got\n%s", table)
	}

	for body, status := range map[string]int{`{}`: 400, `x`: 400, `{"page":"` + strings.Repeat("a", 3000) + `"}`: 413} {
		up.call(t, request{path: "/api/views", contentType: asText, body: body}).problem(t, status)
	}
	m.requirePrivate(t)
}
