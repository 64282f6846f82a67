package config

// Stand-in until the ground of the backend is merged: to be deleted then.

// SecretName is a secret's name.
func (c *Config) SecretName(secret string) string { return "nigredo/" + c.Environment + "/" + secret }
