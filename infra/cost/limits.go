package cost

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// Limit is a quota or a setting, and the load at which it binds.
type Limit struct {
	Name  string  `json:"name"`
	Is    string  `json:"is"`
	Leads float64 `json:"leadsPerMonth"`
}

// peak is how much busier the busiest minute of a month is than its average.
const peak = 10

// Limits lists what binds, the first first. The times of functions are those of the
// cost; what is AWS's is the quota of a new account in us-east-1 (Step Functions,
// Lambda and API Gateway developer guides, "quotas"); elsewhere some are lower.
func Limits(c *config.Config, viewsPerLead float64) []Limit {
	month := 3600.0 * hoursPerMonth
	leads := func(perSecond, perLead float64) float64 { return perSecond / perLead * month / peak }
	u, err := counts()
	if err != nil {
		panic("cost: " + err.Error()) // the files are embedded, and tests read them
	}
	all := []Limit{
		{"the API stage's throttle (`api.rate`)", fmt.Sprintf("%d requests/s", c.API.Rate), leads(float64(c.API.Rate), 2+viewsPerLead)},
		{"API Gateway, the account", "10,000 requests/s", leads(10_000, 2+viewsPerLead)},
		{"StartExecution, Standard", "300/s after a burst of 1,300", leads(300, 1)},
		{"transitions of Standard machines", "5,000/s", leads(5_000, u.transitions)},
		{"Lambda, concurrent in the account", "1,000", leads(1_000, u.small*(u.tasks+3)+u.deliver+viewsPerLead*u.small)},
	}
	deliver, _ := config.FunctionOf("deliver")
	all = append(all, Limit{
		"reserved concurrency of deliver, while the receiver takes the 5 s that it may", fmt.Sprintf("%d", deliver.Concurrency), leads(float64(deliver.Concurrency)/5, 1),
	})
	for activity, of := range map[string]struct{ seconds, perLead float64 }{
		"validate": {u.small, 1}, "ratelimit": {u.small, 1}, "persist": {u.small, 1}, "deliver": {u.deliver, 1}, "track": {u.small, 2}, "views": {u.small, viewsPerLead},
	} {
		f, _ := config.FunctionOf(activity)
		all = append(all, Limit{
			"reserved concurrency of " + activity, fmt.Sprintf("%d at %.0f ms", f.Concurrency, of.seconds*1000),
			leads(float64(f.Concurrency)/of.seconds, max(of.perLead, 0.001)),
		})
	}
	slices.SortFunc(all, func(a, b Limit) int {
		switch {
		case a.Leads < b.Leads:
			return -1
		case a.Leads > b.Leads:
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}
