package login_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"go.uber.org/zap"
	"golang.org/x/oauth2"

	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/workflows/gateway"
	"github.com/alquimista-ai/nigredo/workflows/local/login"
)

// provider is a served login with a real client of it.
type provider struct {
	issuer   string
	redirect string
	signer   *login.Signer
	browser  *http.Client
	oauth    *oauth2.Config
	verify   *oidc.IDTokenVerifier
}

// A key takes long to make: one for all tests.
var makeKey = sync.OnceValues(login.NewKey)

func newKey(t *testing.T) []byte {
	t.Helper()
	key, err := makeKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func serve(t *testing.T) *provider {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	issuer := server.URL + "/oidc"
	signer, err := login.NewSigner(issuer, newKey(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	redirect := server.URL + "/console/callback"
	p, err := login.New(login.Config{
		Signer: signer, Redirects: []string{redirect}, LogoutRedirects: []string{server.URL + "/console/"}, Log: zap.NewNop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/oidc/", p)
	discovered, err := oidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &provider{
		issuer: issuer, redirect: redirect, signer: signer,
		browser: &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if strings.HasPrefix(r.URL.Path, "/console/") {
				return http.ErrUseLastResponse
			}
			return nil
		}},
		oauth: &oauth2.Config{
			ClientID: login.ClientID, RedirectURL: redirect,
			Endpoint: oauth2.Endpoint{
				AuthURL: discovered.Endpoint().AuthURL, TokenURL: discovered.Endpoint().TokenURL, AuthStyle: oauth2.AuthStyleInParams,
			},
			Scopes: []string{"openid", "nigredo/console"},
		},
		verify: discovered.Verifier(&oidc.Config{ClientID: login.ClientID}),
	}
}

var idField = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signInPage goes to /authorize and returns the sign-in's id.
func (p *provider) signInPage(t *testing.T, authURL string) string {
	t.Helper()
	status, body := p.get(t, authURL)
	m := idField.FindStringSubmatch(body)
	if status != http.StatusOK || m == nil {
		t.Fatalf("GET %s: %d %s", authURL, status, body)
	}
	return m[1]
}

func (p *provider) get(t *testing.T, address string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p.do(t, req)
}

func (p *provider) do(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	res, err := p.browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if location := res.Header.Get("Location"); location != "" {
		return res.StatusCode, location
	}
	return res.StatusCode, string(body)
}

// choose posts the sign-in form.
func (p *provider) choose(t *testing.T, id, user string, header http.Header) (int, string) {
	t.Helper()
	form := url.Values{"id": {id}, "user": {user}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.issuer+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(t, req)
}

// code signs in as a user and returns the authorization code.
func (p *provider) code(t *testing.T, user, verifier string) string {
	t.Helper()
	id := p.signInPage(t, p.oauth.AuthCodeURL("the-state", oauth2.S256ChallengeOption(verifier), oidc.Nonce("the-nonce")))
	status, location := p.choose(t, id, user, nil)
	u, err := url.Parse(location)
	if err != nil || status != http.StatusFound || !strings.HasPrefix(location, p.redirect+"?") || u.Query().Get("state") != "the-state" {
		t.Fatalf("sign-in ended at %d %s", status, location)
	}
	return u.Query().Get("code")
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := parsed.UnsafeClaimsWithoutVerification(&claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func authorize(t *testing.T, p *provider, token string) (gateway.Claims, error) {
	t.Helper()
	verifier, err := gateway.NewVerifier(p.issuer, []string{login.ClientID}, gateway.StaticKeys(p.signer.Keys()), nil)
	if err != nil {
		t.Fatal(err)
	}
	return verifier.Authorize(t.Context(), token)
}

// roles are those that the API knows: each has a demo user.
func roles() []string {
	return []string{string(task.Operator), string(task.Engineer), string(task.Auditor), string(task.Privacy)}
}

func TestLogin_CodeAndPKCEGivesTokensOfCognitosShape(t *testing.T) {
	t.Parallel()
	for _, role := range roles() {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			p := serve(t)
			verifier := oauth2.GenerateVerifier()
			token, err := p.oauth.Exchange(t.Context(), p.code(t, role, verifier), oauth2.VerifierOption(verifier))
			if err != nil {
				t.Fatal(err)
			}

			claims := claimsOf(t, token.AccessToken)
			for name, want := range map[string]any{
				"token_use": "access", "client_id": login.ClientID, "username": role, "iss": p.issuer,
				"scope": "openid nigredo/console",
			} {
				if claims[name] != want {
					t.Errorf("claim %s = %v, want %v", name, claims[name], want)
				}
			}
			if groups, ok := claims["cognito:groups"].([]any); !ok || len(groups) != 1 || groups[0] != role {
				t.Errorf("cognito:groups = %v, want [%s]", claims["cognito:groups"], role)
			}
			got, err := authorize(t, p, token.AccessToken)
			if err != nil || len(got.Groups) != 1 || got.Groups[0] != role {
				t.Errorf("gateway says %v, %v", got, err)
			}

			rawID, _ := token.Extra("id_token").(string)
			id, err := p.verify.Verify(t.Context(), rawID)
			if err != nil || id.Nonce != "the-nonce" || id.VerifyAccessToken(token.AccessToken) != nil {
				t.Errorf("ID token: %v, %v", id, err)
			}
			if _, err := authorize(t, p, rawID); err == nil {
				t.Error("the gateway takes an ID token for an access token")
			}
		})
	}
}

func TestLogin_RefreshTokenIsGoodOnce(t *testing.T) {
	t.Parallel()
	p := serve(t)
	verifier := oauth2.GenerateVerifier()
	first, err := p.oauth.Exchange(t.Context(), p.code(t, "auditor", verifier), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	refresh := func(token string) (*oauth2.Token, error) {
		return p.oauth.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token, Expiry: time.Unix(1, 0)}).Token()
	}
	second, err := refresh(first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if second.RefreshToken == first.RefreshToken {
		t.Error("the refresh token was not replaced")
	}
	if claims, err := authorize(t, p, second.AccessToken); err != nil || claims.Strings["username"] != "auditor" {
		t.Errorf("refreshed token: %v, %v", claims.Strings, err)
	}
	if _, err := refresh(first.RefreshToken); err == nil {
		t.Error("a used refresh token was taken again")
	}
	if _, err := refresh(second.RefreshToken); err != nil {
		t.Errorf("the replaced token's successor is refused: %v", err)
	}
}

func TestLogin_CodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	p := serve(t)
	verifier := oauth2.GenerateVerifier()
	code := p.code(t, "operator", verifier)
	if _, err := p.oauth.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.oauth.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a used code was taken again")
	}
}

func TestLogin_RefusesACodeThatIsNotTheCallers(t *testing.T) {
	t.Parallel()
	verifier := oauth2.GenerateVerifier()
	tests := map[string]func(*oauth2.Config) []oauth2.AuthCodeOption{
		"another verifier": func(*oauth2.Config) []oauth2.AuthCodeOption {
			return []oauth2.AuthCodeOption{oauth2.VerifierOption(oauth2.GenerateVerifier())}
		},
		"no verifier": func(*oauth2.Config) []oauth2.AuthCodeOption { return nil },
		"another redirect": func(c *oauth2.Config) []oauth2.AuthCodeOption {
			c.RedirectURL += "2"
			return []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}
		},
		"another client": func(c *oauth2.Config) []oauth2.AuthCodeOption {
			c.ClientID = "somebody"
			return []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t)
			code := p.code(t, "operator", verifier)
			config := *p.oauth
			if token, err := config.Exchange(t.Context(), code, change(&config)...); err == nil {
				t.Errorf("got %v", token)
			}
			if _, err := p.oauth.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
				t.Error("the code is still good after a failed try")
			}
		})
	}
}

