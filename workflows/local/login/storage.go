package login

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// requestLifetime is how long a sign-in may take, from /authorize to its tokens.
const requestLifetime = 10 * time.Minute

// maxRequests bounds the sign-ins under way; past it, the oldest ends.
const maxRequests = 1000

var (
	errNoRequest     = errors.New("no such sign-in: it is over or took too long")
	errNotSupported  = errors.New("not supported")
	errUnknownClient = errors.New("unknown client")
)

// storage keeps what the provider must remember, in memory (op.Storage).
type storage struct {
	signer *Signer
	client *client

	mu       sync.Mutex
	requests map[string]*authRequest
	codes    map[string]string // code to request id
	grants   map[string]*refreshGrant
}

func newStorage(signer *Signer, c *client) *storage {
	return &storage{
		signer: signer, client: c,
		requests: map[string]*authRequest{}, codes: map[string]string{}, grants: map[string]*refreshGrant{},
	}
}

// CreateAuthRequest implements op.AuthStorage. PKCE with S256 is required.
func (s *storage) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if r.CodeChallenge == "" || r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("code_challenge with method S256 is required")
	}
	scopes := slices.Clone([]string(r.Scopes))
	if !slices.Contains(scopes, oidc.ScopeOfflineAccess) {
		// Cognito gives a refresh token unasked and knows no offline_access.
		scopes = append(scopes, oidc.ScopeOfflineAccess)
	}
	now := s.signer.now()
	a := &authRequest{id: rand.Text(), request: *r, scopes: scopes, created: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetOld(now)
	s.requests[a.id] = a
	return a, nil
}

func (s *storage) forgetOld(now time.Time) {
	var oldest *authRequest
	for _, a := range s.requests {
		if now.Sub(a.created) > requestLifetime {
			s.forget(a.id)
		} else if oldest == nil || a.created.Before(oldest.created) {
			oldest = a
		}
	}
	if len(s.requests) >= maxRequests && oldest != nil {
		s.forget(oldest.id)
	}
	for token, g := range s.grants {
		if now.After(g.expires) {
			delete(s.grants, token)
		}
	}
}

func (s *storage) forget(id string) {
	delete(s.requests, id)
	for code, of := range s.codes {
		if of == id {
			delete(s.codes, code)
		}
	}
}

// signIn completes a sign-in as a user. It comes once.
func (s *storage) signIn(id string, user User) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(id)
	if err != nil {
		return err
	}
	if a.Done() {
		return errNoRequest
	}
	done := *a // readers may hold the old one
	done.subject, done.signedIn = user.Subject(), s.signer.now()
	s.requests[id] = &done
	return nil
}

func (s *storage) find(id string) (*authRequest, error) {
	a, ok := s.requests[id]
	if !ok || s.signer.now().Sub(a.created) > requestLifetime {
		return nil, errNoRequest
	}
	return a, nil
}

// AuthRequestByID implements op.AuthStorage.
func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id)
}

// AuthRequestByCode implements op.AuthStorage. A code is good once: it is gone
// whether or not the verifier that came with it was right.
func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok := s.codes[code]
	if !ok {
		return nil, errNoRequest
	}
	delete(s.codes, code)
	return s.find(id)
}

// SaveAuthCode implements op.AuthStorage.
func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.find(id); err != nil {
		return err
	}
	s.codes[code] = id
	return nil
}

// DeleteAuthRequest implements op.AuthStorage.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(id)
	return nil
}

// CreateAccessToken implements op.AuthStorage.
func (s *storage) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return uuid.NewString(), s.signer.now().Add(accessTokenLifetime), nil
}

// CreateAccessAndRefreshTokens implements op.AuthStorage. A refresh token is
// replaced by its use; the lifetime counts from the sign-in.
func (s *storage) CreateAccessAndRefreshTokens(_ context.Context, request op.TokenRequest, current string) (string, string, time.Time, error) {
	now := s.signer.now()
	grant := &refreshGrant{subject: request.GetSubject(), scopes: request.GetScopes(), expires: now.Add(refreshTokenLifetime)}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r := request.(type) {
	case *authRequest:
		grant.client, grant.signedIn = r.GetClientID(), r.GetAuthTime()
	case *refreshGrant:
		if _, ok := s.grants[current]; !ok {
			return "", "", time.Time{}, oidc.ErrInvalidGrant().WithDescription("the refresh token was used already")
		}
		delete(s.grants, current)
		grant.client, grant.signedIn, grant.expires = r.client, r.signedIn, r.expires
	default:
		return "", "", time.Time{}, oidc.ErrUnsupportedGrantType()
	}
	refresh := rand.Text() + rand.Text()
	s.grants[refresh] = grant
	return uuid.NewString(), refresh, now.Add(accessTokenLifetime), nil
}

// TokenRequestByRefreshToken implements op.AuthStorage.
func (s *storage) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	grant, ok := s.grants[token]
	if !ok || s.signer.now().After(grant.expires) {
		return nil, op.ErrInvalidRefreshToken
	}
	own := *grant
	return &own, nil
}

// TerminateSession implements op.AuthStorage: the user's refresh tokens end.
// Access tokens live out their hour.
func (s *storage) TerminateSession(_ context.Context, subject, clientID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, g := range s.grants {
		if g.subject == subject && g.client == clientID {
			delete(s.grants, token)
		}
	}
	return nil
}

// RevokeToken implements op.AuthStorage, for refresh tokens.
func (s *storage) RevokeToken(_ context.Context, token, _, clientID string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.grants[token]; ok && g.client == clientID {
		delete(s.grants, token)
	}
	return nil
}

// GetRefreshTokenInfo implements op.AuthStorage.
func (s *storage) GetRefreshTokenInfo(_ context.Context, clientID, token string) (subject, id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.grants[token]
	if !ok || g.client != clientID {
		return "", "", op.ErrInvalidRefreshToken
	}
	return g.subject, token, nil
}

// Health implements op.Storage.
func (s *storage) Health(context.Context) error { return nil }

// signingKey is the one key, as the library wants it (op.SigningKey, op.Key).
type signingKey struct {
	id  string
	key any
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) Key() any                                    { return k.key }
func (k signingKey) Use() string                                 { return "sig" }
func (k signingKey) Algorithm() jose.SignatureAlgorithm          { return jose.RS256 }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

// SigningKey implements op.AuthStorage.
func (s *storage) SigningKey(context.Context) (op.SigningKey, error) {
	return signingKey{id: s.signer.keyID, key: s.signer.key}, nil
}

// SignatureAlgorithms implements op.AuthStorage.
func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// KeySet implements op.AuthStorage.
func (s *storage) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{signingKey{id: s.signer.keyID, key: s.signer.key.Public()}}, nil
}
