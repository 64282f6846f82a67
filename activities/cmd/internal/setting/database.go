package setting

import (
	"context"
	"crypto/x509"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/alquimista-ai/nigredo/activities/postgres"
)

const (
	databaseURL       = "NIGREDO_DATABASE_URL"
	databaseAuth      = "NIGREDO_DATABASE_AUTH"
	databaseCA        = "NIGREDO_DATABASE_CA"
	databaseSecretARN = "NIGREDO_DATABASE_SECRET_ARN"
)

// rdsAuthorities vouch for every database of AWS, see the head of the file.
//
//go:embed rds.pem
var rdsAuthorities []byte

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
	url, err := Required(databaseURL)
	if err != nil {
		return nil, err
	}
	quota, err := Quota()
	if err != nil {
		return nil, err
	}
	if err := access(&options); err != nil {
		return nil, err
	}
	pool, err := postgres.Open(ctx, url, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", databaseURL, err)
	}
	return postgres.New(pool, quota), nil
}

// Owner opens the database as whoever owns the schema, for migrations, which is the
// user of NIGREDO_DATABASE_SECRET_ARN where that is set. The connections are the
// caller's to close.
func Owner(ctx context.Context) (*sql.DB, error) {
	url, err := Required(databaseURL)
	if err != nil {
		return nil, err
	}
	// goose holds its lock on a connection of its own.
	options := postgres.Options{MaxConns: 3, Name: "nigredo-migrate"}
	if err := access(&options); err != nil {
		return nil, err
	}
	if arn := os.Getenv(databaseSecretARN); arn != "" {
		if options.Token != nil {
			return nil, fmt.Errorf("%s: not with %s=iam: one of them says how to sign in", databaseSecretARN, databaseAuth)
		}
		if options.Login, err = login(ctx, arn); err != nil {
			return nil, fmt.Errorf("%s: %w", databaseSecretARN, err)
		}
	}
	pool, err := postgres.Open(ctx, url, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", databaseURL, err)
	}
	return stdlib.OpenDBFromPool(pool), nil
}

// login reads a user and a password out of a secret of the form that RDS writes.
func login(ctx context.Context, arn string) (*postgres.Login, error) {
	manager, err := secretsManager()
	if err != nil {
		return nil, err
	}
	value, err := manager.read(ctx, arn)
	if err != nil {
		return nil, err
	}
	var document struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	// The text of a JSON error quotes what it stumbled over.
	if json.Unmarshal([]byte(value), &document) != nil || document.Username == "" || document.Password == "" {
		return nil, errors.New("the secret is not JSON with username and password")
	}
	return &postgres.Login{User: document.Username, Password: document.Password}, nil
}

// access reads how to sign in, and who may vouch for the server.
func access(options *postgres.Options) error {
	switch ca := os.Getenv(databaseCA); ca {
	case "":
	case "rds":
		options.Authorities = x509.NewCertPool()
		options.Authorities.AppendCertsFromPEM(rdsAuthorities)
	default:
		pem, err := os.ReadFile(ca) //nolint:gosec // whoever configures the function names the file
		if err != nil {
			return fmt.Errorf("%s: want rds or a file that can be read", databaseCA)
		}
		options.Authorities = x509.NewCertPool()
		if !options.Authorities.AppendCertsFromPEM(pem) {
			return fmt.Errorf("%s: the file has no certificate", databaseCA)
		}
	}
	switch os.Getenv(databaseAuth) {
	case "":
		return nil
	case "iam":
	default:
		return fmt.Errorf("%s: want iam, or nothing for the password in %s", databaseAuth, databaseURL)
	}
	account, err := Account()
	if err != nil {
		return fmt.Errorf("%s: %w", databaseAuth, err)
	}
	// The token is a signature that this process makes: nobody is called. It is good for
	// 15 minutes to sign in; a connection that stands lives on.
	options.Token = func(ctx context.Context, endpoint, user string) (string, error) {
		token, err := auth.BuildAuthToken(ctx, endpoint, account.Region, user, account.Credentials)
		if err != nil {
			return "", errors.New("no token: AWS's credentials or the server's port are missing")
		}
		return token, nil
	}
	return nil
}
