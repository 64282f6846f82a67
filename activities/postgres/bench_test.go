package postgres_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/tests/testdb"
)

// BenchmarkAccept is what a lead costs the database: reserve and accept, each
// connection from addresses of its own. The test server does not fsync.
func BenchmarkAccept(b *testing.B) {
	quota, err := lead.NewQuota(10)
	if err != nil {
		b.Fatal(err)
	}
	store := postgres.New(testdb.New(b), quota)
	var n atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			s := post(fmt.Sprint(i))
			s.Address = fmt.Sprintf("10.%d.%d.%d", i/10>>16&255, i/10>>8&255, i/10&255)
			r, err := store.Reserve(b.Context(), s, owner(i))
			if err != nil || r.Outcome != lead.OutcomeReserved {
				b.Fatalf("reserve: %s, %v", r.Outcome, err)
			}
			if _, held, err := store.Accept(b.Context(), accepted(s, owner(i))); err != nil || !held {
				b.Fatalf("accept: held %t, %v", held, err)
			}
		}
	})
}

// BenchmarkReserve_Refused is what somebody over the limit costs.
func BenchmarkReserve_Refused(b *testing.B) {
	store := postgres.New(testdb.New(b), lead.Quota{Slots: 1, Window: 1 << 50})
	for _, step := range []func() error{
		func() error { _, err := store.Reserve(b.Context(), post("a"), owner(1)); return err },
		func() error { _, _, err := store.Accept(b.Context(), accepted(post("a"), owner(1))); return err },
	} {
		if err := step(); err != nil {
			b.Fatal(err)
		}
	}
	s := post("b")
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if r, err := store.Reserve(b.Context(), s, owner(2)); err != nil || r.Outcome != lead.OutcomeLimited {
				b.Fatalf("reserve: %s, %v", r.Outcome, err)
			}
		}
	})
}
