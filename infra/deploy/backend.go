package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// backend deploys the stacks but the site's, sees to it that the aliases stand on the
// versions of this template, and records the release.
func (r release) backend(ctx context.Context) error {
	before, err := r.live(ctx)
	if err != nil {
		return err
	}
	for _, stack := range r.backendStacks() {
		r.tell("  %s", stack)
		if err := r.Tools.Deploy(ctx, r.Assembly, stack); err != nil {
			return fmt.Errorf("deploy stack %s: %w", stack, err)
		}
	}
	v, err := r.stackVersions(ctx, r.Config.CoreStack())
	if err != nil {
		return err
	}
	// A template that did not change moves nothing, and after a rollback the aliases
	// stand elsewhere.
	if err := r.move(ctx, v.functions, v.machines, false); err != nil {
		return err
	}
	now := &Release{
		Name: r.j.Release, At: r.Now().UTC(), Backup: r.snapshot(r.j.Release), Schema: r.newest(),
		Functions: v.functions, Machines: v.machines,
	}
	succeed(now, before)
	if old, err := r.release(ctx, now.Name); err == nil && before != nil && before.Name == now.Name {
		now.Before = old.Before
	}
	return r.makeLive(ctx, now)
}

// succeed makes one release follow another.
func succeed(now, before *Release) {
	if before == nil {
		return
	}
	now.Sitemap = before.Sitemap
	if before.Name != now.Name {
		now.Before = before.Name
	}
}

// remember records as a release what something else than this command deployed: what
// stands there now is what a rollback must find. A backend without a schema never
// worked, and nothing goes back to it.
func (r release) remember(ctx context.Context) error {
	before, err := r.live(ctx)
	if err != nil || before != nil || r.j.First {
		return err
	}
	stood, err := r.askMigrate(ctx, "status")
	if err != nil || stood.Before == 0 {
		return err
	}
	if before, err = r.capture(ctx, "before-"+r.j.Release); err != nil {
		return err
	}
	before.Schema = stood.Before
	return r.makeLive(ctx, before)
}

// capture describes what the aliases stand on now, without the schema.
func (s *Session) capture(ctx context.Context, name string) (*Release, error) {
	v, err := s.stackVersions(ctx, s.Config.CoreStack())
	if err != nil {
		return nil, err
	}
	for function := range v.functions {
		if v.functions[function], _, err = s.liveFunction(ctx, function); err != nil {
			return nil, err
		}
	}
	for machine := range v.machines {
		if v.machines[machine], _, err = s.liveMachine(ctx, machine); err != nil {
			return nil, err
		}
	}
	return &Release{Name: name, At: s.Now().UTC(), Functions: v.functions, Machines: v.machines}, nil
}

// move puts all aliases on versions. Forwards the functions go first, as in a
// deployment, where machines depend on functions; backwards the machines do. Either
// way the state in between is old machines on new functions.
func (s *Session) move(ctx context.Context, functions, machines map[string]string, back bool) error {
	moveFunctions := func() error {
		for _, name := range slices.Sorted(maps.Keys(functions)) {
			if err := s.moveFunction(ctx, name, functions[name]); err != nil {
				return err
			}
		}
		return nil
	}
	moveMachines := func() error {
		for _, name := range slices.Sorted(maps.Keys(machines)) {
			if err := s.moveMachine(ctx, name, machines[name]); err != nil {
				return err
			}
		}
		return nil
	}
	first, second := moveFunctions, moveMachines
	if back {
		first, second = moveMachines, moveFunctions
	}
	if err := first(); err != nil {
		return err
	}
	return second()
}
