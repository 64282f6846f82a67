package login

import (
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// authRequest is one sign-in from /authorize to its tokens (op.AuthRequest).
// Sign-in and authorization code each come once; user is empty until then.
type authRequest struct {
	id       string
	request  oidc.AuthRequest
	scopes   []string
	created  time.Time
	subject  string
	signedIn time.Time
}

func (a *authRequest) GetID() string          { return a.id }
func (a *authRequest) GetACR() string         { return "" }
func (a *authRequest) GetAMR() []string       { return nil } // no credential was asked for
func (a *authRequest) GetAudience() []string  { return []string{a.request.ClientID} }
func (a *authRequest) GetAuthTime() time.Time { return a.signedIn }
func (a *authRequest) GetClientID() string    { return a.request.ClientID }
func (a *authRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: a.request.CodeChallenge, Method: a.request.CodeChallengeMethod}
}
func (a *authRequest) GetNonce() string                   { return a.request.Nonce }
func (a *authRequest) GetRedirectURI() string             { return a.request.RedirectURI }
func (a *authRequest) GetResponseType() oidc.ResponseType { return a.request.ResponseType }
func (a *authRequest) GetResponseMode() oidc.ResponseMode { return a.request.ResponseMode }
func (a *authRequest) GetScopes() []string                { return a.scopes }
func (a *authRequest) GetState() string                   { return a.request.State }
func (a *authRequest) GetSubject() string                 { return a.subject }
func (a *authRequest) Done() bool                         { return a.subject != "" }

// refreshGrant is what one refresh token stands for (op.RefreshTokenRequest).
type refreshGrant struct {
	client   string
	subject  string
	scopes   []string
	signedIn time.Time
	expires  time.Time
}

func (g *refreshGrant) GetAMR() []string                 { return nil }
func (g *refreshGrant) GetAudience() []string            { return []string{g.client} }
func (g *refreshGrant) GetAuthTime() time.Time           { return g.signedIn }
func (g *refreshGrant) GetClientID() string              { return g.client }
func (g *refreshGrant) GetScopes() []string              { return g.scopes }
func (g *refreshGrant) GetSubject() string               { return g.subject }
func (g *refreshGrant) SetCurrentScopes(scopes []string) { g.scopes = slices.Clone(scopes) }
