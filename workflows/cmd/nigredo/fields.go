package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// fields prints a JSON object as one line a member, in the document's order,
// members of members with a dot.
func fields(w io.Writer, document json.RawMessage) error {
	rows, err := flatten("", document)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return table(w, rows)
}

func flatten(prefix string, document json.RawMessage) ([][]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	if _, err := decoder.Token(); err != nil { // the opening brace
		return nil, err
	}
	var rows [][]string
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		path := prefix + fmt.Sprint(name)
		if len(value) > 0 && value[0] == '{' {
			inner, err := flatten(path+".", value)
			if err != nil {
				return nil, err
			}
			rows = append(rows, inner...)
			continue
		}
		rows = append(rows, []string{path, plain(value)})
	}
	return rows, nil
}

// plain shows a string without its quotes, anything else as JSON.
func plain(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}
