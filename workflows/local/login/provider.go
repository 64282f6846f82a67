package login

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
	"go.uber.org/zap"
)

// Config is what a provider needs.
type Config struct {
	Signer *Signer

	// Redirects are where the console may be sent with a code, each compared as
	// a whole string; LogoutRedirects where after sign-out.
	Redirects       []string
	LogoutRedirects []string

	Log *zap.Logger
}

// Provider serves the OpenID endpoints and the sign-in page below the path of
// its issuer: /.well-known/openid-configuration, /authorize, /login, /oauth/token,
// /keys, /userinfo, /revoke and /end_session.
type Provider struct {
	http.Handler

	host     string
	storage  *storage
	op       *op.Provider
	template *template.Template
	log      *zap.Logger
}

// New returns the provider of a signer's issuer.
func New(cfg Config) (*Provider, error) {
	if cfg.Signer == nil || cfg.Log == nil || len(cfg.Redirects) == 0 {
		return nil, errors.New("new login provider: signer, log and redirects are required")
	}
	issuer, err := url.Parse(cfg.Signer.issuer)
	if err != nil {
		return nil, fmt.Errorf("new login provider: %w", err)
	}
	store := newStorage(cfg.Signer, &client{
		redirects: cfg.Redirects, logoutRedirects: cfg.LogoutRedirects, loginURL: cfg.Signer.issuer + "/login",
	})
	library, err := op.NewProvider(&op.Config{
		CryptoKey:                cfg.Signer.encryptionKey(),
		DefaultLogoutRedirectURI: issuer.Scheme + "://" + issuer.Host + "/",
		CodeMethodS256:           true,
		GrantTypeRefreshToken:    true,
		SupportedScopes:          []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail, consoleScope},
	}, store, op.StaticIssuer(cfg.Signer.issuer), op.WithAllowInsecure(), op.WithCORSOptions(nil))
	if err != nil {
		return nil, fmt.Errorf("new login provider: %w", err)
	}
	page, err := parsePage()
	if err != nil {
		return nil, fmt.Errorf("new login provider: %w", err)
	}
	p := &Provider{host: issuer.Host, storage: store, op: library, template: page, log: cfg.Log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", p.page)
	mux.HandleFunc("GET /login.css", p.style)
	mux.Handle("POST /login", http.NewCrossOriginProtection().Handler(http.HandlerFunc(p.signIn)))
	mux.Handle("/", library)
	p.Handler = p.sameHost(http.StripPrefix(strings.TrimSuffix(issuer.Path, "/"), mux))
	return p, nil
}

// sameHost refuses a request for another host than the issuer's: a page of a
// stranger could otherwise reach this one under a name of its own (DNS
// rebinding), and there is no password in its way.
func (p *Provider) sameHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != p.host {
			http.Error(w, "the sign-in is served at "+p.host+" only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
