package fibonacci

import (
	"context"
	"sync"
)

// Memory is an Inbox that remembers the last ids in this process, for as long
// as it runs.
type Memory struct {
	mu    sync.Mutex
	limit int
	known map[string]*entry
	order []string // of known, oldest first
}

// entry is locked while its event is being put.
type entry struct {
	mu  sync.Mutex
	put bool
}

// NewMemory remembers limit ids; the oldest one makes room for the next.
func NewMemory(limit int) *Memory {
	return &Memory{limit: limit, known: map[string]*entry{}}
}

// Take implements Inbox. A second call with an id waits for the first one.
func (m *Memory) Take(ctx context.Context, event Event, put func(context.Context) error) (bool, error) {
	e := m.entry(event.WebhookID)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.put {
		return false, nil
	}
	err := put(ctx)
	e.put = err == nil
	return true, err
}

func (m *Memory) entry(id string) *entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.known[id]; ok {
		return e
	}
	if len(m.order) >= m.limit {
		delete(m.known, m.order[0])
		m.order = m.order[1:]
	}
	e := &entry{}
	m.known[id] = e
	m.order = append(m.order, id)
	return e
}
