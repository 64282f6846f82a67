package login_test

import (
	"testing"

	"golang.org/x/oauth2"
)

// The library that serves the code flow writes two claims that Cognito's access tokens
// have not.
func TestLogin_AccessTokensOfTheCodeFlowHaveAudAndNbf(t *testing.T) {
	t.Parallel()
	p := serve(t)
	verifier := oauth2.GenerateVerifier()
	token, err := p.oauth.Exchange(t.Context(), p.code(t, "operator", verifier), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, token.AccessToken)
	for _, name := range []string{"aud", "nbf"} {
		if _, ok := claims[name]; !ok {
			t.Errorf("no claim %s: then the token is Cognito's, and workflows/DIVERGENCES.md has a row too many", name)
		}
	}
}
