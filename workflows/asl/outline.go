package asl

// Dynamic stands in an outline where an expression stands in the template.
type Dynamic struct{}

// Outline is the template's value as far as the definition fixes it: every
// expression is a Dynamic. It is a value but for those.
func (t *Template) Outline() any {
	if t.constant {
		return t.value
	}
	return outline(t.root)
}

func outline(p part) any {
	switch p := p.(type) {
	case constantPart:
		return p.value
	case objectPart:
		object := NewObject(len(p.keys))
		for i, key := range p.keys {
			object.Set(key, outline(p.parts[i]))
		}
		return object
	case arrayPart:
		items := make([]any, len(p))
		for i, item := range p {
			items[i] = outline(item)
		}
		return items
	}
	return Dynamic{}
}
