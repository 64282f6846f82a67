package engine

import "time"

// SystemClock is the machine's own clock.
type SystemClock struct{}

// Now is the wall clock's time.
func (SystemClock) Now() time.Time { return time.Now() }

// AfterFunc is time.AfterFunc.
func (SystemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }
