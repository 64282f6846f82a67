// Package db is the Go side of queries/*.sql: parameters, rows and calls. sqlc
// writes every file but this one.
package db
