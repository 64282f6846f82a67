package awstest

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

//go:embed models/*.json
var files embed.FS

// api is one service's model, as AWS publishes it for its SDKs.
type api struct {
	Metadata struct {
		Protocol     string `json:"protocol"`
		JSONVersion  string `json:"jsonVersion"`
		TargetPrefix string `json:"targetPrefix"`
		XMLNamespace string `json:"xmlNamespace"`
		APIVersion   string `json:"apiVersion"`
	} `json:"metadata"`
	Operations map[string]*operation `json:"operations"`
	Shapes     map[string]*shape     `json:"shapes"`
}

type operation struct {
	HTTP struct {
		Method       string `json:"method"`
		RequestURI   string `json:"requestUri"`
		ResponseCode int    `json:"responseCode"`
	} `json:"http"`
	Input  *member `json:"input"`
	Output *member `json:"output"`
}

// member is a reference to a shape, and how it is written where it stands.
type member struct {
	Shape         string `json:"shape"`
	Location      string `json:"location"`
	LocationName  string `json:"locationName"`
	QueryName     string `json:"queryName"`
	ResultWrapper string `json:"resultWrapper"`
	Flattened     bool   `json:"flattened"`
}

type shape struct {
	Type         string             `json:"type"`
	Members      map[string]*member `json:"members"`
	Required     []string           `json:"required"`
	Member       *member            `json:"member"`
	Key          *member            `json:"key"`
	Value        *member            `json:"value"`
	Enum         []string           `json:"enum"`
	Pattern      string             `json:"pattern"`
	Min          *float64           `json:"min"`
	Max          *float64           `json:"max"`
	Flattened    bool               `json:"flattened"`
	Payload      string             `json:"payload"`
	Streaming    bool               `json:"streaming"`
	LocationName string             `json:"locationName"`
}

// readAPIs reads all models, by the name that a signature's scope has for the service.
func readAPIs() (map[string]*api, error) {
	entries, err := files.ReadDir("models")
	if err != nil {
		return nil, err
	}
	apis := map[string]*api{}
	for _, entry := range entries {
		if entry.Name() == "operations.json" {
			continue
		}
		raw, err := files.ReadFile(path.Join("models", entry.Name()))
		if err != nil {
			return nil, err
		}
		var a api
		if err := json.Unmarshal(raw, &a); err != nil {
			return nil, fmt.Errorf("model %s: %w", entry.Name(), err)
		}
		apis[strings.TrimSuffix(entry.Name(), ".json")] = &a
	}
	return apis, nil
}

// wire is the name of a member in JSON and XML.
func (m *member) wire(name string) string {
	if m.LocationName != "" {
		return m.LocationName
	}
	return name
}

// flat tells whether the items of a list stand without an element around them.
func (a *api) flat(m *member) bool { return m.Flattened || a.Shapes[m.Shape].Flattened }

// item is the element's name of a list's items.
func (s *shape) item() string {
	if s.Member.LocationName != "" {
		return s.Member.LocationName
	}
	return "member"
}
