package main

import (
	"errors"

	"github.com/alquimista-ai/nigredo/workflows/local"
	"github.com/alquimista-ai/nigredo/workflows/local/cluster"
)

type upCmd struct {
	databaseFlags
	sfnFlags
	Addr           string   `config:"NIGREDO_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address of site, API and login."`
	WebhookURL     string   `config:"FIBONACCI_WEBHOOK_URL" placeholder:"URL" help:"Where webhooks go; default: the built-in receiver."`
	WebhookSecret  string   `config:"FIBONACCI_WEBHOOK_SECRET" placeholder:"whsec_…" help:"Secret that signs webhooks, two with a blank between them while one is replaced; default: generated once."`
	RateLimit      int      `config:"NIGREDO_RATE_LIMIT" default:"10" placeholder:"N" help:"Submissions of one address that are accepted in any hour; 0 turns the limit off."`
	TrustedProxies []string `config:"NIGREDO_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Proxies whose X-Forwarded-For counts; default: none."`
	OIDCIssuer     string   `name:"oidc-issuer" config:"NIGREDO_OIDC_ISSUER" placeholder:"URL" help:"Outside issuer of access tokens; default: the embedded login."`
	HistoryDays    int      `config:"NIGREDO_HISTORY_DAYS" default:"90" placeholder:"N" help:"Days for which a closed execution is kept, its history with it."`
	LambdaEndpoint string   `config:"NIGREDO_LAMBDA_ENDPOINT" placeholder:"URL" help:"Invokes Lambda functions that are not ours; default: none."`
	LambdaOnly     bool     `config:"NIGREDO_LAMBDA_ONLY" help:"Invokes our own functions at that endpoint too, instead of running them in this program."`
}

// Run serves until the context ends.
func (c *upCmd) Run(a *app) error {
	if c.HistoryDays < 1 {
		return usage(errors.New("--history-days is less than 1"))
	}
	return local.Up(a.ctx, local.Config{
		Addr:           c.Addr,
		SFNAddr:        c.SFNAddr,
		DataDir:        c.DataDir,
		DatabaseURL:    c.DatabaseURL,
		WebhookURL:     c.WebhookURL,
		WebhookSecret:  c.WebhookSecret,
		RateLimit:      c.RateLimit,
		TrustedProxies: c.TrustedProxies,
		OIDCIssuer:     c.OIDCIssuer,
		LambdaEndpoint: c.LambdaEndpoint,
		LambdaOnly:     c.LambdaOnly,
		HistoryDays:    c.HistoryDays,
		Cache:          cluster.CacheDir(a.getenv),
		Output:         a.stdout,
		Progress:       a.progress,
	})
}
