package config_test

import (
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
)

func TestCheck_RefusesWhatTheEdgeCannotBe(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*config.Config){
		"site.domain must be given in prod": func(c *config.Config) { c.Site = config.Site{} },
		"site.domain and certificate":       func(c *config.Config) { c.Site.Certificate = "" },
		"site.certificate must be one of": func(c *config.Config) {
			c.Site.Certificate = strings.Replace(c.Site.Certificate, "us-east-1", "sa-east-1", 1)
		},
		"api.certificate must be one of us-east-1": func(c *config.Config) {
			c.API.Certificate = strings.Replace(c.API.Certificate, "us-east-1", "sa-east-1", 1)
		},
		"identity.threatProtection belongs": func(c *config.Config) {
			c.Identity = config.Identity{UserPool: "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_x", Client: "c", ThreatProtection: true}
		},
		"firewall.originVersions must name": func(c *config.Config) { c.Firewall.OriginVersions = []string{"1", "2", "3"} },
	} {
		c, err := config.Load("prod")
		if err != nil {
			t.Fatal(err)
		}
		change(c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
