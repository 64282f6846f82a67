package migrations

// NewProvider lets tests go down.
var NewProvider = newProvider
