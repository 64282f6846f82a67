package site

import (
	"maps"
	"net/http"
)

// Headers gives the security headers that every page is served with, whoever serves it:
// [Handler], the local gateway for the pages that activities render, and CloudFront. They
// come from the build, since the policy allows the one stylesheet by its hash.
// Strict-Transport-Security is left to whoever ends TLS, and so is
// upgrade-insecure-requests: the local server speaks plain HTTP on loopback.
func Headers() (map[string]string, error) {
	b, err := load()
	if err != nil {
		return nil, err
	}
	return maps.Clone(b.Headers), nil
}

// Secure serves next with Headers on every answer.
func Secure(next http.Handler) (http.Handler, error) {
	headers, err := Headers()
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	}), nil
}
