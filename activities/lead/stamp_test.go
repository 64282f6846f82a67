package lead

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func newStamper(t *testing.T) Stamper {
	t.Helper()
	s, err := NewStamper(NewStampKey())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var stamped = time.Date(2026, 11, 21, 12, 0, 0, 123_456_789, time.UTC)

func TestStamper_TellsTheAgeOfItsOwnStamps(t *testing.T) {
	t.Parallel()
	s := newStamper(t)
	stamp := s.Issue(stamped)
	for _, tt := range []struct {
		later time.Duration
		age   time.Duration
		ok    bool
	}{
		{0, 0, true},
		{time.Second, time.Second, true},
		{25 * time.Hour, 25 * time.Hour, true},
		{-30 * time.Second, 0, true}, // another machine's clock
		{-2 * time.Minute, 0, false},
	} {
		age, ok := s.Age(stamp, stamped.Truncate(time.Millisecond).Add(tt.later))
		if age != tt.age || ok != tt.ok {
			t.Errorf("%s later: %s, %t; want %s, %t", tt.later, age, ok, tt.age, tt.ok)
		}
	}
	if s.Issue(stamped) == stamp {
		t.Error("two stamps of one time are equal")
	}
}

func TestStamper_RefusesWhatItDidNotSign(t *testing.T) {
	t.Parallel()
	s := newStamper(t)
	stamp := s.Issue(stamped)
	parts := strings.Split(stamp, ".")
	forged := map[string]string{
		"empty":             "",
		"no dot":            "v1",
		"no signature":      strings.Join(parts[:3], "."),
		"empty signature":   strings.Join(parts[:3], ".") + ".",
		"another version":   "v2" + stamp[2:],
		"another time":      strings.Replace(stamp, parts[1], "1", 1),
		"another nonce":     strings.Replace(stamp, parts[2], "AAAAAAAAAAAA", 1),
		"cut off":           stamp[:len(stamp)-2],
		"another key":       newStamper(t).Issue(stamped),
		"text":              "on",
		"signed, not ours":  "v1.x." + base64.RawURLEncoding.EncodeToString(s.sign("v1.x")),
		"signed, no number": "v1.x.y." + base64.RawURLEncoding.EncodeToString(s.sign("v1.x.y")),
		"signed, version 2": "v2.1.y." + base64.RawURLEncoding.EncodeToString(s.sign("v2.1.y")),
	}
	for name, stamp := range forged {
		if _, ok := s.Age(stamp, stamped); ok {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestNewStamper_RefusesAShortKeyWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "s3cret", base64.StdEncoding.EncodeToString(make([]byte, 31)), base64.StdEncoding.EncodeToString(make([]byte, 65))} {
		if _, err := NewStamper(key); err == nil || key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("key of %d signs: %v", len(key), err)
		}
	}
}

func FuzzStamper_Age(f *testing.F) {
	s, err := NewStamper(NewStampKey())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Issue(stamped) + "x")
	f.Add("v1.1.a.b")
	f.Fuzz(func(t *testing.T, stamp string) {
		if _, ok := s.Age(stamp, stamped); ok {
			t.Errorf("%q was taken", stamp)
		}
	})
}
