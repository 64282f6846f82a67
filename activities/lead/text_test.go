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

const zwnj, zwj = "\u200c", "\u200d"

// Writers of these scripts cannot do without the signs between letters that have no width.
func TestIsLine_TakesNamesOfLivingScripts(t *testing.T) {
	t.Parallel()
	for script, name := range map[string]string{
		"Persian":                   "علی" + zwnj + "رضا محمدی",
		"Persian, two in a word":    "می" + zwnj + "خواهم" + zwnj + "شان",
		"Persian, behind a vowel":   "عَلِی" + zwnj + "رِضا",
		"Urdu":                      "خوش" + zwnj + "بخت",
		"Sorani":                    "نە" + zwnj + "ورۆز",
		"Arabic, joined":            "عبد" + zwj + "الله",
		"Syriac":                    "ܡܪ" + zwnj + "ܝܡ",
		"Malayalam, chillu at last": "രാജന്" + zwj,
		"Malayalam, two words":      "രമേശന്" + zwj + " നായര്" + zwj,
		"Malayalam, within a word":  "അന്" + zwj + "വര്",
		"Sinhala":                   "ශ්" + zwj + "රී කාන්ත",
		"Sinhala, yansaya":          "විද්" + zwj + "යා",
		"Bengali, before a virama":  "র" + zwj + "\u09cd" + "যাচেল",
		"Bengali":                   "উদ্" + zwnj + "যোগ",
		"Hindi":                     "राम" + zwnj + "कुमार",
		"Marathi":                   "सुऱ्" + zwj + "या",
		"Kannada":                   "ರಾಜ್" + zwnj + "ಕುಮಾರ್",
		"Telugu":                    "రాజ్" + zwnj + "కుమార్",
		"Gujarati":                  "રાજ્" + zwnj + "કુમાર",
		"Nepali":                    "श्री" + zwnj + "मान्",
		"Khmer":                     "ប៊" + zwnj + "ី",
		"N'Ko":                      "ߞߊ߬" + zwnj + "ߙߊ",
		"Burmese, four signs":       "ကျော်မင်းထွန်း",
		"Burmese, three above":      "မြို့သူ",
		"Tibetan":                   "བསྒྲུབས",
	} {
		if !IsLine(name) || !IsText(name) {
			t.Errorf("%s: %+q is refused", script, name)
		}
	}
}

// The same signs anywhere else make a name read as another, and so does all else that is
// not seen.
func TestIsLine_RefusesSignsThatNoScriptNeeds(t *testing.T) {
	t.Parallel()
	for why, name := range map[string]string{
		"joiner in Latin":                 "Ana" + zwj + "Souza",
		"non-joiner in Latin":             "Ana" + zwnj + "Souza",
		"joiner in Cyrillic":              "Ан" + zwj + "на",
		"joiner in Greek":                 "Αν" + zwj + "να",
		"joiner in Hebrew":                "דו" + zwj + "ד",
		"joiner in Han":                   "张" + zwj + "伟",
		"joiner in Thai":                  "สม" + zwj + "ชาย",
		"first":                           zwnj + "علی",
		"last":                            "علی" + zwnj,
		"last, without a virama":          "രാജ" + zwj,
		"non-joiner last":                 "രാജന്" + zwnj,
		"before a blank":                  "علی" + zwnj + " رضا",
		"behind a blank":                  "علی " + zwnj + "رضا",
		"two in a row":                    "علی" + zwnj + zwnj + "رضا",
		"one of each in a row":            "علی" + zwnj + zwj + "رضا",
		"two behind a virama":             "രാജന്" + zwj + zwj,
		"between Arabic and Latin":        "علی" + zwnj + "Reza",
		"between Latin and Arabic":        "Ali" + zwnj + "رضا",
		"behind a digit":                  "۲۴" + zwnj + "ساعته",
		"behind a mark on Latin":          "x\u0301" + zwj + "رضا",
		"behind a virama on Latin":        "x\u094d" + zwj + "y",
		"emoji":                           "Ana 👩" + zwj + "💻",
		"marks piled up over joiners":     "क\u0951\u0951" + zwj + "\u0951\u0951" + zwj + "क",
		"Zalgo":                           "Z\u0335\u0336\u0337\u0338algo",
		"bidi override beside a joiner":   "علی" + zwnj + "\u202eرضا",
		"bidi mark":                       "علی\u200fرضا",
		"Arabic letter mark":              "علی\u061cرضا",
		"zero-width space":                "علی\u200bرضا",
		"word joiner":                     "علی\u2060رضا",
		"byte order mark":                 "علی\ufeffرضا",
		"soft hyphen":                     "Ana\u00adlia",
		"line separator":                  "علی\u2028رضا",
		"tag character behind a virama":   "രാജന്\U000e0041",
		"control where a joiner could be": "علی\u0085رضا",
	} {
		if IsLine(name) {
			t.Errorf("%s: %+q is taken", why, name)
		}
	}
}

func TestIsText_TakesEmojiOfSeveral(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"👩" + zwj + "💻", "👨" + zwj + "👩" + zwj + "👧" + zwj + "👦 olá", "❤\ufe0f" + zwj + "🔥", "🏳\ufe0f" + zwj + "🌈", "👩🏽" + zwj + "🔬"} {
		if !IsText(text) {
			t.Errorf("%+q is refused", text)
		}
	}
	if piled := "Z\u0335\u0336" + zwj + "\u0337\u0338"; IsText(piled) {
		t.Errorf("%+q is taken: joiners do not make four marks two", piled)
	}
}
