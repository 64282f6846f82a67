package config_test

import (
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
)

func TestMonitoring_RefusesWhatTellsNobody(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*config.Config)
		want   string // empty: it is taken
	}{
		"as committed":      {func(*config.Config) {}, ""},
		"nobody on call":    {func(c *config.Config) { c.Monitoring.OnCall = nil }, "monitoring.onCall and team"},
		"no team":           {func(c *config.Config) { c.Monitoring.Team = nil }, "monitoring.onCall and team"},
		"a year of silence": {func(c *config.Config) { c.Monitoring.SilenceHours = 169 }, "monitoring.silenceHours"},
		"silence wanted":    {func(c *config.Config) { c.Monitoring.SilenceHours = 0 }, ""},
		"no size":           {func(c *config.Config) { c.Monitoring.StorageGB = 0 }, "monitoring.storageGB"},
		"more than Aurora":  {func(c *config.Config) { c.Monitoring.StorageGB = 200_000 }, "monitoring.storageGB"},
		"an unknown role":   {func(c *config.Config) { c.Monitoring.Escalation = []config.Contact{{Role: "boss"}} }, "monitoring.escalation names \"boss\""},
		"a role twice": {func(c *config.Config) {
			c.Monitoring.Escalation = []config.Contact{{Role: "CTO"}, {Role: "CTO"}}
		}, "monitoring.escalation names \"CTO\""},
		"out of order": {func(c *config.Config) {
			c.Monitoring.Escalation = []config.Contact{{Role: "CTO"}, {Role: "technical lead"}}
		}, "monitoring.escalation names \"technical lead\""},
		"prod in an account, nobody to reach": {func(c *config.Config) { c.Account = "123456789012" }, "monitoring.escalation must say how to reach on-call primary"},
		"prod in an account, a name alone": {func(c *config.Config) {
			c.Account, c.Monitoring.Escalation = "123456789012", []config.Contact{{Role: "on-call primary", Name: "A"}}
		}, "monitoring.escalation must say how to reach"},
		"prod in an account": {func(c *config.Config) {
			c.Account, c.Monitoring.Escalation = "123456789012", []config.Contact{{Role: "on-call primary", Phone: "+55 11 0000-0000"}}
		}, ""},
	} {
		c, err := config.Load("prod")
		if err != nil {
			t.Fatal(err)
		}
		row.change(c)
		err = c.Check()
		switch {
		case row.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)):
			t.Errorf("%s: %v, want %q", name, err, row.want)
		}
	}
}
