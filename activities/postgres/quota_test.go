package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// No window contains more accepted posts than the quota, by the database's clock
// and whatever the claims do in between: complete, give back, or vanish.
func TestQuota_NoWindowHoldsMore(t *testing.T) {
	t.Parallel()
	whole := setup(t)
	var bucket atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		slots := rapid.IntRange(1, 4).Draw(rt, "slots")
		window := time.Duration(rapid.IntRange(2, 25).Draw(rt, "window in ms")) * time.Millisecond
		fates := rapid.SliceOfN(rapid.SampledFrom([]string{"accept", "accept", "accept", "release", "void"}), 40, 40).Draw(rt, "fates")
		workers := rapid.IntRange(1, 8).Draw(rt, "workers")
		b := whole.under(lead.Quota{Slots: slots, Window: window})
		n := bucket.Add(1)
		address := fmt.Sprintf("10.0.%d.%d", n/256, n%256)

		var next atomic.Int64
		err := together(t.Context(), workers, func(ctx context.Context, _ int) error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(fates) {
					return nil
				}
				name := fmt.Sprint(address, " ", i)
				s := post(name)
				s.Address = address
				r, err := b.Reserve(ctx, s, owner(name))
				if err != nil {
					return err
				}
				if r.Outcome != lead.OutcomeReserved {
					continue
				}
				switch fates[i] {
				case "accept":
					if _, held, err := b.Accept(ctx, accepted(s, owner(name))); err != nil || !held {
						return errors.Join(err, fmt.Errorf("post %d: held %t", i, held))
					}
				case "release":
					if err := b.Release(ctx, s.Key, owner(name)); err != nil {
						return err
					}
				case "void":
					if _, err := b.pool.Exec(ctx, `UPDATE nigredo.idempotency_keys
						SET claimed_at = claimed_at - interval '31 s', expires_at = expires_at - interval '31 s'
						WHERE owner = $1`, owner(name)); err != nil {
						return err
					}
				}
			}
		})
		if err != nil {
			rt.Fatal(err)
		}
		times := b.times(t, address)
		for i := slots; i < len(times); i++ {
			if span := times[i].Sub(times[i-slots]); span < window {
				rt.Fatalf("%d posts accepted within %s, quota %d in %s", slots+1, span, slots, window)
			}
		}
	})
}

