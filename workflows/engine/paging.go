package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
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

// A token carries the place to go on from, behind a mark of the question that it
// answers. The mark tells a token from garbage; it is no secret and no capability,
// since what a token leads to its holder may ask for anyway.

var tokens = base64.RawURLEncoding.Strict()

const markLength = 8

func tokenMark(question, place string) []byte {
	sum := sha256.Sum256([]byte(question + "\n" + place))
	return sum[:markLength]
}

func sealToken(question, place string) string {
	return tokens.EncodeToString(append(tokenMark(question, place), place...))
}

func openToken(token, question string) (string, *APIError) {
	if token == "" {
		return "", nil
	}
	text, err := tokens.DecodeString(token)
	if err != nil || len(text) < markLength {
		return "", invalidToken()
	}
	place := string(text[markLength:])
	if !bytes.Equal(text[:markLength], tokenMark(question, place)) {
		return "", invalidToken()
	}
	return place, nil
}
