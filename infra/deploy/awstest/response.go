package awstest

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Fault is an error of AWS, as its SDKs see it.
type Fault struct {
	Code    string
	Message string
	Status  int // 0: 400
}

func (f *Fault) Error() string { return f.Code + ": " + f.Message }

// write answers with an output in the model's words: strings, numbers, bool,
// []byte, time.Time, []any, map[string]any. What the model does not have is a fault
// of ours and panics in the test.
func (a *api) write(w http.ResponseWriter, call request, output map[string]any) {
	o := a.Operations[call.operation]
	status := http.StatusOK
	if o.HTTP.ResponseCode != 0 {
		status = o.HTTP.ResponseCode
	}
	var body []byte
	var kind string
	switch call.protocol {
	case protocolQuery:
		body, kind = a.queryBody(call.operation, o, output), "text/xml"
	case protocolJSON:
		body, kind = []byte("{}"), "application/x-amz-json-"+a.Metadata.JSONVersion
		if o.Output != nil {
			body = a.jsonBody(o.Output, output)
		}
	case protocolCBOR:
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		body, kind = cbor.Encode(a.toCBOR(o.Output, output)), "application/cbor"
	default:
		body, kind = a.restBody(w, o, output)
	}
	if kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the test's client is gone
}

// fail answers with an error in the protocol's form.
func (a *api) fail(w http.ResponseWriter, call request, f *Fault) {
	status := f.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	text := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
		return b.String()
	}
	inner := "<Code>" + text(f.Code) + "</Code><Message>" + text(f.Message) + "</Message>"
	var body []byte
	switch {
	case call.protocol == protocolCBOR:
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		body = cbor.Encode(cbor.Map{"__type": cbor.String(f.Code), "message": cbor.String(f.Message)})
	case a.Metadata.Protocol == protocolJSON, a.Metadata.Protocol == protocolRESTJSON:
		w.Header().Set("X-Amzn-Errortype", f.Code)
		w.Header().Set("Content-Type", "application/json")
		body, _ = json.Marshal(map[string]string{"__type": f.Code, "message": f.Message}) //nolint:errchkjson // two strings
	case a.Metadata.Protocol == protocolRESTXML && a.Metadata.APIVersion == "2006-03-01":
		body = []byte("<Error>" + inner + "</Error>")
	default:
		body = []byte("<ErrorResponse><Error><Type>Sender</Type>" + inner + "</Error><RequestId>test</RequestId></ErrorResponse>")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the test's client is gone
}

func (a *api) memberOf(m *member, name string) *member {
	inner, ok := a.Shapes[m.Shape].Members[name]
	if !ok {
		panic(fmt.Sprintf("awstest: %s has no member %s", m.Shape, name))
	}
	return inner
}

func (a *api) jsonBody(m *member, output map[string]any) []byte {
	body, err := json.Marshal(a.toJSON(m, output))
	if err != nil {
		panic(err)
	}
	return body
}

func (a *api) toJSON(m *member, value any) any {
	s := a.Shapes[m.Shape]
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, item := range v {
			if s.Type == "map" {
				out[name] = a.toJSON(s.Value, item)
				continue
			}
			inner := a.memberOf(m, name)
			out[inner.wire(name)] = a.toJSON(inner, item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = a.toJSON(s.Member, item)
		}
		return out
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case time.Time:
		return v.Unix()
	}
	return value
}

func (a *api) toCBOR(m *member, value any) cbor.Value {
	s := a.Shapes[m.Shape]
	switch v := value.(type) {
	case map[string]any:
		out := cbor.Map{}
		for name, item := range v {
			out[name] = a.toCBOR(a.memberOf(m, name), item)
		}
		return out
	case []any:
		out := make(cbor.List, len(v))
		for i, item := range v {
			out[i] = a.toCBOR(s.Member, item)
		}
		return out
	case bool:
		return cbor.Bool(v)
	case int:
		return cbor.Uint(v)
	case time.Time:
		return &cbor.Tag{ID: 1, Value: cbor.Float64(v.Unix())}
	}
	return cbor.String(fmt.Sprint(value))
}

func (a *api) queryBody(name string, o *operation, output map[string]any) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<%sResponse xmlns="%s">`, name, a.Metadata.XMLNamespace)
	if o.Output != nil {
		wrapper := o.Output.ResultWrapper
		fmt.Fprintf(&b, "<%s>", wrapper)
		a.toXML(&b, o.Output, output)
		fmt.Fprintf(&b, "</%s>", wrapper)
	}
	fmt.Fprintf(&b, "<ResponseMetadata><RequestId>test</RequestId></ResponseMetadata></%sResponse>", name)
	return []byte(b.String())
}

// restBody writes headers, and gives the body with its type.
func (a *api) restBody(w http.ResponseWriter, o *operation, output map[string]any) (body []byte, kind string) {
	if o.Output == nil {
		return nil, ""
	}
	s := a.Shapes[o.Output.Shape]
	rest := map[string]any{}
	for name, value := range output {
		m := a.memberOf(o.Output, name)
		switch m.Location {
		case "header":
			w.Header().Set(m.LocationName, fmt.Sprint(value))
		case "statusCode":
		default:
			rest[name] = value
		}
	}
	m := o.Output
	if s.Payload != "" {
		value, ok := rest[s.Payload]
		if content, isBlob := value.([]byte); isBlob || !ok {
			return content, "application/octet-stream"
		}
		m = s.Members[s.Payload]
		rest, _ = value.(map[string]any)
	}
	if a.Metadata.Protocol == protocolRESTJSON {
		return a.jsonBody(m, rest), "application/json"
	}
	root := m.wire(m.Shape)
	if name := a.Shapes[m.Shape].LocationName; name != "" {
		root = name
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<%s>", root)
	a.toXML(&b, m, rest)
	fmt.Fprintf(&b, "</%s>", root)
	return []byte(b.String()), "application/xml"
}

// toXML writes what stands inside the element of a value.
func (a *api) toXML(b *strings.Builder, m *member, value any) {
	s := a.Shapes[m.Shape]
	inside := func(tag string, inner *member, item any) {
		fmt.Fprintf(b, "<%s>", tag)
		a.toXML(b, inner, item)
		fmt.Fprintf(b, "</%s>", tag)
	}
	switch v := value.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			inner := a.memberOf(m, name)
			items, isList := v[name].([]any)
			if isList && a.flat(inner) {
				for _, item := range items {
					inside(inner.wire(name), a.Shapes[inner.Shape].Member, item)
				}
				continue
			}
			inside(inner.wire(name), inner, v[name])
		}
	case []any:
		for _, item := range v {
			inside(s.item(), s.Member, item)
		}
	case time.Time:
		b.WriteString(v.UTC().Format(time.RFC3339))
	case bool:
		b.WriteString(strconv.FormatBool(v))
	default:
		_ = xml.EscapeText(b, []byte(fmt.Sprint(v))) // a builder takes everything
	}
}
