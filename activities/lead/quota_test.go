package lead_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func TestNewQuota_RefusesWhatNoRowCanHold(t *testing.T) {
	t.Parallel()
	for slots, ok := range map[int]bool{-1: false, 0: true, 1: true, 10: true, 1000: true, 1001: false} {
		if _, err := lead.NewQuota(slots); (err == nil) != ok {
			t.Errorf("NewQuota(%d): %v, want taken: %t", slots, err, ok)
		}
	}
}

func TestBucket_CountsHouseholdsNotAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"203.0.113.7":               "203.0.113.7/32",
		"::ffff:203.0.113.7":        "203.0.113.7/32",
		"::ffff:cb00:7107":          "203.0.113.7/32",
		"2001:db8:1:2::1":           "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff:1:2:3":   "2001:db8:1:2::/64",
		"2001:DB8:1:2:0:0:0:1":      "2001:db8:1:2::/64",
		"fe80::1%eth0":              "fe80::/64",
		"::1":                       "::/64",
		"127.0.0.1":                 "127.0.0.1/32",
		"2001:db8:1:3::203.0.113.7": "2001:db8:1:3::/64",
	} {
		got, err := lead.Bucket(address)
		if err != nil || got.String() != want {
			t.Errorf("Bucket(%s) = %v, %v, want %s", address, got, err, want)
		}
	}
}

func TestBucket_RefusesWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "unknown", "203.0.113.7:4711", "[2001:db8::1]", "203.0.113.7, 198.51.100.1", "203.0.113.07", "203.0.113", "2001:db8::1/64", "localhost"} {
		_, err := lead.Bucket(address)
		if !errors.Is(err, lead.ErrInvalid) {
			t.Errorf("Bucket(%q): %v, want Lead.Invalid", address, err)
		}
		if err != nil && address != "" && strings.Contains(err.Error(), address) {
			t.Errorf("Bucket(%q) quotes its input: %v", address, err)
		}
	}
}
