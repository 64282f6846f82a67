package migrations

// NewProvider lets tests go down, ReadVersion lets them read a file that is not ours.
var (
	NewProvider = newProvider
	ReadVersion = readVersion
)
