package site

import "net/http"

// policy allows what the pages use and nothing else. upgrade-insecure-requests
// is absent because the local server speaks plain HTTP on loopback.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// Headers gives the security headers that every page is served with, whoever
// serves it: [Handler], the local gateway for the pages that activities render,
// and CloudFront. Strict-Transport-Security is left to whoever ends TLS.
func Headers() map[string]string {
	return map[string]string{
		"Content-Security-Policy":    policy,
		"X-Content-Type-Options":     "nosniff",
		"X-Frame-Options":            "DENY",
		"Referrer-Policy":            "strict-origin-when-cross-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Permissions-Policy":         "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	}
}

// Secure serves next with Headers on every answer.
func Secure(next http.Handler) http.Handler {
	headers := Headers()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}
