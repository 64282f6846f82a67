package chaos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/tests/program"
)

const (
	outageLeads = 500
	canary      = 5
	rate        = 600 // a minute
	// wave is how many that rate sends at once, see activities/postgres.
	wave = rate / 60
	// freshWithin is how soon a new lead must arrive while a campaign sends.
	freshWithin = 5 * time.Second
)

// An outage of the receiver for the whole of 500 posts; a campaign against it
// while it still fails; one that delivers everything after, through a kill -9.
func TestOutage_IsRepairedByOneCampaign(t *testing.T) {
	program, r := begin(t)
	token, err := program.Run(t.Context(), "token", "--role", "engineer")
	if err != nil {
		t.Fatal(err)
	}
	p := &installed{program, token}
	r.setDown(true)
	accepted := posted(t, p, "outage", outageLeads)
	await(t, settleWithin, "every delivery to fail", func() bool { return p.balance(t).Failed == outageLeads })
	p.balanced(t)

	plan := planned(t, p)
	if plan.Total != outageLeads || plan.Redrivable != outageLeads || plan.WouldFailAgain != 0 {
		t.Fatalf("plan %+v, want all %d", plan, outageLeads)
	}

	// It still fails: the canary, three attempts each, and nothing after it.
	before := r.turnedAway()
	stopped := campaign(t, p)
	await(t, settleWithin, "the campaign to stop", func() bool { return p.campaign(t, stopped).Status == "stopped" })
	if c := p.campaign(t, stopped); c.Counts.Failed != canary || c.Counts.Unsent != outageLeads-canary {
		t.Errorf("stopped campaign %+v", c)
	}
	if got := r.turnedAway() - before; got != 3*canary {
		t.Errorf("%d webhooks of the stopped campaign, want three attempts of %d leads", got, canary)
	}
	p.balanced(t)

	r.setDown(false)
	repair := campaign(t, p)
	await(t, settleWithin, "the middle of the campaign", func() bool {
		p.balanced(t)
		return p.campaign(t, repair).Counts.Delivered > outageLeads/4
	})
	// A new lead does not queue behind the campaign.
	fresh := posted(t, p, "fresh", 1)[0]
	await(t, freshWithin, "the new lead to arrive", func() bool { return len(r.heard(fresh)) == 1 })
	if c := p.campaign(t, repair); c.Status != "running" {
		t.Errorf("the campaign was over before the new lead arrived: %+v", c)
	}

	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, 2*settleWithin, "the campaign to end", func() bool {
		p.balanced(t)
		c := p.campaign(t, repair)
		return c.Status == "completed" || c.Status == "stopped"
	})
	if c := p.campaign(t, repair); c.Status != "completed" || c.Counts.Delivered != outageLeads {
		t.Errorf("campaign %+v", c)
	}
	if got := p.balance(t); got.Delivered != outageLeads+1 || got.Accepted != outageLeads+1 {
		t.Errorf("balance %+v", got)
	}

	repeated := 0
	for _, lead := range accepted {
		ids := r.heard(lead)
		if len(ids) != 1 {
			t.Errorf("lead %s came as %d events", lead, len(ids))
		}
		for _, times := range ids {
			repeated += times - 1
		}
	}
	if repeated > wave { // what was on its way at the kill
		t.Errorf("%d webhooks repeated under their id", repeated)
	}
	// Two waves may share a second when the program starts again after the kill.
	if got := r.most(time.Minute); got > rate {
		t.Errorf("%d webhooks within a minute, the rate is %d", got, rate)
	}
	t.Logf("%d leads, busiest minute %d, busiest second %d, %d repeated under their id", len(accepted), r.most(time.Minute), r.most(time.Second), repeated)
}

// posted posts n different leads and gives their ids.
func posted(t *testing.T, p *installed, name string, n int) []string {
	t.Helper()
	s := &stream{url: p.URL, client: &http.Client{Timeout: 30 * time.Second}, other: map[string]int{}}
	var work sync.WaitGroup
	for poster := range posters {
		work.Go(func() {
			for i := poster; i < n; i += posters {
				s.send(t.Context(), fmt.Sprintf(`{"name":"Ana","email":"%s.%d@example.com","consent":{"accepted":true}}`, name, i))
			}
		})
	}
	work.Wait()
	if len(s.accepted) != n {
		t.Fatalf("%d of %d accepted; otherwise %v", len(s.accepted), n, s.other)
	}
	return s.accepted
}

type installed struct {
	*program.Program
	token string // of an engineer
}

type sheet struct {
	Accepted, Delivered, Failed, Withheld, Quarantined, InFlight, Unaccounted int
}

// balance asks for the books, whatever they say.
func (p *installed) balance(t *testing.T) sheet {
	t.Helper()
	var s sheet
	p.get(t, &s, "/api/balance")
	return s
}

func (p *installed) balanced(t *testing.T) {
	t.Helper()
	s := p.balance(t)
	if s.Unaccounted != 0 || s.Accepted != s.Delivered+s.Failed+s.Withheld+s.Quarantined+s.InFlight {
		t.Errorf("balance %+v", s)
	}
}

type redrive struct {
	ID, Status string
	Counts     struct{ Total, Pending, Sent, Delivered, Failed, Unsent int }
}

func (p *installed) campaign(t *testing.T, id string) redrive {
	t.Helper()
	var c redrive
	p.get(t, &c, "/api/redrives/"+id)
	return c
}

type plan struct{ Total, Redrivable, WouldFailAgain int }

func planned(t *testing.T, p *installed) plan {
	t.Helper()
	text, err := p.Run(t.Context(), "redrive", "--error", "Fibonacci.Unavailable", "--since", "24h", "--plan", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var out plan
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("plan %s: %v", text, err)
	}
	return out
}

// campaign starts one and gives its id.
func campaign(t *testing.T, p *installed) string {
	t.Helper()
	out, err := p.Run(t.Context(), "redrive", "--error", "Fibonacci.Unavailable", "--since", "24h", "--reason", "outage", "--rate", fmt.Sprint(rate), "--canary", fmt.Sprint(canary), "--yes", "--detach")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

// get asks the API.
func (p *installed) get(t *testing.T, into any, path string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // read by the decoder
	if err := json.NewDecoder(response.Body).Decode(into); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", path, response.Status, err)
	}
}
