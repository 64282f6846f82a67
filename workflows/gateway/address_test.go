package gateway

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func prefixes(t *testing.T, list ...string) []netip.Prefix {
	t.Helper()
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func forwarded(values ...string) http.Header { return http.Header{"X-Forwarded-For": values} }

// Nobody is trusted: no header moves the address.
func TestAddress_HeadersCountForNothingByDefault(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]http.Header{
		"none":                      {},
		"X-Forwarded-For":           forwarded("6.6.6.6"),
		"several":                   forwarded("6.6.6.6", "7.7.7.7"),
		"loopback":                  forwarded("127.0.0.1"),
		"Forwarded":                 {"Forwarded": {"for=6.6.6.6"}},
		"X-Real-IP":                 {"X-Real-Ip": {"6.6.6.6"}},
		"True-Client-IP":            {"True-Client-Ip": {"6.6.6.6"}},
		"CloudFront-Viewer-Address": {"Cloudfront-Viewer-Address": {"6.6.6.6:1"}},
		"X-Client-IP":               {"X-Client-Ip": {"6.6.6.6"}},
		"CF-Connecting-IP":          {"Cf-Connecting-Ip": {"6.6.6.6"}},
	} {
		if got := callerAddress("203.0.113.7:5555", header, nil); got != "203.0.113.7" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAddress_WalksTrustedHopsOnly(t *testing.T) {
	t.Parallel()
	trusted := prefixes(t, "10.0.0.0/8", "2001:db8:ffff::/48")
	const proxy, client = "10.0.0.1:4000", "203.0.113.7"
	tests := map[string]struct {
		remote string
		header http.Header
		want   string
	}{
		"one hop":                          {proxy, forwarded(client), client},
		"two hops":                         {proxy, forwarded(client + ", 10.0.0.2"), client},
		"two headers are one list":         {proxy, forwarded(client, "10.0.0.2"), client},
		"spoofed entry on the left":        {proxy, forwarded("6.6.6.6, " + client), client},
		"spoofed entry in its own header":  {proxy, forwarded("6.6.6.6", client), client},
		"spoofed trusted entry":            {proxy, forwarded("10.9.9.9, " + client), client},
		"blanks and tabs":                  {proxy, forwarded("  6.6.6.6 ,\t" + client + "  "), client},
		"entry with a port":                {proxy, forwarded(client + ":1234"), client},
		"IPv6":                             {proxy, forwarded("2001:db8::1"), "2001:db8::1"},
		"IPv6 in brackets":                 {proxy, forwarded("[2001:db8::1]"), "2001:db8::1"},
		"IPv6 in brackets with a port":     {proxy, forwarded("[2001:db8::1]:443"), "2001:db8::1"},
		"IPv6 in long form":                {proxy, forwarded("2001:0DB8:0:0:0:0:0:1"), "2001:db8::1"},
		"IPv4 mapped into IPv6":            {proxy, forwarded("::ffff:" + client), client},
		"IPv6 with a zone":                 {proxy, forwarded("fe80::1%eth0"), "fe80::1"},
		"unknown":                          {proxy, forwarded("unknown"), "10.0.0.1"},
		"unknown behind a trusted hop":     {proxy, forwarded("6.6.6.6, unknown, 10.0.0.2"), "10.0.0.2"},
		"obfuscated":                       {proxy, forwarded("_hidden"), "10.0.0.1"},
		"empty":                            {proxy, forwarded(""), "10.0.0.1"},
		"empty entry on the right":         {proxy, forwarded(client + ","), "10.0.0.1"},
		"no header":                        {proxy, http.Header{}, "10.0.0.1"},
		"only trusted hops":                {proxy, forwarded("10.0.0.3, 10.0.0.2"), "10.0.0.3"},
		"Forwarded does not count":         {proxy, http.Header{"Forwarded": {"for=6.6.6.6"}}, "10.0.0.1"},
		"X-Real-IP does not count":         {proxy, http.Header{"X-Real-Ip": {"6.6.6.6"}}, "10.0.0.1"},
		"proxy on IPv6":                    {"[2001:db8:ffff::1]:4000", forwarded(client), client},
		"proxy as IPv4 mapped into IPv6":   {"[::ffff:10.0.0.1]:4000", forwarded(client), client},
		"a stranger says it has a client":  {"192.0.2.9:4000", forwarded(client), "192.0.2.9"},
		"number that is no address":        {proxy, forwarded("3405803783"), "10.0.0.1"},
		"octets with leading zeros":        {proxy, forwarded("010.0.0.1"), "10.0.0.1"},
		"ten thousand entries":             {proxy, forwarded(strings.Repeat("6.6.6.6, ", 10_000) + client), client},
		"ten thousand trusted entries":     {proxy, forwarded("6.6.6.6" + strings.Repeat(", 10.0.0.2", 10_000)), "10.0.0.2"},
		"header end and text in the entry": {proxy, forwarded("6.6.6.6\r\nX: y"), "10.0.0.1"},
	}
	for name, test := range tests {
		if got := callerAddress(test.remote, test.header, trusted); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestGateway_TrustedProxyNamesTheCaller(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.TrustedProxies = prefixes(t, "203.0.113.0/24")
	send(b.serve(t), request("POST", "/api/leads", "{}", "X-Forwarded-For", "198.51.100.10", "CloudFront-Viewer-Address", "6.6.6.6:1"))
	if len(b.started) != 1 || !strings.Contains(b.started[0], `"sourceIp":"198.51.100.10"`) {
		t.Errorf("started %v", b.started)
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("10.0.0.1:1", "1.2.3.4, [::1]:2")
	f.Add("[::1]:1", ",,,")
	f.Fuzz(func(t *testing.T, remote, header string) {
		trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
		got := callerAddress(remote, forwarded(header), trusted)
		if _, err := netip.ParseAddr(got); err != nil && got != remote {
			t.Errorf("callerAddress(%q, %q) = %q is no address", remote, header, got)
		}
	})
}
