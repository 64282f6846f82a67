package lead

import "testing"

func TestText_LinesAreStricterThanTexts(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][2]bool{ // as a line, as a text
		"": {true, true}, "José D'Ávila": {true, true}, "Jose\u0301": {true, true}, "สมชาย ใจดี": {true, true}, "👩": {true, true},
		"a\n": {false, true}, "a\r\nb": {false, true}, "\ta": {false, true}, "a\u200d": {false, true}, "a\u2028": {false, true}, "a\u202e": {false, true},
		"a\r": {false, false}, "a\x00": {false, false}, "a\u0085": {false, false}, "a\ufffd": {false, false}, "a\uffff": {false, false},
		"a\U000e0041": {false, false}, "Z\u0335\u0336\u0337\u0338": {false, false},
	} {
		if got := [2]bool{IsLine(s), IsText(s)}; got != want {
			t.Errorf("%q: line and text %v, want %v", s, got, want)
		}
	}
}
