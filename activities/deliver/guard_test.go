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
		{"unspecified", newGuard(Target{Private: true}, false), "0.0.0.0", false},
	}
	for _, tt := range tests {
		if got := tt.guard.allows(netip.MustParseAddr(tt.address)); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
