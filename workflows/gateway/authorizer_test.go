package gateway

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const testIssuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"

// Keys take long to make: one pair for all tests, ours and a stranger's.
var testKeys = sync.OnceValues(func() (ours, strange *rsa.PrivateKey) {
	var err error
	if ours, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	if strange, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	return ours, strange
})

var testNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

type claims map[string]any

func validClaims() claims {
	return claims{
		"iss": testIssuer, "sub": "0192", "client_id": "console", "token_use": "access", "scope": "openid nigredo/console",
		"cognito:groups": []string{"operator", "auditor"}, "username": "ana", "jti": "j",
		"exp": testNow.Add(time.Hour).Unix(), "iat": testNow.Unix(), "auth_time": testNow.Unix(),
	}
}

func with(changes claims) string {
	c := validClaims()
	maps.Copy(c, changes)
	return sign(nil, c)
}

func without(name string) string {
	c := validClaims()
	delete(c, name)
	return sign(nil, c)
}

// sign makes a token of our key; header overrides what would stand in it.
func sign(header map[string]any, body any) string {
	ours, _ := testKeys()
	return signWith(ours, header, body)
}

func signWith(key *rsa.PrivateKey, header map[string]any, body any) string {
	h := map[string]any{"alg": "RS256", "kid": "ours", "typ": "JWT"}
	maps.Copy(h, header)
	payload, ok := body.(string)
	if !ok {
		payload = string(mustJSON(body))
	}
	input := encode(mustJSON(h)) + "." + encode([]byte(payload))
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, key, 5, sum[:]) // crypto.SHA256
	if err != nil {
		panic(err)
	}
	return input + "." + encode(signature)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func verifier(t *testing.T) *Verifier {
	t.Helper()
	ours, _ := testKeys()
	keys := StaticKeys{Keys: []jose.JSONWebKey{
		{Key: ours.Public(), KeyID: "ours", Algorithm: "RS256", Use: "sig"},
		{Key: ours.Public(), KeyID: "for encryption", Use: "enc"},
		{Key: []byte("a shared secret"), KeyID: "shared"},
	}}
	v, err := NewVerifier(testIssuer, []string{"console", "cli"}, keys, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVerifier_TakesAccessTokens(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{
		"as Cognito writes them": with(nil),
		"another client":         with(claims{"client_id": "cli"}),
		"just not expired":       with(claims{"exp": testNow.Add(-59 * time.Second).Unix()}),
		"a clock ahead of ours":  with(claims{"nbf": testNow.Add(59 * time.Second).Unix(), "iat": testNow.Add(59 * time.Second).Unix()}),
		"without groups":         without("cognito:groups"),
		"with an audience":       with(claims{"aud": []string{"console"}}),
	} {
		if _, err := verifier(t).Authorize(t.Context(), token); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerifier_ClaimsAreWhatTheRESTAuthorizerHandsOn(t *testing.T) {
	t.Parallel()
	got, err := verifier(t).Authorize(t.Context(), with(claims{"flag": true, "count": 3}))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"cognito:groups": "operator,auditor", "sub": "0192", "scope": "openid nigredo/console", "token_use": "access",
		"exp": "Sat Nov 21 13:00:00 UTC 2026", "iat": "Sat Nov 21 12:00:00 UTC 2026", "flag": "true", "count": "3",
	} {
		if got.Strings[name] != want {
			t.Errorf("%s: %q, want %q", name, got.Strings[name], want)
		}
	}
	if !got.hasAny([]string{"nothing", "nigredo/console"}) || got.hasAny([]string{"nigredo"}) {
		t.Errorf("scopes %v", got.Scopes)
	}
}

// Tokens that somebody may try.
func TestVerifier_RefusesHostileTokens(t *testing.T) {
	t.Parallel()
	ours, strange := testKeys()
	strangeJWK := jose.JSONWebKey{Key: strange.Public(), KeyID: "ours"}
	body := string(mustJSON(validClaims()))
	parts := strings.Split(with(nil), ".")
	header := func(alg string) string { return encode(mustJSON(map[string]any{"alg": alg, "kid": "ours"})) }
	publicDER, err := x509.MarshalPKIXPublicKey(ours.Public())
	if err != nil {
		t.Fatal(err)
	}
	hs256 := func(secret []byte, kid string) string {
		input := encode(mustJSON(map[string]any{"alg": "HS256", "kid": kid})) + "." + parts[1]
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		return input + "." + encode(mac.Sum(nil))
	}
	tests := map[string]string{
		"empty":                            "",
		"not a token":                      "hello",
		"alg none":                         header("none") + "." + parts[1] + ".",
		"alg none, other spelling":         header("nOnE") + "." + parts[1] + "." + parts[2],
		"HS256 with the public key":        hs256(publicDER, "ours"),
		"HS256 with a secret of the set":   hs256([]byte("a shared secret"), "shared"),
		"RS512 in the header":              header("RS512") + "." + parts[1] + "." + parts[2],
		"PS256 in the header":              header("PS256") + "." + parts[1] + "." + parts[2],
		"a stranger's key, our kid":        signWith(strange, nil, validClaims()),
		"a key the token brings (jwk)":     signWith(strange, map[string]any{"jwk": strangeJWK}, validClaims()),
		"a key set the token names (jku)":  signWith(strange, map[string]any{"jku": "https://evil.example/keys"}, validClaims()),
		"a certificate it names (x5u)":     signWith(strange, map[string]any{"x5u": "https://evil.example/cert"}, validClaims()),
		"unknown kid":                      sign(map[string]any{"kid": "other"}, validClaims()),
		"kid of an encryption key":         sign(map[string]any{"kid": "for encryption"}, validClaims()),
		"no kid":                           sign(map[string]any{"kid": ""}, validClaims()),
		"critical header":                  sign(map[string]any{"crit": []string{"exp"}, "exp": 1}, validClaims()),
		"critical b64":                     sign(map[string]any{"crit": []string{"b64"}, "b64": true}, validClaims()),
		"another pool":                     with(claims{"iss": testIssuer + "2"}),
		"issuer with a slash":              with(claims{"iss": testIssuer + "/"}),
		"no issuer":                        without("iss"),
		"another client":                   with(claims{"client_id": "mobile"}),
		"no client":                        without("client_id"),
		"client only as audience":          sign(nil, claims{"iss": testIssuer, "sub": "0192", "aud": "console", "token_use": "access", "exp": testNow.Add(time.Hour).Unix()}),
		"ID token":                         with(claims{"token_use": "id", "aud": "console"}),
		"refresh token":                    with(claims{"token_use": "refresh"}),
		"no token_use":                     without("token_use"),
		"expired by 61 s":                  with(claims{"exp": testNow.Add(-61 * time.Second).Unix()}),
		"no expiry":                        without("exp"),
		"expiry as text":                   with(claims{"exp": "never"}),
		"expiry past all numbers":          sign(nil, strings.Replace(body, `"exp":`, `"exp":1e400,"x":`, 1)),
		"not valid for 61 s":               with(claims{"nbf": testNow.Add(61 * time.Second).Unix()}),
		"issued in 61 s":                   with(claims{"iat": testNow.Add(61 * time.Second).Unix()}),
		"no subject":                       without("sub"),
		"groups as text":                   with(claims{"cognito:groups": "operator"}),
		"groups as an object":              with(claims{"cognito:groups": map[string]any{"0": "operator"}}),
		"scope as a list":                  with(claims{"scope": []string{"nigredo/console"}}),
		"duplicate claims":                 sign(nil, strings.Replace(body, `"token_use":"access"`, `"token_use":"id","token_use":"access"`, 1)),
		"claims in capitals":               sign(nil, strings.Replace(body, `"token_use"`, `"TOKEN_USE"`, 1)),
		"claims that are a list":           sign(nil, "[]"),
		"claims that are null":             sign(nil, "null"),
		"claims that are no JSON":          sign(nil, "{"),
		"claims with text behind":          sign(nil, body+"{}"),
		"padded base64":                    strings.Join([]string{parts[0] + "=", parts[1], parts[2]}, "."),
		"standard base64":                  strings.Join([]string{parts[0], parts[1] + "+/", parts[2]}, "."),
		"line break inside":                parts[0] + "." + parts[1] + ".\n" + parts[2],
		"detached payload":                 parts[0] + ".." + parts[2],
		"no signature":                     parts[0] + "." + parts[1] + ".",
		"two parts":                        parts[0] + "." + parts[1],
		"trailing dot":                     with(nil) + ".",
		"five parts, as if encrypted":      with(nil) + ".x.y",
		"signature of another token":       strings.Join([]string{parts[0], strings.Split(with(claims{"sub": "x"}), ".")[1], parts[2]}, "."),
		"JSON serialisation":               `{"payload":"` + parts[1] + `","signatures":[{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"}]}`,
		"flattened JSON serialisation":     `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"flattened, kid outside":           `{"payload":"` + parts[1] + `","header":{"kid":"ours"},"protected":"` + encode([]byte(`{"alg":"RS256"}`)) + `","signature":"` + parts[2] + `"}`,
		"a header of a megabyte":           sign(map[string]any{"x": strings.Repeat("a", 1<<20)}, with(nil)),
		"a token inside a token":           sign(nil, `"`+with(nil)+`"`),
		"our token with a space in front ": " " + with(nil),
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := verifier(t).Authorize(t.Context(), token)
			if !errors.Is(err, ErrUnauthorized) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestNewVerifier_RefusesToVerifyNothing(t *testing.T) {
	t.Parallel()
	keys := StaticKeys{}
	if _, err := NewVerifier("", []string{"c"}, keys, nil); err == nil {
		t.Error("no issuer: no error")
	}
	if _, err := NewVerifier("i", nil, keys, nil); err == nil {
		t.Error("no clients: no error")
	}
	if _, err := NewVerifier("i", []string{"c"}, nil, nil); err == nil {
		t.Error("no keys: no error")
	}
}
