package main

import (
	"io"
	"log/slog"
)

// newLibraryLog writes what libraries log as JSON lines like ours. The login's
// OpenID library logs refused requests to slog's default and takes no other
// logger (zitadel/oidc 3.48, op.WithLogger).
func newLibraryLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) > 0 {
			return a
		}
		switch a.Key {
		case slog.MessageKey:
			a.Key = "message"
		case "error":
			a.Key = "error_message"
		}
		return a
	}}))
}
