package main

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// dataFlags find the data folder.
type dataFlags struct {
	DataDir string `config:"NIGREDO_DATA_DIR" default:".nigredo" placeholder:"DIR" help:"Data folder."`
}

// databaseFlags find the database.
type databaseFlags struct {
	dataFlags
	DatabaseURL string `config:"NIGREDO_DATABASE_URL" placeholder:"URL" help:"PostgreSQL to use in place of the private one."`
}

// apiFlags find the HTTP API and say who asks.
type apiFlags struct {
	dataFlags
	Addr  string `config:"NIGREDO_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address of the API."`
	Token string `config:"NIGREDO_TOKEN" placeholder:"JWT" help:"Access token, when the embedded login is not the issuer."`
}

// sfnFlags find the Step Functions API.
type sfnFlags struct {
	SFNAddr string `name:"sfn-addr" config:"NIGREDO_SFN_ADDR" default:"127.0.0.1:8083" placeholder:"HOST:PORT" help:"Address of the Step Functions API."`
}

// jsonFlag is on every read.
type jsonFlag struct {
	JSON bool `help:"Print JSON in place of a table."`
}

// callLimit is how long a read may wait for its answer.
const callLimit = 30 * time.Second

// age is a time span of the past: a duration of Go, with days before it.
type age time.Duration

// UnmarshalText reads 90m, 7d or 1d12h.
func (a *age) UnmarshalText(text []byte) error {
	wrong := errors.New("want a time span as in 90m, 24h or 7d")
	days, rest, found := strings.Cut(string(text), "d")
	if !found {
		days, rest = "0", string(text)
	}
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return wrong
	}
	var d time.Duration
	if rest != "" {
		if d, err = time.ParseDuration(rest); err != nil {
			return wrong
		}
	}
	d += time.Duration(n) * 24 * time.Hour
	if d <= 0 || d > 100*365*24*time.Hour {
		return wrong
	}
	*a = age(d)
	return nil
}
