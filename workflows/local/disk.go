package local

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"time"
)

const (
	// leastFree is the free space below which no lead is accepted: PostgreSQL
	// panics when its log cannot grow, and it needs room to recover as well.
	leastFree = 512 << 20
	// diskInterval is how often the file system is asked.
	diskInterval = time.Second
)

// disk watches the free space below the private database.
type disk struct {
	dir  string // empty: somebody else's database, somebody else's disk
	now  func() time.Time
	free func(dir string) (bytes uint64, err error)

	mu    sync.Mutex
	asked time.Time
	short bool
}

// newDisk watches where the private database is.
func newDisk(cfg settled) *disk {
	d := &disk{now: time.Now, free: freeBytes}
	if cfg.DatabaseURL == "" {
		d.dir = cfg.DataDir
	}
	return d
}

// errDisk is returned by check.
var errDisk = errors.New("less than 512 MB are free")

// check is the form of low that health asks for.
func (d *disk) check(context.Context) error {
	if d.low() {
		return errDisk
	}
	return nil
}

// low tells whether too little is free. A file system that does not say is taken
// to have room.
func (d *disk) low() bool {
	if d.dir == "" {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := d.now(); now.Sub(d.asked) >= diskInterval {
		free, err := d.free(d.dir)
		d.asked, d.short = now, err == nil && free < leastFree
	}
	return d.short
}

// freeBytes is what a user who is not root may still write.
func freeBytes(dir string) (uint64, error) {
	var stat syscall.Statfs_t
	err := syscall.Statfs(dir, &stat)
	return stat.Bavail * uint64(stat.Bsize), err
}
