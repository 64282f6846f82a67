package login

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// stepped is a clock that a test moves.
type stepped struct{ time.Time }

func (s *stepped) now() time.Time { return s.Time }

// A key takes long to make: one for all tests.
var makeKey = sync.OnceValues(NewKey)

func setup(t *testing.T) (*storage, *stepped) {
	t.Helper()
	key, err := makeKey()
	if err != nil {
		t.Fatal(err)
	}
	clock := &stepped{time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	signer, err := NewSigner("http://127.0.0.1:8080/oidc", key, clock.now)
	if err != nil {
		t.Fatal(err)
	}
	return newStorage(signer, &client{}), clock
}

func begin(t *testing.T, s *storage) string {
	t.Helper()
	request, err := s.CreateAuthRequest(t.Context(), &oidc.AuthRequest{
		ClientID: ClientID, CodeChallenge: "abc", CodeChallengeMethod: oidc.CodeChallengeMethodS256,
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	return request.GetID()
}

func TestStorage_SignInEndsAfterTenMinutes(t *testing.T) {
	t.Parallel()
	s, clock := setup(t)
	id := begin(t, s)
	clock.Time = clock.Add(requestLifetime)
	if _, err := s.AuthRequestByID(t.Context(), id); err != nil {
		t.Errorf("at its last moment: %v", err)
	}
	clock.Time = clock.Add(time.Second)
	if err := s.signIn(id, users()[0]); !errors.Is(err, errNoRequest) {
		t.Errorf("after it: %v", err)
	}
}

func TestStorage_ForgetsSignInsThatNobodyFinished(t *testing.T) {
	t.Parallel()
	s, clock := setup(t)
	first := begin(t, s)
	for range maxRequests + 10 {
		clock.Time = clock.Add(time.Millisecond)
		begin(t, s)
	}
	if len(s.requests) > maxRequests {
		t.Errorf("%d sign-ins are kept, at most %d", len(s.requests), maxRequests)
	}
	if _, err := s.AuthRequestByID(t.Context(), first); err == nil {
		t.Error("the oldest sign-in is still there")
	}
	clock.Time = clock.Add(requestLifetime + time.Second)
	begin(t, s)
	if len(s.requests) != 1 {
		t.Errorf("%d sign-ins are kept after all but one took too long", len(s.requests))
	}
}

func TestStorage_RefreshTokenEndsTwelveHoursAfterTheSignIn(t *testing.T) {
	t.Parallel()
	s, clock := setup(t)
	_, token, _, err := s.CreateAccessAndRefreshTokens(t.Context(), &authRequest{subject: users()[0].Subject()}, "")
	if err != nil {
		t.Fatal(err)
	}
	clock.Time = clock.Add(refreshTokenLifetime - time.Minute)
	grant, err := s.TokenRequestByRefreshToken(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	_, token, _, err = s.CreateAccessAndRefreshTokens(t.Context(), grant, token)
	if err != nil {
		t.Fatal(err)
	}
	clock.Time = clock.Add(2 * time.Minute)
	if _, err := s.TokenRequestByRefreshToken(t.Context(), token); !errors.Is(err, op.ErrInvalidRefreshToken) {
		t.Errorf("a replaced token lives longer than the first: %v", err)
	}
}

func TestStorage_SignOutEndsTheUsersRefreshTokensOnly(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	token := func(u User) string {
		_, token, _, err := s.CreateAccessAndRefreshTokens(t.Context(), &authRequest{
			subject: u.Subject(), request: oidc.AuthRequest{ClientID: ClientID},
		}, "")
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	mine, other := token(users()[0]), token(users()[1])
	if err := s.TerminateSession(t.Context(), users()[0].Subject(), ClientID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.TokenRequestByRefreshToken(t.Context(), mine); err == nil {
		t.Error("the refresh token outlives its sign-out")
	}
	if _, err := s.TokenRequestByRefreshToken(t.Context(), other); err != nil {
		t.Errorf("another user was signed out: %v", err)
	}
	if err := s.RevokeToken(t.Context(), other, "", ClientID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.GetRefreshTokenInfo(t.Context(), ClientID, other); err == nil {
		t.Error("the refresh token outlives its revocation")
	}
}
