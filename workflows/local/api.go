package local

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/alquimista-ai/nigredo/infra/api"
	"github.com/alquimista-ai/nigredo/site"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/gateway"
	"github.com/alquimista-ai/nigredo/workflows/local/login"
)

// newSite puts API, site and login behind one origin, as CloudFront does.
func newSite(cfg settled, addr string, s secrets, e *engine.Engine, f *functions, space *disk, pages http.Handler) (http.Handler, error) {
	mux := http.NewServeMux()
	authorizer, err := mountLogin(mux, cfg, addr, s)
	if err != nil {
		return nil, err
	}
	values := placeholders()
	gate, err := gateway.New(gateway.Config{
		Document: api.Document(),
		StartSync: func(ctx context.Context, machine string, input []byte) (gateway.Execution, error) {
			if space.low() {
				return gateway.Execution{}, &gateway.StartError{Type: "ThrottlingException", Message: "the disk of the database is nearly full"}
			}
			return startSync(ctx, e, values[machine], input)
		},
		Invoke: func(ctx context.Context, function string, payload []byte) ([]byte, error) {
			return f.Call(ctx, values[function], payload)
		},
		Authorizer:     authorizer,
		TrustedProxies: cfg.proxies,
		Log:            cfg.log,
	})
	if err != nil {
		return nil, err
	}
	mux.Handle("/", pages)
	// Activities render pages too; in AWS, CloudFront gives them these headers.
	secured, err := site.Secure(gate)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A mux would answer /api//leads with a redirect: the API redirects nobody.
		if gateway.Owns(r.URL.Path) {
			secured.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// startSync starts an Express machine for the gateway.
func startSync(ctx context.Context, e *engine.Engine, machine string, input []byte) (gateway.Execution, error) {
	out, err := e.StartSyncExecution(ctx, engine.StartInput{StateMachineARN: machine, Input: string(input)})
	var refused *engine.APIError
	if errors.As(err, &refused) {
		return gateway.Execution{}, &gateway.StartError{Type: refused.Type, Message: refused.Message}
	}
	if err != nil {
		return gateway.Execution{}, err
	}
	return gateway.Execution{Status: string(out.Status), Output: out.Output}, nil
}

// keyClientLimit bounds the calls for an outside issuer's keys.
const keyClientLimit = 5 * time.Second

// mountLogin serves the embedded login, or trusts the outside issuer in its
// place. Tokens of either must name the same client.
func mountLogin(mux *http.ServeMux, cfg settled, addr string, s secrets) (gateway.Authorizer, error) {
	clients := []string{login.ClientID}
	if cfg.OIDCIssuer != "" {
		keys := gateway.NewRemoteKeys(cfg.OIDCIssuer, &http.Client{Timeout: keyClientLimit}, time.Now)
		return gateway.NewVerifier(cfg.OIDCIssuer, clients, keys, time.Now)
	}
	signer, err := newSigner(s, addr)
	if err != nil {
		return nil, err
	}
	origin := "http://" + addr
	provider, err := login.New(login.Config{
		Signer:          signer,
		Redirects:       []string{origin + "/console/"},
		LogoutRedirects: []string{origin + "/"},
		Log:             cfg.log,
	})
	if err != nil {
		return nil, fmt.Errorf("start login: %w", err)
	}
	mux.Handle(loginPath+"/", provider)
	return gateway.NewVerifier(signer.Issuer(), clients, gateway.StaticKeys(signer.Keys()), time.Now)
}
