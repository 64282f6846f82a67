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
//
// An IPv6 address that stands for an IPv4 address is judged by both: a gateway
// on the way would make the one into the other.
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
		// The metadata services of clouds are nobody's receiver: link-local, and those
		// of Alibaba, Azure, Oracle, AWS, Google and Scaleway.
		always: prefixes(
			"0.0.0.0/8", "169.254.0.0/16", "fe80::/10",
			"100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::254/128", "fd00:42::42/128",
		),
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
	if g.loopbackOnly && !a.IsLoopback() {
		return false
	}
	if !g.permits(a) {
		return false
	}
	for _, embedded := range embeddedIPv4(a) {
		if !g.permits(embedded) {
			return false
		}
	}
	return true
}

// permits judges an address as it stands.
func (g guard) permits(a netip.Addr) bool {
	switch {
	case !a.IsValid() || a.Zone() != "" || contains(g.always, a):
		return false
	case g.private:
		return !a.IsUnspecified() && !a.IsMulticast()
	case a.Is6() && !g.global.Contains(a):
		return false
	}
	return !contains(g.refused, a)
}

// embeddedIPv4 gives every IPv4 address that an IPv6 address may stand for. Which
// of them a translator takes is its configuration's business, so all are given.
func embeddedIPv4(a netip.Addr) []netip.Addr {
	if !a.Is6() || a.IsLoopback() || a.IsUnspecified() {
		return nil
	}
	b := a.As16()
	at := func(i, j, k, l int) netip.Addr { return netip.AddrFrom4([4]byte{b[i], b[j], b[k], b[l]}) }
	last := at(12, 13, 14, 15)
	var found []netip.Addr
	switch {
	case within("::/96", a), // IPv4-compatible (RFC 4291, section 2.5.5.1)
		within("::ffff:0:0:0/96", a), // IPv4-translated (RFC 2765)
		within("64:ff9b::/96", a):    // NAT64 (RFC 6052)
		found = append(found, last)
	case within("64:ff9b:1::/48", a): // NAT64 of local use (RFC 8215), by the lengths of RFC 6052, section 2.2
		for _, reading := range []netip.Addr{at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12), last} {
			if reading.As4()[0] != 0 { // the filling around another length
				found = append(found, reading)
			}
		}
	case within("2002::/16", a): // 6to4 (RFC 3056)
		found = append(found, at(2, 3, 4, 5))
	case within("2001::/32", a): // Teredo (RFC 4380): the server, and the client's address inverted
		found = append(found, at(4, 5, 6, 7), netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]}))
	}
	if b[8]&^0x02 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe { // ISATAP (RFC 5214), under any prefix
		found = append(found, last)
	}
	return found
}

func within(prefix string, a netip.Addr) bool { return netip.MustParsePrefix(prefix).Contains(a) }

func contains(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
