package engine

import (
	"encoding/base64"
	"strings"
)

// defaultPage and maxPage bound maxResults (API Reference).
const (
	defaultPage = 100
	maxPage     = 1000
)

func pageSize(asked int) (int, *APIError) {
	switch {
	case asked == 0:
		return defaultPage, nil
	case asked < 0:
		return 0, invalidValue("Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0", asked)
	case asked > maxPage:
		return 0, invalidValue("Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000", asked)
	}
	return asked, nil
}

// A token carries the question it belongs to and the place to go on from. It is
// no secret and no capability: what it leads to, its holder may ask for anyway.

func sealToken(question, place string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(question + "\n" + place))
}

func openToken(token, question string) (string, *APIError) {
	if token == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", invalidToken()
	}
	place, ok := strings.CutPrefix(string(text), question+"\n")
	if !ok {
		return "", invalidToken()
	}
	return place, nil
}
