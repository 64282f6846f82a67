// Package setting reads the configuration of a Lambda function from its
// environment, once, at its start. An error names the variable and what it must
// be; it never quotes the value, which may be a secret.
//
//	NIGREDO_DATABASE_URL       ratelimit, persist, deliver, track, sweep, settle, list, get,
//	                           failures, redrives, campaign, balance, release, rights, views,
//	                           stats, health; required
//	NIGREDO_RATE_LIMIT         ratelimit, persist; submissions an hour, 0 is off; default 10
//	FIBONACCI_WEBHOOK_URL      deliver; required
//	FIBONACCI_WEBHOOK_SECRET   deliver, fibonacci; whsec_…, two with a blank between them while they rotate; required
//	FIBONACCI_WEBHOOK_PRIVATE  deliver; true allows a receiver in a private network; default false
//	FIBONACCI_EVENT_BUS        fibonacci; name or ARN of the event bus; required
//	FIBONACCI_DELIVERY_ARN     release; ARN of the state machine fibonacci_delivery; required
//	NIGREDO_STAMP_KEY          stamp, validate; 32 to 64 random bytes in base64, the same for both; required
//	REDRIVE_CAMPAIGN_ARN       redrives; ARN of the state machine redrive_campaign; required
package setting

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres"
)

const defaultRateLimit = 10

// Required gives a variable that has no default.
func Required(name string) (string, error) {
	value := os.Getenv(name)
	if value == "" {
		return "", fmt.Errorf("%s: not set", name)
	}
	return value, nil
}

// Bool gives a variable that is true or false; not set is false.
func Bool(name string) (bool, error) {
	value := os.Getenv(name)
	if value == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s: want true or false", name)
	}
	return on, nil
}

// Quota gives the limit of submissions.
func Quota() (lead.Quota, error) {
	const name = "NIGREDO_RATE_LIMIT"
	slots := defaultRateLimit
	if value := os.Getenv(name); value != "" {
		n, err := strconv.Atoi(value)
		if err != nil {
			return lead.Quota{}, fmt.Errorf("%s: want a number", name)
		}
		slots = n
	}
	quota, err := lead.NewQuota(slots)
	if err != nil {
		return lead.Quota{}, fmt.Errorf("%s: %w", name, err)
	}
	return quota, nil
}

// Secrets gives the secrets of the webhook.
func Secrets() ([]string, error) {
	value, err := Required("FIBONACCI_WEBHOOK_SECRET")
	return strings.Fields(value), err
}

// Stamper gives what issues and reads the stamps of forms.
func Stamper() (lead.Stamper, error) {
	const name = "NIGREDO_STAMP_KEY"
	key, err := Required(name)
	if err != nil {
		return lead.Stamper{}, err
	}
	stamper, err := lead.NewStamper(key)
	if err != nil {
		return lead.Stamper{}, fmt.Errorf("%s: %w", name, err)
	}
	return stamper, nil
}

// Store opens the database for one activity: a single connection, because a
// Lambda instance serves one call at a time, made at the first call.
func Store(ctx context.Context, activity string) (*postgres.Store, error) {
	return store(ctx, postgres.Options{MaxConns: 1, Name: "nigredo-" + activity})
}

// Books is Store for activities that work on many rows at a time.
func Books(ctx context.Context, activity string) (*postgres.Store, error) {
	return store(ctx, postgres.Options{MaxConns: 1, Name: "nigredo-" + activity, Planned: true})
}

func store(ctx context.Context, options postgres.Options) (*postgres.Store, error) {
	url, err := Required("NIGREDO_DATABASE_URL")
	if err != nil {
		return nil, err
	}
	quota, err := Quota()
	if err != nil {
		return nil, err
	}
	pool, err := postgres.Open(ctx, url, options)
	if err != nil {
		return nil, fmt.Errorf("NIGREDO_DATABASE_URL: %w", err)
	}
	return postgres.New(pool, quota), nil
}
