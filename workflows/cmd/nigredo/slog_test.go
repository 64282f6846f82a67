package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

func TestLibraryLog_HasTheFieldsOfOurs(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	log := newLibraryLog(&out)
	log.Debug("of no interest")
	log.Warn("auth request", slog.Any("oidc_error", oidc.ErrInvalidRequest().WithDescription("two\nlines")), slog.Any("error", errors.New("no")))
	var line map[string]any
	if err := json.Unmarshal([]byte(out.String()), &line); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	if line["level"] != "WARN" || line["message"] != "auth request" || line["error_message"] != "no" || line["time"] == nil || line["oidc_error"] == nil {
		t.Errorf("line %s", &out)
	}
	if line["msg"] != nil || line["error"] != nil {
		t.Errorf("line %s", &out)
	}
}
