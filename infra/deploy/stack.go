package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// code is the error code that AWS answered with; empty for any other error.
func code(err error) string {
	var answer smithy.APIError
	if errors.As(err, &answer) {
		return answer.ErrorCode()
	}
	return ""
}

// describe gives a stack; nil when there is none, or only the shell of one that was
// never made.
func (s *Session) describe(ctx context.Context, stack string) (*types.Stack, error) {
	out, err := s.home(stack).CloudFormation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(stack)})
	if code(err) == "ValidationError" && strings.Contains(err.Error(), "does not exist") {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe stack %s: %w", stack, err)
	}
	if len(out.Stacks) != 1 || out.Stacks[0].StackStatus == types.StackStatusReviewInProgress || out.Stacks[0].StackStatus == types.StackStatusDeleteComplete {
		return nil, nil
	}
	return &out.Stacks[0], nil
}

// stackStatus is empty when there is no such stack.
func (s *Session) stackStatus(ctx context.Context, stack string) (types.StackStatus, error) {
	found, err := s.describe(ctx, stack)
	if found == nil || err != nil {
		return "", err
	}
	return found.StackStatus, nil
}

// standing tells whether a stack was ever made whole. What is left of one whose
// creation failed holds nothing; CDK deletes it before it tries again.
func (s *Session) standing(ctx context.Context, stack string) (bool, error) {
	switch status, err := s.stackStatus(ctx, stack); status {
	case "", types.StackStatusCreateFailed, types.StackStatusRollbackComplete, types.StackStatusRollbackFailed, types.StackStatusDeleteFailed:
		return false, err
	default:
		return true, err
	}
}

// outputs gives what a stack puts out; an error when it lacks one of the wanted keys.
func (s *Session) outputs(ctx context.Context, stack string, wanted ...string) (map[string]string, error) {
	found, err := s.describe(ctx, stack)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, fmt.Errorf("stack %s does not exist: deploy it first", stack)
	}
	outputs := map[string]string{}
	for _, o := range found.Outputs {
		outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	for _, key := range wanted {
		if outputs[key] == "" {
			return nil, fmt.Errorf("stack %s puts out no %s", stack, key)
		}
	}
	return outputs, nil
}

// versions are the versions that a stack's template made, of functions and machines
// that have the alias.
type versions struct {
	functions, machines map[string]string
}

// stackVersions asks CloudFormation for the versions of its last deployment.
func (s *Session) stackVersions(ctx context.Context, stack string) (versions, error) {
	v := versions{functions: map[string]string{}, machines: map[string]string{}}
	made := map[string]map[string]string{"AWS::Lambda::Version": {}, "AWS::StepFunctions::StateMachineVersion": {}}
	aliased := map[string]bool{}
	pages := cloudformation.NewListStackResourcesPaginator(s.home(stack).CloudFormation, &cloudformation.ListStackResourcesInput{StackName: aws.String(stack)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return v, fmt.Errorf("list resources of %s: %w", stack, err)
		}
		for _, r := range page.StackResourceSummaries {
			arn, last := cutLast(aws.ToString(r.PhysicalResourceId))
			if strings.HasPrefix(string(r.ResourceStatus), "DELETE_") {
				continue
			}
			switch kind := aws.ToString(r.ResourceType); kind {
			case "AWS::Lambda::Version", "AWS::StepFunctions::StateMachineVersion":
				made[kind][arn] = last
			case "AWS::Lambda::Alias", "AWS::StepFunctions::StateMachineAlias":
				aliased[arn] = aliased[arn] || last == config.Alias
			}
		}
	}
	for arn, version := range made["AWS::Lambda::Version"] {
		if _, name := cutLast(arn); aliased[arn] {
			v.functions[name] = version
		}
	}
	for arn, version := range made["AWS::StepFunctions::StateMachineVersion"] {
		if _, name := cutLast(arn); aliased[arn] {
			v.machines[name] = version
		}
	}
	return v, nil
}

// cutLast cuts an ARN before its last part.
func cutLast(arn string) (before, last string) {
	i := strings.LastIndexByte(arn, ':')
	return arn[:max(i, 0)], arn[i+1:]
}

// liveFunction gives the version behind a function's alias; mixed is true while the
// alias shares calls between two.
func (s *Session) liveFunction(ctx context.Context, name string) (version string, mixed bool, err error) {
	out, err := s.Backend.Lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: aws.String(name), Name: aws.String(config.Alias)})
	if err != nil {
		return "", false, fmt.Errorf("read alias of %s: %w", name, err)
	}
	return aws.ToString(out.FunctionVersion), out.RoutingConfig != nil && len(out.RoutingConfig.AdditionalVersionWeights) > 0, nil
}

// moveFunction puts the alias of a function on one version, unless it is there.
func (s *Session) moveFunction(ctx context.Context, name, version string) error {
	current, mixed, err := s.liveFunction(ctx, name)
	if err != nil || (current == version && !mixed) {
		return err
	}
	if _, err := s.Backend.Lambda.UpdateAlias(ctx, &lambda.UpdateAliasInput{
		FunctionName: aws.String(name), Name: aws.String(config.Alias), FunctionVersion: aws.String(version),
		RoutingConfig: &lambdatypes.AliasRoutingConfiguration{AdditionalVersionWeights: map[string]float64{}},
	}); err != nil {
		return fmt.Errorf("move alias of %s to version %s: %w", name, version, err)
	}
	s.tell("  %s: version %s (was %s)", name, version, current)
	return nil
}

func (s *Session) machineARN(name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:stateMachine:%s", s.Config.Region, s.Config.Account, name)
}

// liveMachine gives the version behind a machine's alias; mixed is true while the
// alias shares executions between two.
func (s *Session) liveMachine(ctx context.Context, name string) (version string, mixed bool, err error) {
	out, err := s.Backend.StepFunctions.DescribeStateMachineAlias(ctx, &sfn.DescribeStateMachineAliasInput{
		StateMachineAliasArn: aws.String(s.machineARN(name) + ":" + config.Alias),
	})
	if err != nil {
		return "", false, fmt.Errorf("read alias of %s: %w", name, err)
	}
	most := int32(-1)
	for _, route := range out.RoutingConfiguration {
		if route.Weight > most {
			_, version = cutLast(aws.ToString(route.StateMachineVersionArn))
			most = route.Weight
		}
	}
	return version, len(out.RoutingConfiguration) > 1, nil
}

// moveMachine puts the alias of a machine on one version, unless it is there.
func (s *Session) moveMachine(ctx context.Context, name, version string) error {
	current, mixed, err := s.liveMachine(ctx, name)
	if err != nil || (current == version && !mixed) {
		return err
	}
	if _, err := s.Backend.StepFunctions.UpdateStateMachineAlias(ctx, &sfn.UpdateStateMachineAliasInput{
		StateMachineAliasArn: aws.String(s.machineARN(name) + ":" + config.Alias),
		RoutingConfiguration: []sfntypes.RoutingConfigurationListItem{{
			StateMachineVersionArn: aws.String(s.machineARN(name) + ":" + version), Weight: 100,
		}},
	}); err != nil {
		return fmt.Errorf("move alias of %s to version %s: %w", name, version, err)
	}
	s.tell("  %s: version %s (was %s)", name, version, current)
	return nil
}
