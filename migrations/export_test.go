package migrations

// NewProvider lets tests go down, ReadVersion lets them read a file that is not ours,
// Grants lets a test run them in a transaction of its own.
var (
	NewProvider = newProvider
	ReadVersion = readVersion
	Grants      = grants
)
