package asl

import "unicode/utf16"

// utf16Units is a string as ECMAScript sees it.
func utf16Units(s string) []uint16 { return utf16.Encode([]rune(s)) }
