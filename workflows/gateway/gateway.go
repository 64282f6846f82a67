package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"
)

// Config is what a gateway needs. Document, StartSync, Invoke, Authorizer and
// Log must be given.
type Config struct {
	// Document is the OpenAPI document, placeholders unresolved.
	Document []byte

	// StartSync starts the Express machine that a placeholder of the document
	// names ("LeadIntakeArn") and waits for its end. An execution that failed is
	// a result; a refusal of the Step Functions API is a *StartError.
	StartSync func(ctx context.Context, machine string, input []byte) (Execution, error)

	// Invoke calls the function that a placeholder names ("ListArn"). A function
	// error is an error here: the caller gets a 502 either way.
	Invoke func(ctx context.Context, function string, payload []byte) ([]byte, error)

	// Authorizer says what an access token allows.
	Authorizer Authorizer

	// TrustedProxies are the hops whose X-Forwarded-For counts. None: the
	// socket's address is the caller's.
	TrustedProxies []netip.Prefix

	Log *zap.Logger

	// Now and NewID are the clock and the request ids; nil: the real ones.
	Now   func() time.Time
	NewID func() string
}

// Authorizer verifies access tokens.
type Authorizer interface {
	// Authorize returns the claims of a valid access token. Every refusal is
	// ErrUnauthorized, whatever the reason; other errors mean that the keys
	// could not be had.
	Authorize(ctx context.Context, token string) (Claims, error)
}

// ErrUnauthorized is returned by an Authorizer for a token that is not valid.
// The client gets 401 and no reason; the wrapped text goes to the log.
var ErrUnauthorized = errors.New("unauthorized")

// Gateway is the API as an http.Handler.
type Gateway struct {
	cfg    Config
	routes *routes
}

// New reads the document and returns the API it describes. It refuses a document
// that is not valid OpenAPI or names an integration, authorizer or gateway
// response that it cannot serve.
func New(cfg Config) (*Gateway, error) {
	for name, missing := range map[string]bool{
		"StartSync": cfg.StartSync == nil, "Invoke": cfg.Invoke == nil,
		"Authorizer": cfg.Authorizer == nil, "Log": cfg.Log == nil,
	} {
		if missing {
			return nil, fmt.Errorf("new gateway: %s is missing", name)
		}
	}
	routes, err := readDocument(cfg.Document)
	if err != nil {
		return nil, fmt.Errorf("new gateway: %w", err)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.NewID == nil {
		cfg.NewID = uuid.NewString
	}
	return &Gateway{cfg: cfg, routes: routes}, nil
}

// Owns tells whether a path is the API's to answer, with 404 if need be. The
// site, the console and the login are mounted beside it.
func Owns(path string) bool {
	return path == "/api" || strings.HasPrefix(path, "/api/") ||
		path == "/health" || strings.HasPrefix(path, "/health/")
}

// ServeHTTP answers one request. A panic of an integration is one that failed.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := g.cfg.NewID()
	w.Header().Set("x-amzn-RequestId", id)
	route, params := g.routes.find(r.Method, r.URL.EscapedPath())
	if route == nil {
		g.refuse(w, id, missingRoute)
		return
	}
	call := &call{
		request: r, route: route, id: id, pathParameters: params,
		sourceIP: callerAddress(r.RemoteAddr, r.Header, g.cfg.TrustedProxies),
	}
	if refusal := g.admit(call, w); refusal != "" {
		g.refuse(w, id, refusal)
		return
	}
	answer, refusal := g.integrate(call)
	if refusal != "" {
		g.refuse(w, id, refusal)
		return
	}
	answer.write(w)
}

// call is one request on its way through the gateway.
type call struct {
	request        *http.Request
	route          *route
	id             string
	sourceIP       string
	pathParameters map[string]string
	claims         map[string]string // nil on a public route
	body           []byte
}

// header is what an integration sees of the request's header. Whoever sends
// CloudFront-Viewer-Address here is not CloudFront.
func (c *call) header() http.Header {
	h := c.request.Header.Clone()
	h.Del("Cloudfront-Viewer-Address")
	return h
}

// admit checks all that the gateway may refuse before the integration sees the
// request, in the order in which API Gateway does: authorizer, then body.
func (g *Gateway) admit(c *call, w http.ResponseWriter) responseType {
	if len(c.route.scopes) > 0 {
		if refusal := g.authorize(c); refusal != "" {
			return refusal
		}
	}
	return c.readBody(w)
}

func (g *Gateway) authorize(c *call) responseType {
	claims, err := g.verify(c.request)
	switch {
	case errors.Is(err, ErrUnauthorized):
		g.cfg.Log.Info("Gateway: token refused", zap.String("request_id", c.id), zap.NamedError("error_message", err))
		return unauthorized
	case err != nil:
		g.cfg.Log.Error("Gateway: authorizer failed", zap.String("request_id", c.id), zap.NamedError("error_message", err))
		return authorizerFailed
	case !claims.hasAny(c.route.scopes):
		return accessDenied
	}
	c.claims = claims.Strings
	return ""
}

func (g *Gateway) verify(r *http.Request) (Claims, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return Claims{}, fmt.Errorf("%w: %d Authorization headers", ErrUnauthorized, len(headers))
	}
	token := headers[0]
	if scheme, rest, ok := strings.Cut(token, " "); ok {
		if !strings.EqualFold(scheme, "Bearer") {
			return Claims{}, fmt.Errorf("%w: not a bearer token", ErrUnauthorized)
		}
		token = rest
	}
	return g.cfg.Authorizer.Authorize(r.Context(), token)
}
