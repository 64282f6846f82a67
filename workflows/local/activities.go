package local

import (
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/balance"
	"github.com/alquimista-ai/nigredo/activities/campaign"
	"github.com/alquimista-ai/nigredo/activities/deliver"
	"github.com/alquimista-ai/nigredo/activities/failures"
	"github.com/alquimista-ai/nigredo/activities/get"
	"github.com/alquimista-ai/nigredo/activities/health"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/list"
	"github.com/alquimista-ai/nigredo/activities/persist"
	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/activities/ratelimit"
	"github.com/alquimista-ai/nigredo/activities/redrives"
	"github.com/alquimista-ai/nigredo/activities/release"
	"github.com/alquimista-ai/nigredo/activities/rights"
	"github.com/alquimista-ai/nigredo/activities/settle"
	"github.com/alquimista-ai/nigredo/activities/stamp"
	"github.com/alquimista-ai/nigredo/activities/stats"
	"github.com/alquimista-ai/nigredo/activities/sweep"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/track"
	"github.com/alquimista-ai/nigredo/activities/validate"
	"github.com/alquimista-ai/nigredo/activities/views"
	"github.com/alquimista-ai/nigredo/states"
)

// newFunctions makes every activity, under the name of its Lambda function. books is
// the store of those that work on many rows at a time. With NIGREDO_LAMBDA_ONLY they are
// made, so that a configuration that cannot work is refused, and none is kept.
func newFunctions(env task.Env, cfg settled, s secrets, store, books *postgres.Store, target deliver.Target, space *disk, started *starter) (*functions, error) {
	form, err := states.Schema("lead-form")
	if err != nil {
		return nil, err
	}
	schema, err := validate.NewSchema(form)
	if err != nil {
		return nil, err
	}
	stamps, err := lead.NewStamper(s.StampKey)
	if err != nil {
		return nil, err
	}
	sender, err := deliver.NewSender(target, time.Now)
	if err != nil {
		return nil, fmt.Errorf("FIBONACCI_WEBHOOK_URL or FIBONACCI_WEBHOOK_SECRET: %w", err)
	}
	f := &functions{
		local: map[string]lambda.Handler{
			stackPrefix + "Validate":   validate.New(env, schema, stamps),
			stackPrefix + "Ratelimit":  ratelimit.New(env, store, cfg.quota),
			stackPrefix + "CreateLead": persist.New(env, store, uuid.NewV7),
			stackPrefix + "Deliver":    deliver.New(env, store, sender),
			stackPrefix + "Campaign":   campaign.New(env, books),
			stackPrefix + "Track":      track.New(env, store),
			stackPrefix + "Sweep":      sweep.New(env, books),
			stackPrefix + "Settle":     settle.New(env, books),
			stackPrefix + "Balance":    balance.New(env, books),
			stackPrefix + "ListLeads":  list.New(env, store),
			stackPrefix + "GetLead":    get.New(env, store, uuid.NewV7),
			stackPrefix + "Redrives":   redrives.New(env, books, started),
			stackPrefix + "Release":    release.New(env, store, started, uuid.NewV7),
			stackPrefix + "Stamp":      stamp.New(env, stamps),
			stackPrefix + "Failures":   failures.New(env, books),
			stackPrefix + "Rights":     rights.New(env, store),
			stackPrefix + "Views":      views.New(env, store),
			stackPrefix + "Stats":      stats.New(env, books),
			stackPrefix + "Health": health.New(env,
				health.Check{Name: "database", Ask: store.Ping},
				health.Check{Name: "disk", Ask: space.check}),
		},
		endpoint: cfg.LambdaEndpoint,
		client:   lambdaClient(),
	}
	if cfg.LambdaOnly {
		f.local = nil
	}
	return f, nil
}
