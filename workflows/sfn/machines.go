package sfn

import (
	"cmp"
	"context"
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
	if err := roleARN(role); err != nil {
		return nil, err
	}
	if err := settings.check(); err != nil {
		return nil, err
	}

	in := engine.CreateInput{Name: name, Definition: definition, RoleARN: role, Type: engine.Standard, Logging: settings.logging}
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
	IncludeExecutionData bool            `json:"includeExecutionData"`
	Level                engine.LogLevel `json:"level"`
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
	machine, err := h.engine.DescribeStateMachine(ctx, engine.DescribeMachineInput{StateMachineARN: arn})
	if err != nil {
		return nil, err
	}
	out := stateMachine{
		CreationDate: timestamp(machine.CreatedAt), Definition: machine.Definition,
		Logging: loggingConfiguration{machine.Logging.IncludeExecutionData, cmp.Or(machine.Logging.Level, engine.LogOff)},
		Name:    machine.Name, RevisionID: machine.RevisionID, RoleARN: machine.RoleARN, StateMachineARN: machine.ARN,
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
	in := engine.ListMachinesInput{MaxResults: pageSize(r), NextToken: pageToken(r, 1024)}
	if err := r.err(); err != nil {
		return nil, err
	}
	page, err := h.engine.ListStateMachines(ctx, in)
	if err != nil {
		return nil, err
	}
	out := struct {
		NextToken     string        `json:"nextToken,omitempty"`
		StateMachines []machineItem `json:"stateMachines"`
	}{page.NextToken, make([]machineItem, len(page.StateMachines))}
	for i, m := range page.StateMachines {
		out.StateMachines[i] = machineItem{timestamp(m.CreatedAt), m.Name, m.ARN, m.Type}
	}
	return out, nil
}

// roleARN refuses what is not the ARN of an IAM role.
func roleARN(arn string) error {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "iam" || parts[3] != "" || len(parts[4]) != 12 ||
		strings.Trim(parts[4], "0123456789") != "" || !strings.HasPrefix(parts[5], "role/") || parts[5] == "role/" {
		return refusal("InvalidArn", "Invalid Role Arn: '"+arn+"'")
	}
	return nil
}
