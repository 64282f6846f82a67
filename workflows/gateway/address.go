package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// maxHops is how far X-Forwarded-For is walked. A longer chain of trusted
// proxies is no chain anybody runs.
const maxHops = 32

// callerAddress returns the caller's address: the socket's, unless that is a trusted
// proxy; then X-Forwarded-For is walked from the right, over trusted hops, to the
// first that is not trusted. An entry that is no address ends the walk at the
// hop that reported it: what stands left of it is anybody's word. No other header
// counts. An IPv4 address mapped into IPv6 comes back as IPv4, a zone is cut off.
func callerAddress(remoteAddr string, header http.Header, trusted []netip.Prefix) string {
	hop, ok := parseAddr(remoteAddr)
	if !ok {
		return remoteAddr
	}
	if !isTrusted(hop, trusted) {
		return hop.String()
	}
	rest := strings.Join(header.Values("X-Forwarded-For"), ",")
	for range maxHops {
		entry := rest
		comma := strings.LastIndexByte(rest, ',')
		if comma >= 0 {
			entry = rest[comma+1:]
		}
		next, ok := parseAddr(strings.TrimSpace(entry))
		if !ok {
			return hop.String()
		}
		hop = next
		if comma < 0 || !isTrusted(hop, trusted) {
			return hop.String()
		}
		rest = rest[:comma]
	}
	return hop.String()
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// parseAddr reads an address with or without a port, IPv6 with or without
// brackets.
func parseAddr(s string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, false
	}
	return addr.Unmap().WithZone(""), true
}
