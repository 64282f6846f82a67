package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// slots is the default of NIGREDO_RATE_LIMIT.
const slots = 10

func TestLimit_EleventhAcceptedPostInAnHourIsRefused(t *testing.T) {
	t.Parallel()
	address := up.address()
	for range slots {
		up.call(t, request{address: address, body: `{"name":"","email":"x"}`}).problem(t, http.StatusUnprocessableEntity)
	}
	first := person()
	original := up.call(t, request{address: address, key: "first-of-" + address, body: lead(first)})
	receipt := original.receipt(t)
	for range slots - 1 {
		up.accept(t, request{address: address, body: lead(person())})
	}

	eleventh := person()
	refused := up.call(t, request{address: address, body: lead(eleventh)})
	refused.problem(t, http.StatusTooManyRequests)
	if seconds, err := strconv.Atoi(refused.header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 3600 {
		t.Errorf("Retry-After = %q, want seconds within the hour", refused.header.Get("Retry-After"))
	}
	for _, name := range []string{"RateLimit", "RateLimit-Policy"} {
		if refused.header.Get(name) == "" {
			t.Errorf("429 without %s", name)
		}
	}
	if n := leads(t, eleventh); n != 0 {
		t.Errorf("%d leads of a refused post", n)
	}

	repeat := up.call(t, request{address: address, key: "first-of-" + address, body: lead(first)})
	if again := repeat.receipt(t); again != receipt || repeat.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("repeat at the limit: %+v, replayed %q; want the first answer again", again, repeat.header.Get("Idempotent-Replayed"))
	}
	if original.header.Get("Idempotent-Replayed") != "" {
		t.Error("the first answer says that it is a repeat")
	}
	if n := count(t, "select submission_count from nigredo.rate_limits where host(ip_address) = $1", address); n != slots {
		t.Errorf("%d slots in use, want %d", n, slots)
	}
	up.accept(t, request{address: up.address(), body: lead(eleventh)})
}

func TestLimit_SameKeyForOtherContentIsRefused(t *testing.T) {
	t.Parallel()
	address, email := up.address(), person()
	up.accept(t, request{address: address, key: "key-of-" + address, body: lead(email)})
	up.call(t, request{address: address, key: "key-of-" + address, body: lead(person())}).problem(t, http.StatusUnprocessableEntity)
	if n := count(t, "select submission_count from nigredo.rate_limits where host(ip_address) = $1", address); n != 1 {
		t.Errorf("%d slots in use, want 1", n)
	}
}

func TestLimit_ParallelRepeatsAreOneLead(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "key-of-the-parallel-repeats"} {
		address, email := up.address(), person()
		answers := parallel(t, 64, func(int) request { return request{address: address, key: key, body: lead(email)} })
		first, fresh := answers[0].receipt(t), 0
		for _, a := range answers {
			if got := a.receipt(t); got != first {
				t.Errorf("key %q: answers %+v and %+v", key, got, first)
			}
			if a.header.Get("Idempotent-Replayed") == "" {
				fresh++
			}
		}
		if fresh != 1 {
			t.Errorf("key %q: %d answers are not marked as repeats, want 1", key, fresh)
		}
		if n := leads(t, email); n != 1 {
			t.Errorf("key %q: %d leads, want 1", key, n)
		}
		if n := count(t, "select submission_count from nigredo.rate_limits where host(ip_address) = $1", address); n != 1 {
			t.Errorf("key %q: %d slots in use, want 1", key, n)
		}
		up.receiver.wait(t, email, 1, soon)
	}
}

func TestLimit_ParallelPostsShareTenSlots(t *testing.T) {
	t.Parallel()
	address := up.address()
	accepted := 0
	for i, a := range parallel(t, 30, func(int) request { return request{address: address, body: lead(person())} }) {
		switch a.status {
		case http.StatusCreated:
			accepted++
		case http.StatusTooManyRequests:
		default:
			t.Errorf("post %d: %d %s", i, a.status, a.body)
		}
	}
	if accepted != slots {
		t.Errorf("%d posts were accepted, want %d", accepted, slots)
	}
	if n := count(t, "select count(*) from nigredo.form_submissions where host(ip_address) = $1", address); n != slots {
		t.Errorf("%d submissions are stored, want %d", n, slots)
	}
}

// TestLimit_FailedPersistTakesNoSlot makes the insert of one lead fail by a
// constraint on its name. The reservation may hold the slot until it is void.
func TestLimit_FailedPersistTakesNoSlot(t *testing.T) {
	t.Parallel()
	address, email, name := up.address(), person(), "Falha "+person()
	refuseName(t, name)
	for range slots - 1 {
		up.accept(t, request{address: address, body: lead(person())})
	}
	up.call(t, request{address: address, body: `{"name":"` + name + `","email":"` + email + `","consent":{"accepted":true}}`}).
		problem(t, http.StatusServiceUnavailable)
	if n := leads(t, email); n != 0 {
		t.Fatalf("%d leads of a failed post", n)
	}
	eventually(t, 40*time.Second, func() error {
		a, err := up.send(t.Context(), request{address: address, body: lead(email)})
		if err == nil && a.status != http.StatusCreated {
			err = fmt.Errorf("the tenth post is answered by %d: %s", a.status, a.body)
		}
		return err
	})
	up.call(t, request{address: address, body: lead(person())}).problem(t, http.StatusTooManyRequests)
}

// refuseName makes the database refuse leads of one name until the test ends.
func refuseName(t *testing.T, name string) {
	t.Helper()
	constraint := fmt.Sprintf("e2e_%x", name)[:40]
	if _, err := database(t).Exec(t.Context(),
		fmt.Sprintf("alter table nigredo.leads add constraint %s check (name <> '%s') not valid", constraint, name)); err != nil {
		t.Fatalf("refuse name: %v", err)
	}
	t.Cleanup(func() {
		if _, err := database(t).Exec(context.WithoutCancel(t.Context()), "alter table nigredo.leads drop constraint "+constraint); err != nil {
			t.Errorf("allow name: %v", err)
		}
	})
}

// parallel sends n requests at once and gives their answers.
func parallel(t *testing.T, n int, build func(i int) request) []answer {
	t.Helper()
	answers, errs := make([]answer, n), make([]error, n)
	var gate, done sync.WaitGroup
	gate.Add(1)
	for i := range n {
		done.Go(func() {
			r := build(i)
			gate.Wait()
			answers[i], errs[i] = up.send(t.Context(), r)
		})
	}
	gate.Done()
	done.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return answers
}