// times are when the leads of an address were accepted, in order.
func (b bench) times(t testing.TB, address string) []time.Time {
	t.Helper()
	rows, err := b.pool.Query(t.Context(), `SELECT accepted_at FROM nigredo.form_submissions WHERE ip_address = $1::inet ORDER BY accepted_at`, address)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var times []time.Time
	for rows.Next() {
		var at time.Time
		if err := rows.Scan(&at); err != nil {
			t.Fatal(err)
		}
		times = append(times, at)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return times
}

// claims is what the limiter should do, said in Go: time is a number that only
// the test moves.
type claims struct {
	slots  int
	now    time.Duration
	stamps []time.Duration
	keys   map[string]*claim
}

type claim struct {
	owner     string
	content   string
	completed bool
	expires   time.Duration
}

const (
	modelKeep = 24 * time.Hour
	modelHold = 30 * time.Second
)

func (c *claims) live(key string) *claim {
	if k := c.keys[key]; k != nil && k.expires > c.now {
		return k
	}
	return nil
}

func (c *claims) reserve(key, content, owner string) lead.Outcome {
	if k := c.live(key); k != nil {
		switch {
		case k.content != content:
			return lead.OutcomeConflict
		case k.completed:
			return lead.OutcomeReplay
		case k.owner != owner:
			return lead.OutcomeRunning
		}
		return lead.OutcomeReserved
	}
	used := 0
	for _, stamp := range c.stamps {
		if stamp > c.now-time.Hour {
			used++
		}
	}
	for key := range c.keys {
		if k := c.live(key); k != nil && !k.completed {
			used++
		}
	}
	if used >= c.slots {
		return lead.OutcomeLimited
	}
	c.keys[key] = &claim{owner: owner, content: content, expires: c.now + modelHold}
	return lead.OutcomeReserved
}

func (c *claims) accept(key, owner string) bool {
	k := c.live(key)
	if k == nil || k.completed || k.owner != owner {
		return false
	}
	k.completed, k.expires = true, c.now+modelKeep
	c.stamps = append(c.stamps, c.now)
	return true
}

func (c *claims) release(key, owner string) {
	if k := c.keys[key]; k != nil && !k.completed && k.owner == owner {
		delete(c.keys, key)
	}
}

// Neither more nor less than the model: a limiter that refused everybody would
// keep every quota.
func TestQuota_FollowsTheModel(t *testing.T) {
	t.Parallel()
	whole := setup(t)
	var run atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		model := &claims{slots: rapid.IntRange(1, 3).Draw(rt, "slots"), keys: map[string]*claim{}}
		b := whole.under(lead.Quota{Slots: model.slots, Window: time.Hour})
		n := run.Add(1)
		address := fmt.Sprintf("10.1.%d.%d", n/256, n%256)
		keys := []string{"k1", "k2", "k3", "k4"}
		owners := []string{"e1", "e2", "e3"}
		draw := func(key, content string) lead.Submission {
			s := post(address + key)
			s.Address = address
			s.Key.Fingerprint = digest(content)
			return s
		}
		rt.Repeat(map[string]func(*rapid.T){
			"reserve": func(rt *rapid.T) {
				key, who := rapid.SampledFrom(keys).Draw(rt, "key"), rapid.SampledFrom(owners).Draw(rt, "owner")
				content := rapid.SampledFrom([]string{"one", "one", "one", "two"}).Draw(rt, "content")
				r, err := b.Reserve(t.Context(), draw(key, content), owner(who))
				if err != nil {
					rt.Fatal(err)
				}
				if want := model.reserve(key, content, who); r.Outcome != want {
					rt.Fatalf("reserve %s for %s: %s, want %s", key, who, r.Outcome, want)
				}
			},
			"accept": func(rt *rapid.T) {
				key, who := rapid.SampledFrom(keys).Draw(rt, "key"), rapid.SampledFrom(owners).Draw(rt, "owner")
				_, held, err := b.Accept(t.Context(), accepted(draw(key, "any"), owner(who)))
				if err != nil {
					rt.Fatal(err)
				}
				if want := model.accept(key, who); held != want {
					rt.Fatalf("accept %s by %s: %t, want %t", key, who, held, want)
				}
			},
			"release": func(rt *rapid.T) {
				key, who := rapid.SampledFrom(keys).Draw(rt, "key"), rapid.SampledFrom(owners).Draw(rt, "owner")
				if err := b.Release(t.Context(), draw(key, "any").Key, owner(who)); err != nil {
					rt.Fatal(err)
				}
				model.release(key, who)
			},
			"time passes": func(rt *rapid.T) {
				// Multiples of ten seconds: real time, which passes too, moves nothing over an edge that the model does not see.
				d := time.Duration(rapid.SampledFrom([]int{10, 20, 30, 600, 3000, 3600, 80000}).Draw(rt, "seconds")) * time.Second
				model.now += d
				b.exec(t, `UPDATE nigredo.idempotency_keys SET claimed_at = claimed_at - $1::interval, expires_at = expires_at - $1::interval WHERE bucket = $2::inet`, d, address)
				b.exec(t, `UPDATE nigredo.rate_limits SET stamps = ARRAY(SELECT s - $1::interval FROM unnest(stamps) AS s ORDER BY s) WHERE ip_address = $2::inet`, d, address)
			},
			"": func(rt *rapid.T) {
				times := slices.Clone(model.stamps)
				if n := b.count(t, `SELECT count(*) FROM nigredo.form_submissions WHERE ip_address = $1::inet`, address); n != len(times) {
					rt.Fatalf("leads = %d, want %d", n, len(times))
				}
			},
		})
	})
}
