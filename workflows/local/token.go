package local

import (
	"time"

	"github.com/alquimista-ai/nigredo/workflows/local/login"
)

// loginPath is where the embedded login is served.
const loginPath = "/oidc"

// Token signs an access token of the embedded login for the demo user of a role,
// valid for an hour. addr is where the program serves, which is part of the
// issuer. It refuses with fs.ErrNotExist when nothing was ever started in
// dataDir, and a role without a demo user.
func Token(dataDir, addr, role string) (string, error) {
	s, err := readSecrets(dataDir)
	if err != nil {
		return "", err
	}
	signer, err := newSigner(s, addr)
	if err != nil {
		return "", err
	}
	return signer.Token(role)
}

func newSigner(s secrets, addr string) (*login.Signer, error) {
	return login.NewSigner("http://"+addr+loginPath, []byte(s.LoginKey), time.Now)
}
