package deliver

import (
	"net/netip"
	"testing"
)

// The list is the union of what Svix, smokescreen and Convoy refuse.
func TestGuard_RefusesAddressesThatAreNotPublic(t *testing.T) {
	t.Parallel()
	strict := newGuard(Target{}, false)
	for _, a := range []string{
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1",
		"192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1",
		"3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "ff02::1", "4000::1",
	} {
		if strict.allows(netip.MustParseAddr(a)) {
			t.Errorf("%s is allowed", a)
		}
	}
	for _, a := range []string{"1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "2606:4700::1111", "::ffff:1.1.1.1"} {
		if !strict.allows(netip.MustParseAddr(a)) {
			t.Errorf("%s is refused", a)
		}
	}
}

func TestGuard_OpensOnlyWhatConfigurationNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		guard   guard
		address string
		want    bool
	}{
		{"loopback over plain HTTP", newGuard(Target{Private: true}, true), "127.0.0.1", true},
		{"private network over plain HTTP", newGuard(Target{Private: true}, true), "10.0.0.1", false},
		{"public network over plain HTTP", newGuard(Target{Private: true}, true), "1.1.1.1", false},
		{"private network over TLS", newGuard(Target{Private: true}, false), "10.0.0.1", true},
		{"metadata service", newGuard(Target{Private: true}, false), "169.254.169.254", false},
		{"metadata service over IPv6", newGuard(Target{Private: true}, false), "fd00:ec2::254", false},
		{"metadata service of Alibaba", newGuard(Target{Private: true}, false), "100.100.100.200", false},
		{"metadata service of Azure", newGuard(Target{}, false), "168.63.129.16", false},
		{"metadata service of Oracle", newGuard(Target{Private: true}, false), "192.0.0.192", false},
		{"metadata service of Google over IPv6", newGuard(Target{Private: true}, false), "fd20:ce::254", false},
		{"name servers of AWS over IPv6", newGuard(Target{Private: true}, false), "fd00:ec2::253", false},
		{"a private network over IPv6", newGuard(Target{Private: true}, false), "fd12::1", true},
		{"loopback over IPv6", newGuard(Target{Private: true}, true), "::1", true},
		{"unspecified", newGuard(Target{Private: true}, false), "0.0.0.0", false},
		{"unspecified over IPv6", newGuard(Target{Private: true}, false), "::", false},
	}
	for _, tt := range tests {
		if got := tt.guard.allows(netip.MustParseAddr(tt.address)); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// With 169.254.169.254 inside, none is a receiver, wherever it is allowed to be.
func TestGuard_JudgesWhatAnAddressStandsFor(t *testing.T) {
	t.Parallel()
	strict, private := newGuard(Target{}, false), newGuard(Target{Private: true}, false)
	for form, row := range map[string]struct{ metadata, network, public string }{
		"IPv4-mapped":             {"::ffff:a9fe:a9fe", "::ffff:a00:1", "::ffff:101:101"},
		"IPv4-compatible":         {"::a9fe:a9fe", "::a00:1", "::101:101"},
		"IPv4-translated":         {"::ffff:0:a9fe:a9fe", "::ffff:0:a00:1", "::ffff:0:101:101"},
		"NAT64":                   {"64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b::101:101"},
		"NAT64 of local use, /48": {"64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:a00:0:100::", "64:ff9b:1:101:1:100::"},
		"NAT64 of local use, /56": {"64:ff9b:1:a9:fe:a9fe::", "64:ff9b:1:a:0:1::", "64:ff9b:1:1:1:101::"},
		"NAT64 of local use, /64": {"64:ff9b:1:0:a9:fea9:fe00:0", "64:ff9b:1:0:a:0:100:0", "64:ff9b:1:0:1:101:100:0"},
		"NAT64 of local use, /96": {"64:ff9b:1::a9fe:a9fe", "64:ff9b:1::a00:1", "64:ff9b:1::101:101"},
		"6to4":                    {"2002:a9fe:a9fe::1", "2002:a00:1::1", "2002:101:101::1"},
		"Teredo server":           {"2001:0:a9fe:a9fe:8000:63bf:fefe:fefe", "2001:0:a00:1:8000:63bf:fefe:fefe", "2001:0:101:101:8000:63bf:fefe:fefe"},
		"Teredo client":           {"2001:0:101:101:8000:63bf:5601:5601", "2001:0:101:101:8000:63bf:f5ff:fffe", "2001:0:101:101:8000:63bf:fefe:fefe"},
		"ISATAP":                  {"2606:4700::5efe:a9fe:a9fe", "2606:4700::200:5efe:a00:1", "2606:4700::5efe:101:101"},
	} {
		for _, g := range []guard{strict, private} {
			if g.allows(netip.MustParseAddr(row.metadata)) {
				t.Errorf("%s, private %t: the metadata service is allowed", form, g.private)
			}
		}
		if strict.allows(netip.MustParseAddr(row.network)) || !private.allows(netip.MustParseAddr(row.network)) {
			t.Errorf("%s: a private network is not judged by the configuration", form)
		}
		if !private.allows(netip.MustParseAddr(row.public)) {
			t.Errorf("%s: a public address is refused in a private network", form)
		}
	}
}
