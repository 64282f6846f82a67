package asl

// Shape is the keys of objects that are made often. Their objects share them.
type Shape struct {
	object  Object // with the keys, without values
	places  []int  // where in it the value of each key belongs
	inOrder bool   // in the order of the keys
}

// NewShape makes the shape of objects with these keys, none of them twice.
func NewShape(keys ...string) *Shape {
	s := &Shape{places: make([]int, len(keys)), inOrder: true}
	for _, key := range keys {
		s.object.Set(key, nil)
	}
	for i, key := range keys {
		s.places[i] = s.object.find(key)
		s.inOrder = s.inOrder && s.places[i] == i
	}
	s.object.values = nil
	return s
}

// smallShape is up to how many keys an object is made in one piece.
const smallShape = 4

// Object makes an object of the values, which are in the order of NewShape's keys; it
// may keep them. Nobody sets a key of it afterwards: Clone gives one that can be
// written to.
func (s *Shape) Object(values ...any) *Object {
	if s.inOrder && len(values) > smallShape {
		object := s.object
		object.values = values
		return &object
	}
	object := s.blank()
	for i, place := range s.places {
		object.values[place] = values[i]
	}
	return object
}

// blank makes an object whose values are still to be put in their places.
func (s *Shape) blank() *Object {
	if n := len(s.places); n <= smallShape {
		o := new(struct {
			Object
			values [smallShape]any
		})
		o.Object = s.object
		o.Object.values = o.values[:n]
		return &o.Object
	}
	object := s.object
	object.values = make([]any, len(s.places))
	return &object
}
