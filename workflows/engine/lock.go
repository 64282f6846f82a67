package engine

// lock is a mutex that is waited for on a channel: a writer may hold it through a
// long absence of the store, and the fake time of synctest passes while others wait
// on a channel, not while they wait on a sync.Mutex.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

func (l lock) Lock()   { l <- struct{}{} }
func (l lock) Unlock() { <-l }

// wait returns when whoever has the lock now has given it back.
func (l lock) wait() {
	l.Lock()
	defer l.Unlock()
}
