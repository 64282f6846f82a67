package setting

import (
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/task"
)

func TestSettings_RefuseWithoutQuotingTheValue(t *testing.T) {
	tests := []struct {
		name, variable, value string
		read                  func() error
	}{
		{"database not set", "NIGREDO_DATABASE_URL", "", func() error { _, err := Store(t.Context(), "x"); return err }},
		{"database unreadable", "NIGREDO_DATABASE_URL", "postgres://s3cret@[", func() error { _, err := Store(t.Context(), "x"); return err }},
		{"limit no number", "NIGREDO_RATE_LIMIT", "s3cret", func() error { _, err := Quota(); return err }},
		{"limit below zero", "NIGREDO_RATE_LIMIT", "-1", func() error { _, err := Quota(); return err }},
		{"limit past the table's", "NIGREDO_RATE_LIMIT", "1001", func() error { _, err := Quota(); return err }},
		{"secret not set", "FIBONACCI_WEBHOOK_SECRET", "", func() error { _, err := Secrets(t.Context(), task.Env{}); return err }},
		{"stamp key not set", "NIGREDO_STAMP_KEY", "", func() error { _, err := Stamper(t.Context()); return err }},
		{"stamp key too short", "NIGREDO_STAMP_KEY", "s3cret", func() error { _, err := Stamper(t.Context()); return err }},
		{"switch neither on nor off", "FIBONACCI_WEBHOOK_PRIVATE", "s3cret", func() error { _, err := Bool("FIBONACCI_WEBHOOK_PRIVATE"); return err }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(tt.variable, tt.value)
			err := tt.read()
			if err == nil || !strings.HasPrefix(err.Error(), tt.variable) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestSettings_Defaults(t *testing.T) {
	t.Setenv("NIGREDO_RATE_LIMIT", "")
	if quota, err := Quota(); err != nil || quota.Slots != 10 {
		t.Errorf("%+v, %v", quota, err)
	}
	t.Setenv("NIGREDO_RATE_LIMIT", "0")
	if quota, err := Quota(); err != nil || quota.Slots != 0 {
		t.Errorf("%+v, %v", quota, err)
	}
	t.Setenv("FIBONACCI_WEBHOOK_SECRET", "whsec_a  whsec_b")
	secrets, err := Secrets(t.Context(), task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := secrets(); err != nil || len(got) != 2 || got[1] != "whsec_b" {
		t.Errorf("%v, %v", got, err)
	}
	t.Setenv("FIBONACCI_WEBHOOK_PRIVATE", "true")
	if on, err := Bool("FIBONACCI_WEBHOOK_PRIVATE"); err != nil || !on {
		t.Errorf("%v, %v", on, err)
	}
}
