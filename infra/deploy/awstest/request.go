package awstest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Protocols of AWS. The last is in no model of the SDK v1, but the SDK v2 uses it
// for CloudWatch.
const (
	protocolQuery    = "query"
	protocolJSON     = "json"
	protocolRESTJSON = "rest-json"
	protocolRESTXML  = "rest-xml"
	protocolCBOR     = "smithy-rpc-v2-cbor"
)

// request is one call as it came in, in the model's words.
type request struct {
	operation string
	protocol  string
	input     map[string]any
}

// read finds the operation of a request and its input.
func (a *api) read(r *http.Request) (request, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return request{}, err
	}
	if r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" {
		return a.readCBOR(r, body)
	}
	switch a.Metadata.Protocol {
	case protocolQuery:
		return a.readQuery(body)
	case protocolJSON:
		return a.readJSON(r, body)
	}
	return a.readREST(r, body)
}

func (a *api) operationOf(name, protocol string) (*operation, request, error) {
	o, ok := a.Operations[name]
	if !ok {
		return nil, request{}, fmt.Errorf("operation %q is not one that a deployment calls: if it is meant, add it to models/operations.json", name)
	}
	return o, request{operation: name, protocol: protocol, input: map[string]any{}}, nil
}

func (a *api) readJSON(r *http.Request, body []byte) (request, error) {
	if want := "application/x-amz-json-" + a.Metadata.JSONVersion; r.Header.Get("Content-Type") != want {
		return request{}, fmt.Errorf("content type %q, want %q", r.Header.Get("Content-Type"), want)
	}
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), a.Metadata.TargetPrefix+".")
	if !ok {
		return request{}, fmt.Errorf("target %q", r.Header.Get("X-Amz-Target"))
	}
	o, call, err := a.operationOf(name, protocolJSON)
	if err != nil || o.Input == nil {
		return call, err
	}
	var document any
	if err := decodeJSON(body, &document); err != nil {
		return call, err
	}
	input, err := a.fromJSON(o.Input, document)
	if err != nil {
		return call, err
	}
	call.input, ok = input.(map[string]any)
	if !ok {
		return call, errors.New("the body is no object")
	}
	return call, nil
}

func decodeJSON(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return d.Decode(into)
}

// fromJSON gives members the model's names and blobs their bytes. What it does not
// know stays, for check to refuse.
func (a *api) fromJSON(m *member, value any) (any, error) {
	s := a.Shapes[m.Shape]
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, item := range v {
			if item == nil {
				continue
			}
			name, inner := key, s.Value
			if s.Type == "structure" {
				name, inner = s.named(key)
			}
			if inner == nil {
				out[key] = item
				continue
			}
			made, err := a.fromJSON(inner, item)
			if err != nil {
				return nil, err
			}
			out[name] = made
		}
		return out, nil
	case []any:
		if s.Member == nil {
			return v, nil
		}
		out := make([]any, len(v))
		for i, item := range v {
			made, err := a.fromJSON(s.Member, item)
			if err != nil {
				return nil, err
			}
			out[i] = made
		}
		return out, nil
	case string:
		if s.Type == "blob" {
			return base64.StdEncoding.DecodeString(v)
		}
	}
	return value, nil
}

// named finds a member of a structure by its name on the wire.
func (s *shape) named(wire string) (string, *member) {
	for name, m := range s.Members {
		if m.wire(name) == wire && m.Location == "" {
			return name, m
		}
	}
	return wire, nil
}

func (a *api) readCBOR(r *http.Request, body []byte) (request, error) {
	_, name, ok := strings.Cut(r.URL.Path, "/operation/")
	if !ok || !strings.HasPrefix(r.URL.Path, "/service/") {
		return request{}, fmt.Errorf("path %s is no operation's", r.URL.Path)
	}
	_, call, err := a.operationOf(name, protocolCBOR)
	if err != nil {
		return call, err
	}
	if len(body) == 0 {
		return call, nil
	}
	value, err := cbor.Decode(body)
	if err != nil {
		return call, err
	}
	call.input, ok = fromCBOR(value).(map[string]any)
	if !ok {
		return call, errors.New("the body is no map")
	}
	return call, nil
}

func fromCBOR(value cbor.Value) any {
	switch v := value.(type) {
	case cbor.Map:
		out := map[string]any{}
		for key, item := range v {
			if _, null := item.(*cbor.Nil); !null {
				out[key] = fromCBOR(item)
			}
		}
		return out
	case cbor.List:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = fromCBOR(item)
		}
		return out
	case cbor.String:
		return string(v)
	case cbor.Bool:
		return bool(v)
	case cbor.Uint:
		return json.Number(strconv.FormatUint(uint64(v), 10))
	case cbor.NegInt:
		return json.Number("-" + strconv.FormatUint(uint64(v), 10))
	}
	return fmt.Sprint(value)
}

// newer is the one parameter that the pinned CDK command line sends and that came to
// CloudFormation after the models.
const newer = "DeploymentConfig.Mode"

func (a *api) readQuery(body []byte) (request, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return request{}, err
	}
	if got := form.Get("Version"); got != a.Metadata.APIVersion {
		return request{}, fmt.Errorf("version %q, want %q", got, a.Metadata.APIVersion)
	}
	o, call, err := a.operationOf(form.Get("Action"), protocolQuery)
	form.Del("Action")
	form.Del("Version")
	form.Del(newer)
	if err != nil {
		return call, err
	}
	if o.Input != nil {
		value, err := a.fromForm(o.Input, form, "")
		if err != nil {
			return call, err
		}
		if input, ok := value.(map[string]any); ok {
			call.input = input
		}
	}
	if len(form) > 0 {
		return call, fmt.Errorf("parameters that the model does not know: %v", form)
	}
	return call, nil
}

// fromForm takes a value out of a form; nil when nothing of it is there.
func (a *api) fromForm(m *member, form url.Values, prefix string) (any, error) {
	s := a.Shapes[m.Shape]
	below := func(name string) string { return strings.TrimPrefix(prefix+"."+name, ".") }
	switch s.Type {
	case "structure":
		out := map[string]any{}
		for name, inner := range s.Members {
			value, err := a.fromForm(inner, form, below(inner.wire(name)))
			if err != nil {
				return nil, err
			}
			if value != nil {
				out[name] = value
			}
		}
		if len(out) == 0 && prefix != "" {
			return nil, nil
		}
		return out, nil
	case "list":
		if form.Has(prefix) { // how an empty list is written
			form.Del(prefix)
			return []any{}, nil
		}
		var out []any
		at := below(s.item())
		if a.flat(m) {
			at = prefix
		}
		for i := 1; ; i++ {
			value, err := a.fromForm(s.Member, form, at+"."+strconv.Itoa(i))
			if err != nil {
				return nil, err
			}
			if value == nil {
				break
			}
			out = append(out, value)
		}
		if out == nil {
			return nil, nil
		}
		return out, nil
	}
	if !form.Has(prefix) {
		return nil, nil
	}
	text := form.Get(prefix)
	form.Del(prefix)
	return s.scalar(text)
}

// scalar reads what stands as text in a form, a path, a header or an element.
func (s *shape) scalar(text string) (any, error) {
	switch s.Type {
	case "boolean":
		return strconv.ParseBool(text)
	case "integer", "long", "float", "double":
		return json.Number(text), nil
	case "blob":
		return base64.StdEncoding.DecodeString(text)
	}
	return text, nil
}
