package asl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// ParseJSON reads one JSON text. It keeps the order of keys as Object does, and of
// repeated keys the last value at the first one's place, as JSON.parse does. It
// refuses invalid UTF-8, lone surrogates, numbers beyond float64, nesting deeper
// than 10,000 and anything after the value.
func ParseJSON[Text ~string | ~[]byte](text Text) (any, error) {
	r, _ := readers.Get().(*reader)
	defer readers.Put(r)
	defer r.forget(0, 0)
	r.text = append(r.text[:0], text...)
	r.input = *bytes.NewBuffer(r.text)
	r.dec.Reset(&r.input, r.options...)
	value, err := r.value()
	if err != nil {
		return nil, fmt.Errorf("parse json: %w", err)
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("parse json: text goes on after the value at byte %d", r.dec.InputOffset())
	}
	return value, nil
}

// reader reads one text after another: to make a decoder costs as much as to read a
// short text.
type reader struct {
	dec     jsontext.Decoder
	options []jsontext.Options
	text    []byte       // a copy, so that a string costs no more than bytes
	input   bytes.Buffer // of text
	// keys and values are those of the arrays and objects that are being read.
	keys   []string
	values []any
	// names are keys of earlier objects, which mostly have them in common.
	names [128]string
}

var readers = sync.Pool{New: func() any {
	return &reader{options: []jsontext.Options{jsontext.AllowDuplicateNames(true)}}
}}

func (r *reader) value() (any, error) {
	switch r.dec.PeekKind() {
	case '"':
		raw, err := r.dec.ReadValue()
		if err != nil {
			return nil, err
		}
		return unquote(raw), nil
	case '0':
		raw, err := r.dec.ReadValue()
		if err != nil {
			return nil, err
		}
		return number(raw)
	}
	token, err := r.dec.ReadToken()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return nil, nil
	case 't':
		return true, nil
	case 'f':
		return false, nil
	case '[':
		return r.array()
	default: // '{': a closing token where a value is due is an error of the decoder
		return r.object()
	}
}

// unquote gives the text of a string that the decoder has read.
func unquote(raw jsontext.Value) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	text, _ := jsontext.AppendUnquote(make([]byte, 0, len(raw)), raw)
	return string(text)
}

func number(raw jsontext.Value) (any, error) {
	text := string(raw)
	if len(text) < 16 && text[0] != '-' { // the common small integers
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return float64(n), nil
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("number %.40s is out of range", text)
	}
	return n, nil
}

func (r *reader) array() (any, error) {
	start := len(r.values)
	for r.dec.PeekKind() != ']' {
		item, err := r.value()
		if err != nil {
			return nil, err
		}
		r.values = append(r.values, item)
	}
	items := append(make([]any, 0, len(r.values)-start), r.values[start:]...)
	r.forget(len(r.keys), start)
	_, err := r.dec.ReadToken()
	return items, err
}

func (r *reader) object() (any, error) {
	firstKey, firstValue := len(r.keys), len(r.values)
	for r.dec.PeekKind() != '}' {
		raw, err := r.dec.ReadValue()
		if err != nil {
			return nil, err
		}
		key := r.key(raw)
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		r.keys = append(r.keys, key)
		r.values = append(r.values, value)
	}
	object := NewObject(len(r.keys) - firstKey)
	for i, key := range r.keys[firstKey:] {
		object.Set(key, r.values[firstValue+i])
	}
	r.forget(firstKey, firstValue)
	_, err := r.dec.ReadToken()
	return object, err
}

// forget takes away what belonged to an array or object that is read.
func (r *reader) forget(keys, values int) {
	clear(r.keys[keys:])
	clear(r.values[values:])
	r.keys, r.values = r.keys[:keys], r.values[:values]
}

// key gives the text of a key, the same one as before when it was there before.
func (r *reader) key(raw jsontext.Value) string {
	const longest = 32
	if len(raw) > longest {
		return unquote(raw)
	}
	hash := 0
	for _, c := range raw {
		hash = hash*31 + int(c)
	}
	known := &r.names[uint(hash)%uint(len(r.names))]
	if *known == "" || *known != string(raw[1:len(raw)-1]) {
		*known = unquote(raw)
	}
	return *known
}
