package site

import (
	"crypto/sha256"
	"encoding/binary"
	"net"
	"net/http"
	"slices"
)

func (b *built) hasVariant(name string) bool {
	return slices.ContainsFunc(b.Variants, func(v variant) bool { return v.Name == name })
}

// weight is the sum of the weights; more than 0 in what load gives.
func (b *built) weight() uint64 {
	var sum uint64
	for _, v := range b.Variants {
		sum += v.Weight
	}
	return sum
}

// variantFor chooses the variant of a visitor, by weight: the first eight bytes of the
// SHA-256 of the experiment's name, the address and the user agent, each ended by a line
// feed, modulo the sum of the weights. Another experiment deals the visitors anew.
func (b *built) variantFor(r *http.Request) string {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	sum := sha256.Sum256([]byte(b.Experiment + "\n" + address + "\n" + r.UserAgent() + "\n"))
	drawn := binary.BigEndian.Uint64(sum[:8]) % b.weight()
	for _, v := range b.Variants {
		if drawn < v.Weight {
			return v.Name
		}
		drawn -= v.Weight
	}
	return b.Variants[0].Name
}
