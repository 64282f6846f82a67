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

func definitionMember() []rule { return []rule{notEmpty, bytesAtMost(maxDefinition)} }

func machineType(r *request) engine.MachineType {
	if kind := r.text("type", oneOf("STANDARD", "EXPRESS")); kind != nil {
		return engine.MachineType(*kind)
	}
	return engine.Standard
}

func includedData(r *request) (metadataOnly bool) {
	value := r.text("includedData", oneOf("ALL_DATA", "METADATA_ONLY"))
	return value != nil && *value == "METADATA_ONLY"
}

func (h *Handler) createStateMachine(ctx context.Context, r *request) (any, error) {
	in := engine.CreateInput{
		Name:       r.required("name", notEmpty, atMost(80)),
		Definition: r.demand("definition", r.secret("definition", definitionMember()...)),
		RoleARN:    r.required("roleArn", arnMember()...),
		Type:       machineType(r),
	}
	settings := readSettings(r)
	if err := r.err(); err != nil {
		return nil, err
	}
	if err := roleARN(in.RoleARN); err != nil {
		return nil, err
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	if settings.logging != nil {
		in.Logging = *settings.logging
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

func (h *Handler) updateStateMachine(ctx context.Context, r *request) (any, error) {
	in := engine.UpdateInput{
		StateMachineARN: r.required("stateMachineArn", arnMember()...),
		Definition:      r.secret("definition", definitionMember()...),
		RoleARN:         r.text("roleArn", arnMember()...),
	}
	settings := readSettings(r)
	if err := r.err(); err != nil {
		return nil, err
	}
	in.Logging, in.Tracing = settings.logging, settings.traced
	// That there is nothing to update is said before anything else (recording).
	if in.Definition != nil || in.RoleARN != nil || in.Logging != nil || in.Tracing {
		if in.RoleARN != nil {
			if err := roleARN(*in.RoleARN); err != nil {
				return nil, err
			}
		}
		if err := settings.check(); err != nil {
			return nil, err
		}
	}
	updated, err := h.engine.UpdateStateMachine(ctx, in)
	if err != nil {
		return nil, err
	}
	return struct {
		RevisionID string    `json:"revisionId,omitempty"`
		UpdateDate timestamp `json:"updateDate"`
	}{updated.RevisionID, timestamp(updated.UpdateDate)}, nil
}

func (h *Handler) deleteStateMachine(ctx context.Context, r *request) (any, error) {
	arn := r.required("stateMachineArn", arnMember()...)
	if err := r.err(); err != nil {
		return nil, err
	}
	if err := h.engine.DeleteStateMachine(ctx, engine.DeleteMachineInput{StateMachineARN: arn}); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}

// configuration is what every description of a machine says of a revision.
type configuration struct {
	Definition string                  `json:"definition"`
	Encryption encryptionConfiguration `json:"encryptionConfiguration"`
	Logging    loggingConfiguration    `json:"loggingConfiguration"`
	Name       string                  `json:"name"`
	RevisionID string                  `json:"revisionId,omitempty"`
	RoleARN    string                  `json:"roleArn"`
	ARN        string                  `json:"stateMachineArn"`
	Tracing    tracingConfiguration    `json:"tracingConfiguration"`
	Variables  map[string][]string     `json:"variableReferences,omitempty"`
}

type encryptionConfiguration struct {
	Marker marker `json:"__type"`
	Type   string `json:"type"`
}

type loggingConfiguration struct {
	Marker       marker           `json:"__type"`
	Destinations []logDestination `json:"destinations,omitzero"`
	Data         bool             `json:"includeExecutionData"`
	Level        engine.LogLevel  `json:"level"`
}

type logDestination struct {
	Group struct {
		ARN string `json:"logGroupArn"`
	} `json:"cloudWatchLogsLogGroup"`
}

type tracingConfiguration struct {
	Marker  marker `json:"__type"`
	Enabled bool   `json:"enabled"`
}

func describe(machine engine.StateMachine, metadataOnly bool) configuration {
	out := configuration{
		Definition: machine.Definition,
		Encryption: encryptionConfiguration{markerOf("EncryptionConfiguration"), "AWS_OWNED_KEY"},
		Logging: loggingConfiguration{
			Marker: markerOf("LoggingConfiguration"),
			Data:   machine.Logging.IncludeExecutionData,
			Level:  cmp.Or(machine.Logging.Level, engine.LogOff),
		},
		Name: machine.Name, RevisionID: machine.RevisionID, RoleARN: machine.RoleARN, ARN: machine.ARN,
		Tracing:   tracingConfiguration{Marker: markerOf("TracingConfiguration")},
		Variables: machine.VariableReferences,
	}
	if machine.Logging.Destinations != nil {
		out.Logging.Destinations = make([]logDestination, len(machine.Logging.Destinations))
		for i, arn := range machine.Logging.Destinations {
			out.Logging.Destinations[i].Group.ARN = arn
		}
	}
	if metadataOnly {
		out.Definition, out.Variables = "{}", nil
	}
	return out
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
	return struct {
		configuration
		CreationDate timestamp            `json:"creationDate"`
		Status       engine.MachineStatus `json:"status"`
		Type         engine.MachineType   `json:"type"`
	}{describe(machine, metadataOnly), timestamp(machine.CreatedAt), machine.Status, machine.Type}, nil
}

func (h *Handler) describeStateMachineForExecution(ctx context.Context, r *request) (any, error) {
	arn := r.required("executionArn", arnMember()...)
	metadataOnly := includedData(r)
	if err := r.err(); err != nil {
		return nil, err
	}
	machine, err := h.engine.DescribeStateMachineForExecution(ctx, engine.DescribeInput{ExecutionARN: arn})
	if err != nil {
		return nil, err
	}
	return struct {
		configuration
		UpdateDate timestamp `json:"updateDate"`
	}{describe(machine, metadataOnly), timestamp(machine.UpdatedAt)}, nil
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
