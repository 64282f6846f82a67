package e2e

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
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

func TestLimit_AddressesOfOneIPv6NetworkShareSlots(t *testing.T) {
	t.Parallel()
	n := up.addresses.Add(1)
	for i := range slots {
		up.accept(t, request{address: fmt.Sprintf("2001:db8:1:%x::%x", n, i+1), body: lead(person())})
	}
	up.call(t, request{address: fmt.Sprintf("2001:db8:1:%x:ffff::1", n), body: lead(person())}).problem(t, http.StatusTooManyRequests)
	up.accept(t, request{address: fmt.Sprintf("2001:db8:2:%x::1", n), body: lead(person())})
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
	for _, key := range []string{"", "key-" + rand.Text()} {
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

// TestLimit_PersistFailingThreeTimesTakesNoSlot: the reservation may hold the
// slot until it is void, 30 seconds later, and no longer.
func TestLimit_PersistFailingThreeTimesTakesNoSlot(t *testing.T) {
	t.Parallel()
	address, email, name := up.address(), person(), "Falha "+person()
	tries := failInsert(t, name)
	for range slots - 1 {
		up.accept(t, request{address: address, body: lead(person())})
	}
	refused := up.call(t, request{address: address, body: `{"name":"` + name + `","email":"` + email + `","consent":{"accepted":true}}`})
	refused.problem(t, http.StatusServiceUnavailable)
	if refused.header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	if n := tries(); n != 3 {
		t.Errorf("the insert was tried %d times, want 3", n)
	}
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

// failInsert makes the insert of leads of one name fail with an error that is
// worth a retry, until the test ends. The sequence counts: it is outside of
// transactions. The trigger runs as its owner: a function's user may not count.
func failInsert(t *testing.T, name string) (tries func() int) {
	t.Helper()
	id := "nigredo.e2e_" + strings.ToLower(rand.Text()[:12])
	execute(t, "create sequence "+id)
	execute(t, "create function "+id+"() returns trigger language plpgsql security definer as $$ begin perform nextval('"+id+
		"'); raise exception 'refused by a test' using errcode = 'serialization_failure'; end $$")
	execute(t, "create trigger refuse before insert on nigredo.leads for each row when (new.name = '"+name+"') execute function "+id+"()")
	t.Cleanup(func() {
		execute(t, "drop function "+id+" cascade")
		execute(t, "drop sequence "+id)
	})
	return func() int { return count(t, "select last_value from "+id) }
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
