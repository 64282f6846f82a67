package local

import (
	"encoding/base64"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestSettle_Defaults(t *testing.T) {
	t.Parallel()
	c, err := Config{}.settle()
	if err != nil || c.Addr != defaultAddr || c.SFNAddr != defaultSFNAddr || c.DataDir != defaultDataDir || c.HistoryDays != 90 {
		t.Errorf("got %+v, %v", c.Config, err)
	}
}

func TestSettle_Refusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config Config
		want   string // what the error must name
	}{
		{"demo users on every address", Config{Addr: "0.0.0.0:8080"}, "NIGREDO_OIDC_ISSUER"},
		{"demo users on a host name", Config{Addr: "nigredo.example:8080"}, "NIGREDO_OIDC_ISSUER"},
		{"demo users on no host at all", Config{Addr: ":8080"}, "NIGREDO_OIDC_ISSUER"},
		{"an address without a port", Config{Addr: "127.0.0.1"}, "NIGREDO_ADDR"},
		{"the Step Functions API in public", Config{SFNAddr: "0.0.0.0:8083", OIDCIssuer: "https://issuer.example"}, "NIGREDO_SFN_ADDR"},
		{"a negative limit", Config{RateLimit: -1}, "NIGREDO_RATE_LIMIT"},
		{"a limit past the table's", Config{RateLimit: 1001}, "NIGREDO_RATE_LIMIT"},
		{"a negative number of days", Config{HistoryDays: -1}, "NIGREDO_HISTORY_DAYS"},
		{"more days than time has", Config{HistoryDays: 36_501}, "NIGREDO_HISTORY_DAYS"},
		{"a proxy that is none", Config{TrustedProxies: []string{"10.0.0.0/8", "proxy.example"}}, "NIGREDO_TRUSTED_PROXIES"},
		{"a webhook without a scheme", Config{WebhookURL: "fibonacci.example/hook"}, "FIBONACCI_WEBHOOK_URL"},
		{"a webhook by ftp", Config{WebhookURL: "ftp://fibonacci.example/hook"}, "FIBONACCI_WEBHOOK_URL"},
		{"a secret without its prefix", Config{WebhookSecret: base64.StdEncoding.EncodeToString(make([]byte, 32))}, "FIBONACCI_WEBHOOK_SECRET"},
		{"a short secret", Config{WebhookSecret: "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23))}, "FIBONACCI_WEBHOOK_SECRET"},
		{"a second secret that is none", Config{WebhookSecret: "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 24)) + " next"}, "FIBONACCI_WEBHOOK_SECRET"},
		{"three secrets", Config{WebhookSecret: strings.Repeat("whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 24))+" ", 3)}, "FIBONACCI_WEBHOOK_SECRET"},
		{"an issuer that is no URL", Config{OIDCIssuer: "issuer"}, "NIGREDO_OIDC_ISSUER"},
		{"all functions elsewhere, and nowhere to invoke them", Config{LambdaOnly: true}, "NIGREDO_LAMBDA_ONLY"},
		{"an endpoint that is no URL", Config{LambdaEndpoint: "localhost:9001"}, "NIGREDO_LAMBDA_ENDPOINT"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := test.config.settle()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v; want a refusal that names %s", err, test.want)
			}
		})
	}
}

func TestSettle_RefusalsDoNotQuoteSecrets(t *testing.T) {
	t.Parallel()
	_, err := Config{WebhookSecret: "hunter2", WebhookURL: "user:hunter2@host"}.settle()
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestSettle_Accepts(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{
		{Addr: "127.0.0.1:0", SFNAddr: "127.0.0.2:0"},
		{Addr: "[::1]:8080"},
		{Addr: "localhost:8080"},
		{Addr: "0.0.0.0:8080", OIDCIssuer: "https://issuer.example"},
		{WebhookSecret: strings.Repeat("whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 24))+" ", 2)},
		{HistoryDays: 1},
		{HistoryDays: 36_500},
		{RateLimit: 1000, WebhookURL: "http://127.0.0.1:9/x", WebhookSecret: "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 24))},
	} {
		if _, err := c.settle(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestParseProxies_AddressesAndPrefixes(t *testing.T) {
	t.Parallel()
	got, err := parseProxies([]string{"10.1.2.3/8", " 192.0.2.1 ", "", "::ffff:192.0.2.2", "2001:db8::/32"})
	want := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32"),
		netip.MustParsePrefix("192.0.2.2/32"), netip.MustParsePrefix("2001:db8::/32"),
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}
