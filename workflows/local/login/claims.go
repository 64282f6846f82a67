package login

import (
	"context"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// GetPrivateClaimsFromRequest implements op.CanGetPrivateClaimsFromRequest: what
// makes an access token one of Cognito's shape.
func (s *storage) GetPrivateClaimsFromRequest(_ context.Context, request op.TokenRequest, scopes []string) (map[string]any, error) {
	user, err := userOf(request.GetSubject())
	if err != nil {
		return nil, err
	}
	signedIn := s.signer.now()
	if r, ok := request.(op.IDTokenRequest); ok {
		signedIn = r.GetAuthTime()
	}
	granted := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s == oidc.ScopeOfflineAccess })
	return accessClaims(user, granted, signedIn), nil
}

// SetUserinfoFromRequest implements op.CanSetUserinfoFromRequest: the claims of
// the ID token.
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, request op.IDTokenRequest, _ []string) error {
	if err := describe(info, request.GetSubject()); err != nil {
		return err
	}
	info.AppendClaims("token_use", "id")
	return nil
}

// SetUserinfoFromToken implements op.OPStorage: the answer of /userinfo.
func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	return describe(info, subject)
}

func describe(info *oidc.UserInfo, subject string) error {
	user, err := userOf(subject)
	if err != nil {
		return err
	}
	info.Subject = subject
	info.Email = user.Email
	info.EmailVerified = true
	info.PreferredUsername = user.Name
	info.AppendClaims("cognito:username", user.Name)
	info.AppendClaims("cognito:groups", []string{user.Name})
	return nil
}

// GetClientByClientID implements op.OPStorage: there is one client.
func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != ClientID {
		return nil, oidc.ErrInvalidClient().WithParent(errUnknownClient)
	}
	return s.client, nil
}

// The rest of op.OPStorage belongs to grants that are switched off.

// SetUserinfoFromScopes implements op.OPStorage; SetUserinfoFromRequest does the work.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// GetPrivateClaimsFromScopes implements op.OPStorage; GetPrivateClaimsFromRequest does the work.
func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, errNotSupported
}

// AuthorizeClientIDSecret implements op.OPStorage: no client has a secret.
func (s *storage) AuthorizeClientIDSecret(context.Context, string, string) error {
	return errNotSupported
}

// SetIntrospectionFromToken implements op.OPStorage: only confidential clients may ask.
func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotSupported
}

// GetKeyByIDAndClientID implements op.OPStorage: no client has a key.
func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotSupported
}

// ValidateJWTProfileScopes implements op.OPStorage: no client signs assertions.
func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotSupported
}