func TestLogin_RefusesAnAuthorizationRequest(t *testing.T) {
	t.Parallel()
	p := serve(t)
	challenge := oauth2.S256ChallengeOption(oauth2.GenerateVerifier())
	elsewhere, unknown, implicit := *p.oauth, *p.oauth, *p.oauth
	elsewhere.RedirectURL = "https://evil.example/callback"
	unknown.ClientID = "somebody"
	tests := map[string]struct {
		address string
		// back: the refusal goes to the console as an error; else it stays here.
		back bool
	}{
		"redirect not registered": {elsewhere.AuthCodeURL("s", challenge), false},
		"unknown client":          {unknown.AuthCodeURL("s", challenge), false},
		"no PKCE":                 {p.oauth.AuthCodeURL("s"), true},
		"plain PKCE": {p.oauth.AuthCodeURL("s", oauth2.SetAuthURLParam("code_challenge", "abc"),
			oauth2.SetAuthURLParam("code_challenge_method", "plain")), true},
		"implicit flow": {implicit.AuthCodeURL("s", challenge, oauth2.SetAuthURLParam("response_type", "id_token token")), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, text := p.get(t, test.address)
			switch {
			case !test.back && status != http.StatusBadRequest:
				t.Errorf("got %d %s, want 400", status, text)
			case test.back && (status != http.StatusFound || !strings.HasPrefix(text, p.redirect) || !strings.Contains(text, "error=")):
				t.Errorf("got %d %s, want an error at the console", status, text)
			}
		})
	}
}

func TestLogin_RefusesASignInThatIsNotOne(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		id, user string
		header   http.Header
		want     int
	}{
		"unknown user":    {"", "root", nil, http.StatusBadRequest},
		"no user":         {"", "", nil, http.StatusBadRequest},
		"unknown sign-in": {"made-up", "operator", nil, http.StatusBadRequest},
		"another origin":  {"", "operator", http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t)
			id := p.signInPage(t, p.oauth.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
			if test.id != "" {
				id = test.id
			}
			if status, body := p.choose(t, id, test.user, test.header); status != test.want {
				t.Errorf("got %d %s, want %d", status, body, test.want)
			}
		})
	}
}

func TestLogin_SecondChoiceOfOneSignInIsRefused(t *testing.T) {
	t.Parallel()
	p := serve(t)
	id := p.signInPage(t, p.oauth.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
	if status, text := p.choose(t, id, "auditor", nil); status != http.StatusFound {
		t.Fatalf("first choice: %d %s", status, text)
	}
	if status, text := p.choose(t, id, "operator", nil); status != http.StatusBadRequest {
		t.Errorf("second choice: %d %s, want 400", status, text)
	}
}

func TestLogin_ServesItsOwnHostOnly(t *testing.T) {
	t.Parallel()
	p := serve(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.issuer+"/.well-known/openid-configuration", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "rebound.example"
	if status, body := p.do(t, req); status != http.StatusMisdirectedRequest {
		t.Errorf("got %d %s, want 421", status, body)
	}
}

func TestLogin_LeavesNoCORSDoorOpen(t *testing.T) {
	t.Parallel()
	p := serve(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.issuer+"/keys", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "https://evil.example")
	res, err := p.browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if got := res.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("Access-Control-Allow-Origin: %s", got)
	}
}
