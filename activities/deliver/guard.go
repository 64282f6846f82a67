package deliver

import (
	"context"
	"net/netip"
	"syscall"
)

// guard judges the address of every connection at the moment it is made. Only
// there is it known what a host name stands for: a check of the URL beforehand
// is passed by a name that resolves to another address a second later, and by
// the many ways to write 127.0.0.1. On Lambda the runtime API listens on
// loopback, where no security group reaches.
type guard struct {
	private, loopbackOnly bool
	refused, always       []netip.Prefix
	global                netip.Prefix
}

func newGuard(target Target, plain bool) guard {
	return guard{
		private:      target.Private,
		loopbackOnly: plain,
		refused: prefixes(
			// IPv4: this network, private, shared, loopback, link-local, protocol
			// assignments, documentation, 6to4 relays, benchmarks, multicast, reserved.
			"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
			"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
			// IPv6 within 2000::/3: Teredo and other assignments, documentation, 6to4.
			"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
		),
		// The metadata services of clouds are nobody's receiver.
		always: prefixes("169.254.0.0/16", "fd00:ec2::254/128", "fe80::/10"),
		global: netip.MustParsePrefix("2000::/3"),
	}
}

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// blockedError is the refusal of an address.
type blockedError struct{}

func (*blockedError) Error() string { return "the receiver's address is not allowed" }

// control is net.Dialer's hook between resolving and connecting.
func (g guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !g.allows(at.Addr()) {
		return &blockedError{}
	}
	return nil
}

func (g guard) allows(a netip.Addr) bool {
	a = a.Unmap()
	switch {
	case !a.IsValid() || a.Zone() != "" || contains(g.always, a):
		return false
	case g.loopbackOnly && !a.IsLoopback():
		return false
	case g.private:
		return !a.IsUnspecified() && !a.IsMulticast()
	case a.Is6() && !g.global.Contains(a):
		return false
	}
	return !contains(g.refused, a)
}

func contains(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
