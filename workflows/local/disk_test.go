package local

import (
	"errors"
	"testing"
	"time"
)

func TestDisk_LowBelowItsLimitAndOnlyThere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dir  string
		free uint64
		err  error
		want bool
	}{
		"one byte short":          {dir: "data", free: leastFree - 1, want: true},
		"just enough":             {dir: "data", free: leastFree},
		"a disk that cannot tell": {dir: "data", err: errors.New("no such file system")},
		"somebody else's disk":    {free: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &disk{dir: test.dir, now: time.Now, free: func(string) (uint64, error) { return test.free, test.err }}
			if got := d.low(); got != test.want {
				t.Errorf("got %t; want %t", got, test.want)
			}
			if err := d.check(t.Context()); (err != nil) != test.want {
				t.Errorf("check gives %v", err)
			}
		})
	}
}

func TestDisk_AsksOnceASecondAndForgivesAtTheNext(t *testing.T) {
	t.Parallel()
	now, asked := time.Unix(0, 0), 0
	d := &disk{dir: "data", now: func() time.Time { return now }, free: func(string) (uint64, error) {
		asked++
		if asked == 1 {
			return 0, nil
		}
		return leastFree, nil
	}}
	for range 2 {
		if !d.low() || asked != 1 {
			t.Errorf("asked %d times within a second; want once, and low", asked)
		}
	}
	now = now.Add(diskInterval)
	if d.low() || asked != 2 {
		t.Error("space that was freed does not count")
	}
}

func TestFreeBytes_ThisDiskHasSome(t *testing.T) {
	t.Parallel()
	if free, err := freeBytes(t.TempDir()); err != nil || free == 0 {
		t.Errorf("got %d, %v", free, err)
	}
}
