package sfn

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

const maxDefinition = 1 << 20

// arnMember is the constraint on every ARN member.
func arnMember() []rule { return []rule{notEmpty, atMost(256)} }

func includedData(r *request) (metadataOnly bool) {
	value := r.text("includedData", oneOf("ALL_DATA", "METADATA_ONLY"))
	return value != nil && *value == "METADATA_ONLY"
}

func (h *Handler) createStateMachine(ctx context.Context, r *request) (any, error) {
	name := r.required("name", notEmpty, atMost(80))
	definition := r.demand("definition", r.secret("definition", notEmpty, bytesAtMost(maxDefinition)))
	role := r.required("roleArn", arnMember()...)
	kind := r.text("type", oneOf("STANDARD", "EXPRESS"))
	settings := readSettings(r)
	if err := r.err(); err != nil {
		return nil, err
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	if err := roleARN(role); err != nil {
		return nil, err
	}
	if err := settings.check(); err != nil {
		return nil, err
	}

	in := engine.CreateInput{Name: name, Definition: definition, RoleARN: role, Type: engine.Standard}
	if kind != nil {
		in.Type = engine.MachineType(*kind)
	}
	machine, err := h.engine.CreateStateMachine(ctx, in)
	if err != nil {
		return nil, err
	}
	return struct {
		CreationDate    timestamp `json:"creationDate"`
		StateMachineARN string    `json:"stateMachineArn"`
	}{timestamp(machine.CreatedAt), machine.ARN}, nil
}

type loggingConfiguration struct {
	IncludeExecutionData bool   `json:"includeExecutionData"`
	Level                string `json:"level"`
}

type tracingConfiguration struct {
	Enabled bool `json:"enabled"`
}

type stateMachine struct {
	CreationDate    timestamp            `json:"creationDate"`
	Definition      string               `json:"definition"`
	Logging         loggingConfiguration `json:"loggingConfiguration"`
	Name            string               `json:"name"`
	RevisionID      string               `json:"revisionId,omitempty"`
	RoleARN         string               `json:"roleArn"`
	StateMachineARN string               `json:"stateMachineArn"`
	Status          string               `json:"status"`
	Tracing         tracingConfiguration `json:"tracingConfiguration"`
	Type            engine.MachineType   `json:"type"`
}

func (h *Handler) describeStateMachine(ctx context.Context, r *request) (any, error) {
	arn := r.required("stateMachineArn", arnMember()...)
	metadataOnly := includedData(r)
	if err := r.err(); err != nil {
		return nil, err
	}
	if err := machineARN(arn); err != nil {
		return nil, err
	}
	machine, err := h.engine.DescribeStateMachine(ctx, arn)
	if err != nil {
		return nil, err
	}
	out := stateMachine{
		CreationDate: timestamp(machine.CreatedAt), Definition: machine.Definition, Logging: loggingConfiguration{Level: "OFF"},
		Name: machine.Name, RevisionID: machine.RevisionID, RoleARN: machine.RoleARN, StateMachineARN: machine.ARN,
		Status: "ACTIVE", Type: machine.Type,
	}
	if metadataOnly {
		out.Definition = "{}"
	}
	return out, nil
}

type machineItem struct {
	CreationDate    timestamp          `json:"creationDate"`
	Name            string             `json:"name"`
	StateMachineARN string             `json:"stateMachineArn"`
	Type            engine.MachineType `json:"type"`
}

func (h *Handler) listStateMachines(ctx context.Context, r *request) (any, error) {
	limit := pageSize(r)
	token := r.text("nextToken", notEmpty, atMost(1024))
	if err := r.err(); err != nil {
		return nil, err
	}
	after := ""
	if token != nil {
		name, err := base64.RawURLEncoding.DecodeString(*token)
		if err != nil || len(name) == 0 || checkName(string(name)) != nil {
			return nil, refusal("InvalidToken", "Invalid Token: '"+*token+"'")
		}
		after = string(name)
	}
	machines, err := h.engine.ListStateMachines(ctx)
	if err != nil {
		return nil, err
	}
	out := struct {
		NextToken     string        `json:"nextToken,omitempty"`
		StateMachines []machineItem `json:"stateMachines"`
	}{StateMachines: []machineItem{}}
	for _, m := range machines {
		// The token is the last name of the page before, so that a machine
		// created meanwhile moves none across a page border.
		if strings.Compare(m.Name, after) <= 0 {
			continue
		}
		if len(out.StateMachines) == limit {
			out.NextToken = base64.RawURLEncoding.EncodeToString([]byte(out.StateMachines[limit-1].Name))
			break
		}
		out.StateMachines = append(out.StateMachines, machineItem{timestamp(m.CreatedAt), m.Name, m.ARN, m.Type})
	}
	return out, nil
}

// pageSize reads maxResults: 0 and absent mean 100.
func pageSize(r *request) int {
	if n := r.integer("maxResults", 0, 1000); n != 0 {
		return n
	}
	return 100
}
