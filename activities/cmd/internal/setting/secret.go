package setting

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

const (
	webhookSecret = "FIBONACCI_WEBHOOK_SECRET" //nolint:gosec // the name of a variable
	stampKey      = "NIGREDO_STAMP_KEY"

	// A rotated secret is in force after this long, without a restart.
	secretLifetime = 5 * time.Minute
	// An outage of Secrets Manager costs one call in this time its patience.
	secretPause    = 30 * time.Second
	secretPatience = 2 * time.Second
)

// Secrets gives what gives the secrets of the webhook that are in force, the newest
// first. It is asked with every event and costs nothing but every five minutes, when it
// asks Secrets Manager; while that does not answer, the last ones hold.
func Secrets(ctx context.Context, env task.Env) (func() ([]string, error), error) {
	value, arn, err := either(webhookSecret)
	if err != nil {
		return nil, err
	}
	if arn == "" {
		return func() ([]string, error) { return strings.Fields(value), nil }, nil
	}
	manager, err := secretsManager()
	if err != nil {
		return nil, fmt.Errorf("%s_ARN: %w", webhookSecret, err)
	}
	kept := &kept{env: env, read: func(ctx context.Context) (string, error) { return manager.read(ctx, arn) }}
	if _, err := kept.value(ctx); err != nil {
		return nil, fmt.Errorf("%s_ARN: %w", webhookSecret, err)
	}
	return func() ([]string, error) {
		value, err := kept.value(context.Background()) // an attempt that is given up must not spoil the next
		return strings.Fields(value), err
	}, nil
}

// Stamper gives what issues and reads the stamps of forms.
func Stamper(ctx context.Context) (lead.Stamper, error) {
	key, arn, err := either(stampKey)
	if err != nil {
		return lead.Stamper{}, err
	}
	name := stampKey
	if arn != "" {
		name += "_ARN"
		manager, err := secretsManager()
		if err != nil {
			return lead.Stamper{}, fmt.Errorf("%s: %w", name, err)
		}
		if key, err = manager.read(ctx, arn); err != nil {
			return lead.Stamper{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	stamper, err := lead.NewStamper(key)
	if err != nil {
		return lead.Stamper{}, fmt.Errorf("%s: %w", name, err)
	}
	return stamper, nil
}

// either reads a variable, or the ARN of its secret; exactly one of them must be set.
func either(name string) (value, arn string, err error) {
	value, arn = os.Getenv(name), os.Getenv(name+"_ARN")
	switch {
	case value == "" && arn == "":
		return "", "", fmt.Errorf("%s: not set, and no %s_ARN", name, name)
	case value != "" && arn != "":
		return "", "", fmt.Errorf("%s: set beside %s_ARN; want one of them", name, name)
	}
	return value, arn, nil
}

// kept is a secret that is read anew once it is old.
type kept struct {
	env  task.Env
	read func(context.Context) (string, error)

	mu   sync.Mutex
	last string
	next time.Time // when it is old
}

// value fails only when the secret could never be read.
func (k *kept) value(ctx context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.env.Now()
	if k.last != "" && now.Before(k.next) {
		return k.last, nil
	}
	value, err := k.read(ctx)
	switch {
	case err == nil:
		k.last, k.next = value, now.Add(secretLifetime)
	case k.last == "":
		return "", err
	default:
		k.next = now.Add(secretPause)
		k.env.Log.Warn("Setting: the webhook secret was not read anew; the last one holds", zap.NamedError("error_message", err))
	}
	return k.last, nil
}

// manager is AWS Secrets Manager, of which one call is used.
type manager struct{ client *secretsmanager.Client }

func secretsManager() (manager, error) {
	account, err := Account()
	if err != nil {
		return manager{}, err
	}
	return manager{secretsmanager.NewFromConfig(account)}, nil
}

// read gives the value of a secret. Its error is a word of AWS's or a sentence of ours.
func (m manager) read(ctx context.Context, arn string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, secretPatience)
	defer cancel()
	out, err := m.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(arn)})
	if err != nil {
		var answer smithy.APIError
		if errors.As(err, &answer) {
			return "", errors.New("Secrets Manager answered " + answer.ErrorCode())
		}
		return "", errors.New("Secrets Manager did not answer")
	}
	value := strings.TrimSpace(aws.ToString(out.SecretString))
	if value == "" {
		return "", errors.New("the secret has no text")
	}
	return value, nil
}
