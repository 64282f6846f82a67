package validate

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Limits of a body. A form of ours has 21 names at depth 2.
const (
	maxBody  = 16 << 10
	maxDepth = 8
	maxKeys  = 64
)

const replacementCharacter = "\uFFFD"

// post is a body that could be read: values by name, objects as maps, as
// encoding/json would decode them, numbers as json.Number.
type post struct {
	document map[string]any
	form     bool
	values   map[string]string // of a form, by the names it posts: shown again on refusal
}

// locale is the language of the answer: what the post asks for, else English
// for a program and Portuguese for a form.
func (p post) locale() string {
	if asked, ok := p.document["locale"].(string); ok && (asked == lead.English || asked == lead.PortugueseBrazil) {
		return asked
	}
	return defaultLocale(p.form)
}

func defaultLocale(form bool) string {
	if form {
		return lead.PortugueseBrazil
	}
	return lead.English
}

// read gives the post or a *refusal.
func read(contentType, body string) (post, error) {
	media, parameters, err := mime.ParseMediaType(contentType)
	charset, hasCharset := parameters["charset"]
	if err != nil || hasCharset && !strings.EqualFold(charset, "utf-8") {
		return post{}, unreadable(http.StatusUnsupportedMediaType, codeMediaType)
	}
	switch media {
	case "application/json":
		return readJSON(body)
	case "application/x-www-form-urlencoded":
		return readForm(body)
	}
	return post{}, unreadable(http.StatusUnsupportedMediaType, codeMediaType)
}

// checkText refuses what no text of a body may hold. The replacement character
// counts as invalid UTF-8: the gateway hands the body over inside a JSON string,
// and what was not UTF-8 has become that character by then.
func checkText(s string) error {
	switch {
	case !utf8.ValidString(s) || strings.Contains(s, replacementCharacter):
		return unreadable(http.StatusBadRequest, codeEncoding)
	case strings.ContainsRune(s, 0):
		return unreadable(http.StatusBadRequest, codeNUL)
	}
	return nil
}

func readJSON(body string) (post, error) {
	switch {
	case len(body) > maxBody:
		return post{}, unreadable(http.StatusRequestEntityTooLarge, codeTooLarge)
	case strings.TrimSpace(body) == "":
		return post{}, unreadable(http.StatusBadRequest, codeEmpty)
	}
	if err := checkText(body); err != nil {
		return post{}, err
	}
	s := scanner{d: jsontext.NewDecoder(strings.NewReader(body))}
	document, err := s.document()
	if err != nil {
		return post{}, err
	}
	return post{document: document}, nil
}

// scanner decodes JSON with more refusals than encoding/json: the decoder
// refuses duplicate names however they are escaped, lone surrogates and invalid
// UTF-8; the scanner bounds depth and number of keys before it allocates.
type scanner struct {
	d    *jsontext.Decoder
	keys int
}

func (s *scanner) document() (map[string]any, error) {
	if kind := s.d.PeekKind(); kind != '{' && kind != 0 {
		if err := s.d.SkipValue(); err != nil {
			return nil, s.unreadable(err)
		}
		return nil, unreadable(http.StatusBadRequest, codeNotObject)
	}
	value, err := s.value(1)
	if err != nil {
		return nil, s.unreadable(err)
	}
	if _, err := s.d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, unreadable(http.StatusBadRequest, codeJSON)
	}
	return value.(map[string]any), nil
}

// unreadable keeps a refusal and turns an error of the decoder into one.
func (s *scanner) unreadable(err error) error {
	var refused *refusal
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &refused):
		return err
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return &refusal{status: http.StatusBadRequest, locale: lead.English, faults: []fault{{
			path: slices.Collect(syntax.JSONPointer.Tokens()), code: codeDuplicate,
		}}}
	}
	return unreadable(http.StatusBadRequest, codeJSON)
}

func (s *scanner) value(depth int) (any, error) {
	token, err := s.d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{', '[':
		if depth > maxDepth {
			return nil, unreadable(http.StatusBadRequest, codeTooDeep)
		}
		if token.Kind() == '{' {
			return s.object(depth)
		}
		return s.array(depth)
	case '"':
		text := token.String()
		if strings.ContainsRune(text, 0) {
			return nil, unreadable(http.StatusBadRequest, codeNUL)
		}
		return text, nil
	case '0':
		return json.Number(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	}
	return nil, nil // null
}

func (s *scanner) object(depth int) (any, error) {
	object := map[string]any{}
	for s.d.PeekKind() != '}' {
		if s.keys++; s.keys > maxKeys {
			return nil, unreadable(http.StatusBadRequest, codeTooManyKeys)
		}
		token, err := s.d.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		if strings.ContainsRune(name, 0) {
			return nil, unreadable(http.StatusBadRequest, codeNUL)
		}
		if object[name], err = s.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := s.d.ReadToken()
	return object, err
}

func (s *scanner) array(depth int) (any, error) {
	array := []any{}
	for s.d.PeekKind() != ']' {
		element, err := s.value(depth + 1)
		if err != nil {
			return nil, err
		}
		array = append(array, element)
	}
	_, err := s.d.ReadToken()
	return array, err
}
