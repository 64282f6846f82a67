package migrations

// NewProvider lets tests go down.
var NewProvider = newProvider

// Grants lets a test run them in a transaction of its own.
var Grants = grants
