package cost

import (
	"fmt"

	"github.com/alquimista-ai/nigredo/infra/config"
)

type model struct {
	c        *config.Config
	n, views float64
	use      use
	price    map[string]Price
}

const (
	million = 1e6
	gb      = 1e6 // in KB
	// webACLs are before the site and before the API; rules of both together. These and
	// what is below are counted in the golden templates by a test.
	webACLs, rules = 2, 14
	// Series of ours: endpoints times two, and what has no endpoint or one; CloudFront's
	// additional metrics are eight more at the same price.
	endpoints, otherSeries  = 26, 15 + 8
	alarmSeries, composites = 58, 1
	dashboards              = 2
	keys, secrets           = 3, 4
	edgeFunctions           = 2    // that a page's request passes
	sweeps                  = 8640 // a month, every five minutes
	sampled                 = 0.05 // X-Ray's default beyond one a second
	reserve                 = 0.5  // ACU more for each 20 statements a second
)

func (m model) usd(price string) float64 { return m.price[price].USD }

// calls are the requests that reach the API.
func (m model) calls() float64 { return 2*m.n + m.views } // stamp, post; a beacon a view

func (m model) estimate() Estimate {
	e := Estimate{Region: m.c.Region, Leads: int(m.n), Views: int(m.views)}
	factor, known := regionFactor(m.c.Region)
	if factor != 1 {
		e.Uncertain = append(e.Uncertain, fmt.Sprintf("%s is taken as %.1f times us-east-1, whatever the service", m.c.Region, factor))
	}
	if !known {
		e.Uncertain = append(e.Uncertain, "no figure for this region")
	}
	guessed := 0
	for _, p := range m.price {
		if !p.Sure {
			guessed++
		}
	}
	e.Uncertain = append(e.Uncertain, fmt.Sprintf("%d of %d unit prices come from guides that quote AWS or from memory: look them up", guessed, len(m.price)))
	for _, l := range []Line{
		m.gateway(), m.waf(), m.express(), m.standard(), m.lambda(), m.warm(), m.database(), m.proxy(), m.nat(), m.keysAndSecrets(),
		m.logs(), m.series(), m.traces(), m.cdn(), m.store(), m.events(),
	} {
		l.USD = cents(l.USD * factor)
		if l.USD > 0 {
			e.Lines = append(e.Lines, l)
			e.Total += l.USD
		}
	}
	e.Total = cents(e.Total)
	return e
}

func (m model) gateway() Line {
	return Line{"API Gateway", fmt.Sprintf("%.0f requests", m.calls()), m.calls() / million * m.usd("api")}
}

func (m model) waf() Line {
	pages := m.views * m.use.pageRequests
	usd := webACLs*m.usd("waf.acl") + rules*m.usd("waf.rule") + (2*m.calls()+pages)/million*m.usd("waf.request")
	formula := fmt.Sprintf("%d web ACLs, %d rules, each API call twice and each page request once", webACLs, rules)
	if m.c.Firewall.Bots {
		// Before the site alone, and of what goes to the API there.
		usd += m.usd("waf.bots") + m.calls()/million*m.usd("waf.botRequest")
		formula += ", with bot control of the API's"
	}
	return Line{"WAF", formula, usd}
}

func (m model) express() Line {
	runs := m.n + sweeps
	return Line{
		"Step Functions Express", fmt.Sprintf("%.0f executions of 64 MB, %.1f s each", runs, m.use.intake),
		runs/million*m.usd("express.start") + runs*m.use.intake*0.0625*m.usd("express.memory"),
	}
}

func (m model) standard() Line {
	return Line{
		"Step Functions Standard", fmt.Sprintf("%.0f deliveries of %.0f transitions", m.n, m.use.transitions),
		m.n * m.use.transitions / 1000 * m.usd("transition"),
	}
}

func (m model) lambda() Line {
	memory := func(activity string) float64 {
		f, _ := config.FunctionOf(activity)
		return float64(f.Memory) / 1024
	}
	calls := m.n*(m.use.tasks+4) + m.views + 2*sweeps // deliver, two pieces of news, a stamp
	time := m.n*(m.use.small*(memory("validate")+memory("ratelimit")+memory("persist")+2*memory("track")+memory("stamp"))+m.use.deliver*memory("deliver")) +
		m.views*m.use.small*memory("views") + sweeps*2*0.2*memory("sweep")
	return Line{"Lambda", fmt.Sprintf("%.0f calls, %.0f GB-seconds, arm64", calls, time), calls/million*m.usd("lambda.request") + time*m.usd("lambda.time")}
}

