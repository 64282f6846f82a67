package gateway

import (
	"net/http"
	"strings"
)

// allowOrigin lets the one configured origin read the answer, refusals included.
func (g *Gateway) allowOrigin(w http.ResponseWriter, r *http.Request) {
	if g.cfg.AllowOrigin == "" {
		return
	}
	w.Header().Add("Vary", "Origin")
	if r.Header.Get("Origin") == g.cfg.AllowOrigin {
		w.Header().Set("Access-Control-Allow-Origin", g.cfg.AllowOrigin)
		w.Header().Set("Access-Control-Expose-Headers", strings.Join(answerHeaders(), ", "))
	}
}

// preflight answers OPTIONS on a known path for the configured origin and
// reports whether it did.
func (g *Gateway) preflight(w http.ResponseWriter, r *http.Request) bool {
	if g.cfg.AllowOrigin == "" || r.Method != http.MethodOptions || r.Header.Get("Origin") != g.cfg.AllowOrigin {
		return false
	}
	methods := g.routes.methods(r.URL.EscapedPath())
	if len(methods) == 0 {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

func (rs *routes) methods(escapedPath string) []string {
	segments := strings.Split(escapedPath, "/")
	var out []string
	for _, r := range rs.all {
		if len(r.segments) != len(segments) {
			continue
		}
		if _, ok := r.match(segments); ok {
			out = append(out, r.method)
		}
	}
	return out
}
