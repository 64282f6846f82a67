package lambda

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/migrations"
)

// password is that of every function's user on a test server; in AWS they have none.
const password = "of-a-test"

// Settings are what functions need to know of the world around them.
type Settings struct {
	Database      string // URL of the owner; functions get one of their own user
	WebhookURL    string
	WebhookSecret string
	StampKey      string
	StepFunctions string // URL of the API
}

// granting is held by whoever changes the server's roles.
var granting sync.Mutex

// Users gives the functions their users in the database of the owner, with the grants
// that they have in AWS.
func Users(ctx context.Context, owner string) error {
	cfg, err := pgx.ParseConfig(owner)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*cfg)
	defer db.Close() //nolint:errcheck // nothing is pending
	// Roles are the server's, which tests share: two grants at a time would meet there.
	granting.Lock()
	defer granting.Unlock()
	if err := migrations.Grant(ctx, db); err != nil {
		return err
	}
	// Users belong to the server, which other tests may be using.
	_, err = db.ExecContext(ctx, fmt.Sprintf(`DO $$ DECLARE name text; BEGIN
		PERFORM pg_advisory_xact_lock(hashtextextended('nigredo.grants', 0));
		FOR name IN SELECT rolname FROM pg_roles WHERE rolname LIKE 'nigredo\_%%' LOOP
			EXECUTE format('ALTER ROLE %%I PASSWORD %%L', name, '%s');
		END LOOP;
	END $$`, password))
	return err
}

// Env is the whole environment of a function: what package setting says that it needs,
// and no more.
func (s Settings) Env(f config.Function) ([]string, error) {
	env := []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_LAMBDA_FUNCTION_NAME=NigredoStack-local-" + f.Name, "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		fmt.Sprintf("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%d", f.Memory),
	}
	if f.Database {
		u, err := url.Parse(s.Database)
		if err != nil {
			return nil, err
		}
		if f.Activity != "migrate" { // which is the owner
			u.User = url.UserPassword(f.DatabaseUser(), password)
		}
		env = append(env, "NIGREDO_DATABASE_URL="+u.String())
	}
	const machines = "arn:aws:states:us-east-1:000000000000:stateMachine:"
	switch f.Activity {
	case "deliver":
		env = append(env, "FIBONACCI_WEBHOOK_URL="+s.WebhookURL, "FIBONACCI_WEBHOOK_SECRET="+s.WebhookSecret, "FIBONACCI_WEBHOOK_PRIVATE=true")
	case "fibonacci":
		env = append(env, "FIBONACCI_WEBHOOK_SECRET="+s.WebhookSecret, "FIBONACCI_EVENT_BUS=bus")
	case "validate", "stamp":
		env = append(env, "NIGREDO_STAMP_KEY="+s.StampKey)
	case "redrives":
		env = append(env, "AWS_ENDPOINT_URL_SFN="+s.StepFunctions, "REDRIVE_CAMPAIGN_ARN="+machines+"redrive_campaign")
	case "release":
		env = append(env, "AWS_ENDPOINT_URL_SFN="+s.StepFunctions, "FIBONACCI_DELIVERY_ARN="+machines+"fibonacci_delivery")
	}
	return env, nil
}

// Without gives an environment without a variable.
func Without(env []string, name string) []string {
	var rest []string
	for _, e := range env {
		if !strings.HasPrefix(e, name+"=") {
			rest = append(rest, e)
		}
	}
	return rest
}
