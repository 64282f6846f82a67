package asl

import (
	"crypto/md5"  //nolint:gosec // $hash offers it: a checksum, as AWS does
	"crypto/sha1" //nolint:gosec // $hash offers it: a checksum, as AWS does
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"
	"github.com/google/uuid"
)

// host gives AWS's added functions (jsonata/functions.js) what ECMAScript lacks.
func (vm *referenceVM) host() (*goja.Object, error) {
	host := vm.runtime.NewObject()
	err := errors.Join(
		host.Set("parse", vm.parseText), host.Set("hash", digest), host.Set("random", javaRandom), host.Set("uuid", uuid.NewString))
	if err != nil {
		return nil, fmt.Errorf("bind functions: %w", err)
	}
	return host, nil
}

// parseText is $parse; undefined for what AWS's parser was measured to refuse. It
// refuses repeated keys and takes strings in single quotes (iwamot/sfnx, 2026-09).
func (vm *referenceVM) parseText(text string) goja.Value {
	value, err := parseStrict([]byte(text))
	if err != nil && strings.Contains(text, "'") {
		value, err = parseStrict([]byte(requote(text)))
	}
	if err != nil {
		return goja.Undefined()
	}
	return vm.toJS(value)
}

// requote writes the strings in single quotes in double ones.
func requote(text string) string {
	var out strings.Builder
	var quote byte // of the string at hand, 0: outside of strings
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
			c = '"'
		case quote == 0:
		case c == '\\' && i+1 < len(text):
			i++
			if text[i] != '\'' {
				out.WriteByte(c)
			}
			c = text[i]
		case c == quote:
			quote = 0
			c = '"'
		case c == '"':
			out.WriteByte('\\')
		}
		out.WriteByte(c)
	}
	return out.String()
}

// digest is $hash over the text in UTF-8, in lower-case hexadecimal.
func digest(text, algorithm string) string {
	var sum []byte
	switch algorithm {
	case "MD5":
		s := md5.Sum([]byte(text)) //nolint:gosec // see the import
		sum = s[:]
	case "SHA-1":
		s := sha1.Sum([]byte(text)) //nolint:gosec // see the import
		sum = s[:]
	case "SHA-256":
		s := sha256.Sum256([]byte(text))
		sum = s[:]
	case "SHA-384":
		s := sha512.Sum384([]byte(text))
		sum = s[:]
	default: // SHA-512: the caller lets no other name through
		s := sha512.Sum512([]byte(text))
		sum = s[:]
	}
	return hex.EncodeToString(sum)
}

// javaRandom is the first nextDouble of a java.util.Random with that seed, which is
// AWS's $random (floci-io/floci issue 2662: 42 gives 0.7275636800328681 there).
func javaRandom(seed float64) float64 {
	var state uint64
	switch {
	case seed >= 1<<63: // a cast saturates in Java
		state = 1<<63 - 1
	default:
		state = uint64(int64(seed))
	}
	const multiplier, mask = 0x5DEECE66D, 1<<48 - 1
	state = (state ^ multiplier) & mask
	next := func(bits uint) uint64 {
		state = (state*multiplier + 0xB) & mask
		return state >> (48 - bits)
	}
	high := next(26)
	return float64(high<<27+next(27)) / (1 << 53)
}
