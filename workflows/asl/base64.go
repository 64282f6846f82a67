package asl

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/dop251/goja"
)

// bindWindow gives jsonata the global that it looks for where there is no Node: it
// hangs itself there, and finds btoa and atob.
func (vm *referenceVM) bindWindow() (*goja.Object, error) {
	window := vm.runtime.NewObject()
	err := errors.Join(window.Set("btoa", vm.btoa), window.Set("atob", vm.atob), vm.runtime.Set("window", window))
	if err != nil {
		return nil, fmt.Errorf("bind window: %w", err)
	}
	return window, nil
}

// btoa encodes the low byte of each UTF-16 unit, as Node's "binary" encoding does.
func (vm *referenceVM) btoa(call goja.FunctionCall) goja.Value {
	units := utf16.Encode([]rune(call.Argument(0).String()))
	octets := make([]byte, len(units))
	for i, unit := range units {
		octets[i] = byte(unit)
	}
	return vm.runtime.ToValue(base64.StdEncoding.EncodeToString(octets))
}

// atob decodes to one character per octet. Like Node's Buffer it takes both
// alphabets, ignores other characters and stops at the padding.
func (vm *referenceVM) atob(call goja.FunctionCall) goja.Value {
	text, _, _ := strings.Cut(call.Argument(0).String(), "=")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '+', r == '/':
			return r
		}
		return -1
	}, text)
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	octets, _ := base64.RawStdEncoding.DecodeString(text) // only the alphabet is left
	var out strings.Builder
	for _, octet := range octets {
		out.WriteRune(rune(octet))
	}
	return vm.runtime.ToValue(out.String())
}
