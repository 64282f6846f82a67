package proof

import (
	"fmt"
	"strings"
)

// demand is what every resource of a type in the backend's template must have. Its
// mutations take each property away, put the worse value in its place where one is
// given, and remove a resource.
type demand struct {
	typ   string
	where []any // which of the type, see Where; none: all
	least int   // at least so many, and no fewer after a mutation
	wants []must
	// unless says for which configurations there is nothing to demand.
	unless func(*Templates) bool
}

// must is one property: the value it must have, or what must hold of it.
type must struct {
	path  string
	value any
	holds func(*Templates, any) bool
	worse any
}

func (d demand) item(property string, ids ...string) Item {
	item := Item{IDs: ids, Property: property, Check: d.check}
	for _, w := range d.wants {
		item.Mutations = append(item.Mutations, Mutation{
			What: d.typ + " has no " + w.path,
			Do:   func(t *Templates) { last(d.of(t)).Set(w.path, nil) },
		})
		if w.worse != nil {
			item.Mutations = append(item.Mutations, Mutation{
				What: fmt.Sprintf("%s has %s %v", d.typ, w.path, w.worse),
				Do:   func(t *Templates) { last(d.of(t)).Set(w.path, w.worse) },
			})
		}
	}
	item.Mutations = append(item.Mutations, Mutation{
		What: d.typ + " is missing",
		Do: func(t *Templates) {
			for _, r := range d.of(t) {
				t.Core.Remove(r.ID)
			}
		},
	})
	return item
}

func (d demand) of(t *Templates) []Resource { return Where(t.Core.Resources(d.typ), d.where...) }

func (d demand) check(t *Templates) error {
	if d.unless != nil && d.unless(t) {
		return nil
	}
	found := d.of(t)
	if len(found) < max(d.least, 1) {
		return fmt.Errorf("%d resources %s %v, want %d", len(found), d.typ, d.where, max(d.least, 1))
	}
	for _, r := range found {
		for _, w := range d.wants {
			got := r.Get(w.path)
			if w.holds != nil && (got == nil || !w.holds(t, got)) || w.holds == nil && !Equal(got, w.value) {
				return fmt.Errorf("%s has %s %s", r.ID, w.path, Text(got))
			}
		}
	}
	return nil
}

func last(resources []Resource) Resource { return resources[len(resources)-1] }

// importsNetwork and importsDatabase tell for which configurations the VPC and the
// cluster are somebody else's, with all that is to be said of them.
func importsNetwork(t *Templates) bool  { return t.Config.Network.Import != "" }
func importsDatabase(t *Templates) bool { return t.Config.Database.Import != nil }

// customerKey tells whether a value names a key of the backend's template.
func customerKey(t *Templates, v any) bool {
	for _, key := range t.Core.Resources("AWS::KMS::Key") {
		if mentions(v, key.ID) {
			return true
		}
	}
	return false
}

// mentions tells whether a value refers to a resource, by Ref or by an attribute.
func mentions(v any, id string) bool {
	text := Text(v)
	return strings.Contains(text, `"Ref":"`+id+`"`) || strings.Contains(text, `"Fn::GetAtt":["`+id+`",`)
}

// referred gives the id of the resource that a value refers to, "" when it is none.
func referred(v any) string {
	object, _ := v.(map[string]any)
	if id, ok := object["Ref"].(string); ok {
		return id
	}
	if get, ok := object["Fn::GetAtt"].([]any); ok && len(get) == 2 {
		id, _ := get[0].(string)
		return id
	}
	return ""
}

// several gives a value as a list: itself when it is one, alone in one otherwise.
func several(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func numberOf(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int:
		return float64(v)
	case string:
		var f float64
		if _, err := fmt.Sscan(v, &f); err == nil {
			return f
		}
	}
	return 0
}
