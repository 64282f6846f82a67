package login_test

import (
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/gateway"
	"github.com/alquimista-ai/nigredo/workflows/local/login"
)

func TestSigner_TokenHasCognitosClaimsAndNoOther(t *testing.T) {
	t.Parallel()
	p := serve(t)
	for _, role := range roles() {
		token, err := p.signer.Token(role)
		if err != nil {
			t.Fatal(err)
		}
		claims, err := authorize(t, p, token)
		if err != nil {
			t.Fatal(err)
		}
		if claims.Strings["cognito:groups"] != role || claims.Strings["username"] != role {
			t.Errorf("claims %v, want role %s", claims.Strings, role)
		}
		got := claimsOf(t, token)
		for _, name := range []string{
			"sub", "iss", "client_id", "token_use", "scope", "cognito:groups", "username", "auth_time", "exp", "iat", "jti",
		} {
			if _, ok := got[name]; !ok {
				t.Errorf("claim %s is missing", name)
			}
			delete(got, name)
		}
		if len(got) > 0 {
			t.Errorf("claims that Cognito does not write: %v", got)
		}
	}
}

func TestSigner_RefusesUnknownRole(t *testing.T) {
	t.Parallel()
	p := serve(t)
	for _, role := range []string{"", "admin", "Operator", "operator "} {
		if token, err := p.signer.Token(role); err == nil {
			t.Errorf("role %q got %s", role, token)
		}
	}
}

func TestNewSigner_RefusesIssuersOffLoopback(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	for issuer, ok := range map[string]bool{
		"http://127.0.0.1:8080/oidc":         true,
		"http://[::1]:8080/oidc":             true,
		"http://localhost:8080/oidc":         true,
		"http://127.0.0.1:8080/oidc/":        false,
		"http://0.0.0.0:8080/oidc":           false,
		"http://192.168.1.4:8080/oidc":       false,
		"https://login.example/oidc":         false,
		"http://localhost.evil.example/oidc": false,
		"http://127.0.0.1@evil.example/oidc": false,
		"http://127.0.0.1:8080/oidc?x=y":     false,
		"":                                   false,
	} {
		if _, err := login.NewSigner(issuer, key, nil); (err == nil) != ok {
			t.Errorf("issuer %q: error %v, want ok=%v", issuer, err, ok)
		}
	}
}

func TestNewSigner_RefusesWhatIsNoKey(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{
		"empty":     "",
		"not PEM":   "hello",
		"not a key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("hello")})),
	} {
		if _, err := login.NewSigner("http://127.0.0.1:1/oidc", []byte(key), nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSigner_KeySurvivesARestart(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	const issuer = "http://127.0.0.1:8080/oidc"
	before, err := login.NewSigner(issuer, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := before.Token("operator")
	if err != nil {
		t.Fatal(err)
	}
	after, err := login.NewSigner(issuer, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := gateway.NewVerifier(issuer, []string{login.ClientID}, gateway.StaticKeys(after.Keys()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Authorize(t.Context(), token); err != nil {
		t.Error(err)
	}
	if b, err := json.Marshal(after.Keys()); err != nil || strings.Contains(string(b), `"d"`) {
		t.Errorf("key set %s, %v: holds the private key", b, err)
	}
}
