package proof

import (
	"errors"
	"fmt"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// pin is a value that a resource must have at a path: a plain one, or what a
// func(*config.Config) any gives.
type pin struct {
	at    string
	value any
}

func (p pin) wanted(c *config.Config) any {
	if of, ok := p.value.(func(*config.Config) any); ok {
		return of(c)
	}
	return p.value
}

// attribute is a reference to another resource's attribute.
func attribute(id, name string) any { return map[string]any{"Fn::GetAtt": []any{id, name}} }

// pinned is an item of every resource of a type, of which there is one at least: each
// must have every value, and each value is mutated away.
func pinned(ids []string, property string, from of, typ string, pins ...pin) Item {
	item := Item{IDs: ids, Property: property, Check: func(t *Templates) error {
		all := from(t).Resources(typ)
		if len(all) == 0 {
			return fmt.Errorf("there is no %s", typ)
		}
		var errs []error
		for _, r := range all {
			for _, p := range pins {
				errs = append(errs, wants(r, p.at, p.wanted(t.Config)))
			}
		}
		return errors.Join(errs...)
	}, Mutations: []Mutation{without(from, typ)}}
	for _, p := range pins {
		item.Mutations = append(item.Mutations, set(from, typ, p.at, "weakened"))
	}
	return item
}
