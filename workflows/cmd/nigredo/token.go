package main

import (
	"errors"
	"io/fs"

	"github.com/alquimista-ai/nigredo/workflows/local"
)

type tokenCmd struct {
	dataFlags
	Addr string `config:"NIGREDO_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address that the token is for."`
	Role string `required:"" enum:"operator,engineer,auditor,privacy" help:"operator, engineer, auditor or privacy."`
}

// Run prints the token.
func (c *tokenCmd) Run(a *app) error {
	token, err := localToken(c.dataFlags, c.Addr, c.Role)
	if err != nil {
		return err
	}
	return a.println(token)
}

// accessToken is the one that was given, or one of the embedded login for a role.
func (f apiFlags) accessToken(role string) (string, error) {
	if f.Token != "" {
		return f.Token, nil
	}
	return localToken(f.dataFlags, f.Addr, role)
}

func localToken(f dataFlags, addr, role string) (string, error) {
	token, err := local.Token(f.DataDir, addr, role)
	if errors.Is(err, fs.ErrNotExist) {
		return "", unreachable("nothing was ever started in %s, so there is no key to sign with: run nigredo up, or name its data folder with --data-dir", f.DataDir)
	}
	return token, err
}
