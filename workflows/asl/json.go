package asl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// ParseJSON reads one JSON text. It keeps the order of keys as Object does, and of
// repeated keys the last value at the first one's place, as JSON.parse does. It
// refuses invalid UTF-8, lone surrogates, numbers beyond float64, nesting deeper
// than 10,000 and anything after the value.
func ParseJSON(text []byte) (any, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
	value, err := readValue(dec)
	if err != nil {
		return nil, fmt.Errorf("parse json: %w", err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("parse json: text goes on after the value at byte %d", dec.InputOffset())
	}
	return value, nil
}

func readValue(dec *jsontext.Decoder) (any, error) {
	token, err := dec.ReadToken()
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
	case '"':
		return token.String(), nil
	case '0':
		return readNumber(token)
	case '[':
		return readArray(dec)
	default: // '{': a closing token where a value is due is an error of the decoder
		return readObject(dec)
	}
}

func readNumber(token jsontext.Token) (any, error) {
	text := token.String()
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

func readArray(dec *jsontext.Decoder) (any, error) {
	items := []any{}
	for dec.PeekKind() != ']' {
		item, err := readValue(dec)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := dec.ReadToken()
	return items, err
}

func readObject(dec *jsontext.Decoder) (any, error) {
	object := NewObject(4)
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		value, err := readValue(dec)
		if err != nil {
			return nil, err
		}
		object.Set(key, value)
	}
	_, err := dec.ReadToken()
	return object, err
}

// AppendJSON writes a value as JSON.stringify writes it: no blanks, numbers as
// ECMAScript's Number::toString, only what must be escaped escaped. It panics when
// the value holds anything but the types of a value.
func AppendJSON(dst []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case float64:
		return appendNumber(dst, v)
	case string:
		return appendString(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSON(dst, item)
		}
		return append(dst, ']')
	case *Object:
		dst = append(dst, '{')
		for i, key := range v.keys {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, key)
			dst = append(dst, ':')
			dst = AppendJSON(dst, v.values[i])
		}
		return append(dst, '}')
	default:
		panic(fmt.Sprintf("asl: %T is not a json value", value))
	}
}

// MarshalJSON writes the object as AppendJSON does.
func (o *Object) MarshalJSON() ([]byte, error) { return AppendJSON(nil, o), nil }

// appendNumber writes a number as ECMAScript's Number::toString(10) does, and what
// is not finite as null, as JSON.stringify does.
func appendNumber(dst []byte, n float64) []byte {
	switch abs := math.Abs(n); {
	case n == math.Trunc(n) && abs < 1<<53:
		return strconv.AppendInt(dst, int64(n), 10)
	case math.IsNaN(n) || math.IsInf(n, 0):
		return append(dst, "null"...)
	case abs >= 1e-6 && abs < 1e21:
		return strconv.AppendFloat(dst, n, 'f', -1, 64)
	default:
		dst = strconv.AppendFloat(dst, n, 'e', -1, 64)
		// Go pads the exponent to two digits, ECMAScript does not.
		if end := len(dst); dst[end-2] == '0' && (dst[end-3] == '-' || dst[end-3] == '+') {
			dst[end-2] = dst[end-1]
			dst = dst[:end-1]
		}
		return dst
	}
}

func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			// Invalid UTF-8 becomes U+FFFD, the only error there is.
			dst, _ = jsontext.AppendQuote(dst, s)
			return dst
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
