package awstest

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// readREST matches method and path, then takes path, query, headers and body apart.
func (a *api) readREST(r *http.Request, body []byte) (request, error) {
	name, labels := a.route(r)
	if name == "" {
		return request{}, fmt.Errorf("%s %s is no operation that a deployment calls", r.Method, r.URL)
	}
	o, call, err := a.operationOf(name, a.Metadata.Protocol)
	if err != nil {
		return call, err
	}
	s := a.Shapes[o.Input.Shape]
	known := []string{"x-id"} // the SDKs name S3's operation there, for whoever reads logs
	for key := range fixedQuery(o) {
		known = append(known, key)
	}
	for memberName, m := range s.Members {
		text, found := "", false
		switch m.Location {
		case "uri":
			text, found = labels[m.LocationName]
		case "querystring":
			known = append(known, m.LocationName)
			text, found = r.URL.Query().Get(m.LocationName), r.URL.Query().Has(m.LocationName)
		case "header":
			text = r.Header.Get(m.LocationName)
			found = text != ""
		case "headers":
			entries := map[string]any{}
			for header := range r.Header {
				if key, ok := strings.CutPrefix(strings.ToLower(header), strings.ToLower(m.LocationName)); ok {
					entries[key] = r.Header.Get(header)
				}
			}
			if len(entries) > 0 {
				call.input[memberName] = entries
			}
		}
		if found {
			if call.input[memberName], err = a.Shapes[m.Shape].scalar(text); err != nil {
				return call, err
			}
		}
	}
	for key := range r.URL.Query() {
		if !slices.Contains(known, key) {
			return call, fmt.Errorf("%s has the parameter %q, which the model does not know", name, key)
		}
	}
	return call, a.readBody(o.Input.Shape, r, body, call.input)
}

// readBody puts what the body holds into the input.
func (a *api) readBody(shapeName string, r *http.Request, body []byte, input map[string]any) error {
	payload := a.Shapes[shapeName].Payload
	if payload != "" {
		shapeName = a.Shapes[shapeName].Members[payload].Shape
		if a.Shapes[shapeName].Type == "blob" {
			content, err := unchunk(r, body)
			if err == nil && len(content) > 0 {
				input[payload] = content
			}
			return err
		}
	}
	if len(body) == 0 {
		return nil
	}
	var value any
	if a.Metadata.Protocol == protocolRESTJSON {
		var document any
		if err := decodeJSON(body, &document); err != nil {
			return err
		}
		made, err := a.fromJSON(&member{Shape: shapeName}, document)
		if err != nil {
			return err
		}
		value = made
	} else {
		var root element
		if err := xml.Unmarshal(body, &root); err != nil {
			return err
		}
		made, err := a.fromXML(&member{Shape: shapeName}, root)
		if err != nil {
			return err
		}
		value = made
	}
	if payload != "" {
		input[payload] = value
		return nil
	}
	members, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("the body is no structure")
	}
	for name, item := range members {
		input[name] = item
	}
	return nil
}

// route finds the operation of a request: of those whose method, path and fixed
// parameters match and whose required headers are there, the most particular one.
func (a *api) route(r *http.Request) (string, map[string]string) {
	best, most, found := "", -1, map[string]string{}
	for name, o := range a.Operations {
		if o.HTTP.Method != r.Method {
			continue
		}
		template, _, _ := strings.Cut(o.HTTP.RequestURI, "?")
		labels, ok := match(strings.TrimSuffix(template, "/"), strings.TrimSuffix(r.URL.EscapedPath(), "/"))
		if !ok {
			continue
		}
		score := 0
		for key, value := range fixedQuery(o) {
			if !r.URL.Query().Has(key) || (value != "" && r.URL.Query().Get(key) != value) {
				ok = false
			}
			score += 2
		}
		s := a.Shapes[o.Input.Shape]
		for _, required := range s.Required {
			if m := s.Members[required]; m.Location == "header" {
				ok = ok && r.Header.Get(m.LocationName) != ""
				score++
			}
		}
		if ok && score > most {
			best, most, found = name, score, labels
		}
	}
	return best, found
}

// fixedQuery gives the parameters that an operation's address always has.
func fixedQuery(o *operation) map[string]string {
	_, query, _ := strings.Cut(o.HTTP.RequestURI, "?")
	fixed := map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(pair, "="); key != "" {
			fixed[key] = value
		}
	}
	return fixed
}

// match takes the labels out of a path; a label that ends in + takes the rest.
func match(template, path string) (map[string]string, bool) {
	labels := map[string]string{}
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	for i, part := range want {
		if i >= len(got) {
			return nil, false
		}
		label, isLabel := strings.CutPrefix(part, "{")
		if !isLabel {
			if part != got[i] {
				return nil, false
			}
			continue
		}
		text := got[i]
		label = strings.TrimSuffix(label, "}")
		greedy := strings.HasSuffix(label, "+")
		if greedy {
			text = strings.Join(got[i:], "/")
		}
		value, err := url.PathUnescape(text)
		if err != nil || value == "" {
			return nil, false
		}
		labels[strings.TrimSuffix(label, "+")] = value
		if greedy {
			return labels, true
		}
	}
	return labels, len(want) == len(got)
}

// unchunk takes the SDKs' chunks apart, with which a body is sent whose checksum
// follows it.
func unchunk(r *http.Request, body []byte) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return body, nil
	}
	var out bytes.Buffer
	reader := bufio.NewReader(bytes.NewReader(body))
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("chunk: %w", err)
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil || n == 0 {
			return out.Bytes(), err
		}
		if _, err := io.CopyN(&out, reader, n); err != nil {
			return nil, fmt.Errorf("chunk: %w", err)
		}
		if _, err := reader.Discard(2); err != nil {
			return nil, fmt.Errorf("chunk: %w", err)
		}
	}
}

// element is any XML element.
type element struct {
	XMLName  xml.Name
	Children []element `xml:",any"`
	Text     string    `xml:",chardata"`
}

// fromXML reads an element as a shape. Children that the shape does not know stay
// under their own name, for check to refuse.
func (a *api) fromXML(m *member, e element) (any, error) {
	s := a.Shapes[m.Shape]
	switch s.Type {
	case "structure":
		out := map[string]any{}
		for _, child := range e.Children {
			name, inner := s.named(child.XMLName.Local)
			if inner == nil {
				out[name] = child.Text
				continue
			}
			if a.Shapes[inner.Shape].Type == "list" && a.flat(inner) {
				value, err := a.fromXML(a.Shapes[inner.Shape].Member, child)
				if err != nil {
					return nil, err
				}
				items, _ := out[name].([]any)
				out[name] = append(items, value)
				continue
			}
			value, err := a.fromXML(inner, child)
			if err != nil {
				return nil, err
			}
			out[name] = value
		}
		return out, nil
	case "list":
		out := []any{}
		for _, child := range e.Children {
			value, err := a.fromXML(s.Member, child)
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		return out, nil
	}
	return s.scalar(e.Text)
}
