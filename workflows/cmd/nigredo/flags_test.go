package main

import (
	"testing"
	"time"
)

func TestAge_TakesDaysAndDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"24h": 24 * time.Hour, "90m": 90 * time.Minute, "7d": 7 * 24 * time.Hour, "1d12h": 36 * time.Hour, "1d30m5s": 24*time.Hour + 30*time.Minute + 5*time.Second,
		"": 0, "d": 0, "7": 0, "7 d": 0, "-1d": 0, "-24h": 0, "0d": 0, "0s": 0, "1.5d": 0, "1d1d": 0, "1w": 0, "99999999d": 0, "65535d": 0, "2026-11-21": 0, "1d-2d": 0, "1d-25h": 0,
	} {
		var got age
		if err := got.UnmarshalText([]byte(text)); (err != nil) != (want == 0) || time.Duration(got) != want {
			t.Errorf("%q: %s, %v, want %s", text, time.Duration(got), err, want)
		}
	}
}
