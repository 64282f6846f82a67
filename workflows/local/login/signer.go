package login

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
)

// ClientID is the public client of the console and of the command line.
const ClientID = "nigredo-console"

// consoleScope is the scope that opens the API.
const consoleScope = "nigredo/console"

// Lifetimes of the tokens.
const (
	accessTokenLifetime  = time.Hour
	refreshTokenLifetime = 12 * time.Hour
)

const keyBits = 2048

// NewKey makes a signing key, PEM encoded PKCS #8. Keep it with mode 0600: who
// has it can be anybody.
func NewKey() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode signing key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Signer signs access tokens for one issuer.
type Signer struct {
	issuer string
	key    *rsa.PrivateKey
	keyID  string
	now    func() time.Time
}

// NewSigner reads a key of NewKey. The issuer is where the provider is served,
// without a trailing slash ("http://127.0.0.1:8080/oidc"); it must be on
// loopback. A nil now is the real clock.
func NewSigner(issuer string, keyPEM []byte, now func() time.Time) (*Signer, error) {
	if err := checkIssuer(issuer); err != nil {
		return nil, fmt.Errorf("new signer: %w", err)
	}
	block, _ := pem.Decode(keyPEM)
	if block == nil {
		return nil, errors.New("new signer: the key is not PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("new signer: %w", err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("new signer: the key is %T, not RSA", parsed)
	}
	thumbprint, err := (&jose.JSONWebKey{Key: key.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("new signer: %w", err)
	}
	if now == nil {
		now = time.Now
	}
	return &Signer{issuer: issuer, key: key, keyID: base64.RawURLEncoding.EncodeToString(thumbprint), now: now}, nil
}

func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	if u.Scheme != "http" || strings.HasSuffix(issuer, "/") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("issuer %q: want http://<loopback>:<port>/<path>", issuer)
	}
	if u.Hostname() == "localhost" {
		return nil
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if err != nil || !addr.IsLoopback() {
		return fmt.Errorf("issuer %q: demo users sign in on loopback only", issuer)
	}
	return nil
}

// Issuer returns the issuer.
func (s *Signer) Issuer() string { return s.issuer }

// Keys returns the public key set.
func (s *Signer) Keys() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{
		Key: s.key.Public(), KeyID: s.keyID, Algorithm: string(jose.RS256), Use: "sig",
	}}}
}

// Token signs an access token for the demo user of a role, valid for an hour. It
// refuses a role without a demo user.
func (s *Signer) Token(role string) (string, error) {
	user, err := userNamed(role)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: s.key, KeyID: s.keyID}},
		(&jose.SignerOptions{}).WithType("JWT"),
	)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	now := s.now()
	claims := accessClaims(user, []string{"openid", consoleScope}, now)
	claims["iss"] = s.issuer
	claims["sub"] = user.Subject()
	claims["client_id"] = ClientID
	claims["exp"] = now.Add(accessTokenLifetime).Unix()
	claims["iat"] = now.Unix()
	claims["jti"] = uuid.NewString()
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return token, nil
}

// accessClaims are the claims of an access token that are Cognito's own.
func accessClaims(user User, scopes []string, authTime time.Time) map[string]any {
	return map[string]any{
		"token_use":      "access",
		"scope":          strings.Join(scopes, " "),
		"cognito:groups": []string{user.Name},
		"username":       user.Name,
		"auth_time":      authTime.Unix(),
	}
}

// encryptionKey is for what the provider hides in a value it gives out; it need
// not be kept, but must not be guessed.
func (s *Signer) encryptionKey() [32]byte {
	return sha256.Sum256(append([]byte("nigredo login\x00"), x509.MarshalPKCS1PrivateKey(s.key)...))
}
