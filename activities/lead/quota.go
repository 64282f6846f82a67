package lead

import (
	"fmt"
	"net/netip"
	"time"
)

// maxSlots bounds the stamps that one row of the limiter holds.
const maxSlots = 1000

// Quota is how many accepted submissions one bucket may have in any Window, a
// moving one. The zero value is no limit.
type Quota struct {
	Slots  int // 0: no limit
	Window time.Duration
}

// NewQuota gives the quota of slots in any 60 minutes. It refuses less than 0
// and more than 1000; 0 turns the limiter off.
func NewQuota(slots int) (Quota, error) {
	if slots < 0 || slots > maxSlots {
		return Quota{}, fmt.Errorf("rate limit %d: want 0 (off) to %d submissions per hour", slots, maxSlots)
	}
	return Quota{Slots: slots, Window: time.Hour}, nil
}

// Bucket is whom a submission is counted for: an IPv4 address by itself, an IPv6
// address by its /64, which is what one household or machine is given. An IPv4
// address in IPv6 clothes (::ffff:203.0.113.7) is the IPv4 address. It refuses
// what is no address, without quoting it.
func Bucket(address string) (netip.Prefix, error) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%w: the caller's address is no IP address", ErrInvalid)
	}
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(a, bits).Masked(), nil
}