func (m model) warm() Line {
	instances, size := 0, 0.0
	for activity, n := range m.c.Functions.Provisioned {
		f, _ := config.FunctionOf(activity)
		instances += n
		size += float64(n*f.Memory) / 1024
	}
	return Line{"Lambda, provisioned", fmt.Sprintf("%d instances, all month", instances), size * hoursPerMonth * 3600 * m.usd("lambda.warm")}
}

func (m model) database() Line {
	d := m.c.Database
	if d.Import != nil {
		io := (m.n*(m.use.reads+m.use.writes) + m.views*m.use.writes) / million
		return Line{"Aurora (Fibonacci's)", "I/O alone: the capacity is theirs", io * m.usd("aurora.io")}
	}
	statements := (10*m.n + m.views) / (hoursPerMonth * 3600)
	acu := min(d.MinCapacity+reserve*statements/20, d.MaxCapacity)
	io := (m.n*(m.use.reads+m.use.writes) + m.views*m.use.writes) / million
	size := 1 + 12*m.n*m.use.row/gb // a year of leads
	return Line{
		"Aurora", fmt.Sprintf("%.2f ACU on average, %.1fM I/O, %.0f GB after a year, backups of %d days", acu, io, size, d.BackupDays),
		acu*hoursPerMonth*m.usd("aurora.acu") + io*m.usd("aurora.io") + size*m.usd("aurora.storage") + size*float64(max(d.BackupDays-1, 0))*0.1*m.usd("aurora.backup"),
	}
}

func (m model) proxy() Line {
	if !m.c.Database.Proxy {
		return Line{Service: "RDS Proxy"}
	}
	return Line{"RDS Proxy", "8 ACU, its least", 8 * hoursPerMonth * m.usd("proxy")}
}

func (m model) nat() Line {
	data := m.n * m.use.egress / gb
	return Line{
		"NAT gateway", fmt.Sprintf("%d with an address, %.1f GB out", m.c.Network.NATGateways, data),
		float64(m.c.Network.NATGateways)*hoursPerMonth*(m.usd("nat.hour")+m.usd("address")) + data*(m.usd("nat.data")+m.usd("transfer")),
	}
}

func (m model) keysAndSecrets() Line {
	n := float64(keys)
	requests := m.n * 0.1 // data keys are kept for some minutes
	formula := fmt.Sprintf("%d keys, %d secrets", keys, secrets)
	if m.c.Machines.CustomerKey {
		n++
		requests += 4 * m.n
		formula += ", one more key for the machines"
	}
	return Line{"KMS, Secrets Manager", formula, n*m.usd("key") + requests/10000*m.usd("key.request") + secrets*m.usd("secret")}
}

func (m model) logs() Line {
	size := (m.n*m.use.logs + m.views*m.use.viewLogs + sweeps*3) / gb
	return Line{"CloudWatch logs", fmt.Sprintf("%.1f GB, kept 30 days", size), size * (m.usd("log") + m.usd("log.kept"))}
}

func (m model) series() Line {
	series := 2*endpoints + otherSeries
	return Line{
		"CloudWatch metrics", fmt.Sprintf("%d series beyond AWS's free ones, %d in alarms, %d dashboards", series, alarmSeries, dashboards),
		float64(series)*m.usd("metric") + alarmSeries*m.usd("alarm") + composites*m.usd("alarm.of") + dashboards*m.usd("dashboard"),
	}
}

func (m model) traces() Line {
	traces := m.calls() * sampled
	formula := fmt.Sprintf("%.0f traces of the services", traces)
	if m.c.Tracing.Endpoint == "xray" {
		traces += m.n
		formula = fmt.Sprintf("%.0f traces, every lead's spans among them", traces)
	}
	return Line{"X-Ray", formula, traces / million * m.usd("trace")}
}

func (m model) cdn() Line {
	pages := m.views * m.use.pageRequests
	requests := m.calls() + pages
	data := m.views * m.use.pageKB / gb
	return Line{
		"CloudFront", fmt.Sprintf("%.0f requests, those of pages through %d functions, %.1f GB, visitors in South America", requests, edgeFunctions, data),
		requests/10000*m.usd("cdn.request") + data*m.usd("cdn.data") + edgeFunctions*pages/million*m.usd("cdn.function"),
	}
}

func (m model) store() Line {
	return Line{"S3", "site, its versions, access and trail logs: 5 GB, 20,000 writes", 5*m.usd("s3.storage") + 20*m.usd("s3.put")}
}

func (m model) events() Line {
	return Line{
		"EventBridge, SQS, SNS", "sweeps, 100 messages of alarms; AWS's own events are free",
		sweeps/million*m.usd("schedule") + 100.0/100000*m.usd("mail"),
	}
}
