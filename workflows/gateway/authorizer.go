package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// KeySource gives the issuer's public keys.
type KeySource interface {
	// Key returns the key of a key id. An unknown one is ErrUnauthorized.
	Key(ctx context.Context, id string) (*jose.JSONWebKey, error)
}

// Claims is what a valid access token says.
type Claims struct {
	Scopes  []string
	Groups  []string          // cognito:groups
	Strings map[string]string // every claim as the REST authorizer hands it to a function
}

func (c Claims) hasAny(scopes []string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(c.Scopes, s) })
}

// Verifier is the Authorizer for access tokens of Cognito's shape.
type Verifier struct {
	issuer  string
	clients []string
	keys    KeySource
	now     func() time.Time
}

// leeway is what the clocks of issuer and gateway may differ.
const leeway = 60 * time.Second

// NewVerifier takes access tokens of one issuer, for one of the clients, signed
// with one of the issuer's keys.
func NewVerifier(issuer string, clients []string, keys KeySource, now func() time.Time) (*Verifier, error) {
	if issuer == "" || len(clients) == 0 || keys == nil {
		return nil, errors.New("new verifier: issuer, clients and keys are required")
	}
	if now == nil {
		now = time.Now
	}
	return &Verifier{issuer: issuer, clients: slices.Clone(clients), keys: keys, now: now}, nil
}

// accessToken is the part of the claims that decides.
type accessToken struct {
	Issuer    string           `json:"iss"`
	Subject   string           `json:"sub"`
	Use       string           `json:"token_use"`
	ClientID  string           `json:"client_id"`
	Scope     string           `json:"scope"`
	Groups    []string         `json:"cognito:groups"`
	Expiry    *jwt.NumericDate `json:"exp"`
	NotBefore *jwt.NumericDate `json:"nbf"`
	IssuedAt  *jwt.NumericDate `json:"iat"`
}

// Authorize implements Authorizer. It takes RS256 only; the key is the issuer's
// of that kid, never one the token brings; iss is exact, exp required, exp, nbf
// and iat have 60 s of leeway; token_use must be access and client_id known (an
// access token has no audience to check).
func (v *Verifier) Authorize(ctx context.Context, token string) (Claims, error) {
	if strings.ContainsFunc(token, outsideJWT) {
		return Claims{}, refused("a character that no token has")
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return Claims{}, refused("not a signed token: %v", err)
	}
	if len(parsed.Headers) != 1 {
		return Claims{}, refused("%d signatures", len(parsed.Headers))
	}
	header := parsed.Headers[0]
	if _, critical := header.ExtraHeaders["crit"]; critical {
		return Claims{}, refused("critical header")
	}
	key, err := v.keys.Key(ctx, header.KeyID)
	if err != nil {
		return Claims{}, fmt.Errorf("find key: %w", err)
	}
	var body accessToken
	var raw map[string]json.RawMessage
	if err := parsed.Claims(key.Key, &body, &raw); err != nil {
		return Claims{}, refused("signature or claims: %v", err)
	}
	if err := v.check(body); err != nil {
		return Claims{}, err
	}
	return Claims{Scopes: strings.Fields(body.Scope), Groups: body.Groups, Strings: claimStrings(raw)}, nil
}

func (v *Verifier) check(t accessToken) error {
	now := v.now()
	switch {
	case t.Issuer != v.issuer:
		return refused("other issuer")
	case t.Subject == "":
		return refused("no subject")
	case t.Use != "access":
		return refused("token_use is not access")
	case !slices.Contains(v.clients, t.ClientID):
		return refused("other client")
	case t.Expiry == nil:
		return refused("no expiry")
	case now.After(t.Expiry.Time().Add(leeway)):
		return refused("expired")
	case t.NotBefore != nil && now.Add(leeway).Before(t.NotBefore.Time()):
		return refused("not valid yet")
	case t.IssuedAt != nil && now.Add(leeway).Before(t.IssuedAt.Time()):
		return refused("issued in the future")
	}
	return nil
}

// outsideJWT tells what the compact form never holds; Go's base64 decoder would
// skip line breaks.
func outsideJWT(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnauthorized, fmt.Sprintf(format, args...))
}

// claimStrings writes claims as the Cognito authorizer of a REST API does: lists
// joined by commas, times in words, everything a string.
func claimStrings(raw map[string]json.RawMessage) map[string]string {
	out := make(map[string]string, len(raw))
	for name, value := range raw {
		out[name] = claimString(name, value)
	}
	return out
}

func claimString(name string, value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var list []string
	if json.Unmarshal(value, &list) == nil {
		return strings.Join(list, ",")
	}
	if name == "exp" || name == "iat" || name == "auth_time" || name == "nbf" {
		if seconds, err := strconv.ParseInt(string(value), 10, 64); err == nil {
			return cognitoTime(seconds)
		}
	}
	return string(value)
}
