package main

import "time"

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
