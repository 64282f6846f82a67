// Package db is the Go side of queries/*.sql: parameters, rows and calls, as sqlc
// generates them. All but this file is generated.
package db
