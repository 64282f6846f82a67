package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Changes is what a deployment would change in one stack.
type Changes struct {
	Stack string   `json:"stack"`
	New   bool     `json:"new"`
	Lines []string `json:"changes"`
}

// DryRun asks CloudFormation what a deployment would change, in words. Of a stack
// that exists a change set is made and deleted again, with its template in CDK's
// bucket in between; of a new one the template is read. Nothing is deployed.
func (s *Session) DryRun(ctx context.Context, part Part) ([]Changes, error) {
	a, _, err := s.prerequisites(ctx, part)
	if err != nil {
		return nil, &Failure{Step: "prerequisites", Err: err, Next: "put this right and run the same command again; nothing was changed"}
	}
	stacks := s.stacks()
	switch part {
	case Backend:
		stacks = s.backendStacks()
	case Frontend:
		stacks = []string{s.Config.FrontendStack()}
	case Everything:
	}
	var found []Changes
	for _, stack := range stacks {
		existing, err := s.describe(ctx, stack)
		if err != nil {
			return nil, err
		}
		c := Changes{Stack: stack, New: existing == nil}
		if c.New {
			c.Lines = created(a.templates[stack])
		} else if c.Lines, err = s.changeSet(ctx, stack, a.templates[stack]); err != nil {
			return nil, fmt.Errorf("change set of %s: %w", stack, err)
		}
		found = append(found, c)
	}
	return found, nil
}

// created counts the resources of a new stack by type.
func created(t *template) []string {
	counts := map[string]int{}
	for _, r := range t.Resources {
		counts[r.Type]++
	}
	lines := make([]string, 0, len(counts))
	for kind, n := range counts {
		lines = append(lines, fmt.Sprintf("creates %d %s", n, kind))
	}
	slices.Sort(lines)
	return lines
}

func (s *Session) changeSet(ctx context.Context, stack string, t *template) (lines []string, err error) {
	home := s.home(stack)
	bucket := fmt.Sprintf("cdk-hnb659fds-assets-%s-%s", s.Config.Account, home.Region)
	key := "nigredo-dry-run/" + stack + ".json"
	if _, err := home.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: bytes.NewReader(t.raw)}); err != nil {
		return nil, err
	}
	// An interrupted dry run cleans up all the same.
	clean := context.WithoutCancel(ctx)
	defer func() {
		_, removed := home.S3.DeleteObject(clean, &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
		err = errors.Join(err, removed)
	}()
	name := aws.String("nigredo-dry-run-" + s.Now().UTC().Format("20060102t150405"))
	if _, err := home.CloudFormation.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
		StackName: aws.String(stack), ChangeSetName: name, ChangeSetType: types.ChangeSetTypeUpdate,
		TemplateURL:  aws.String(fmt.Sprintf("https://%s.s3.%s.amazonaws.com/%s", bucket, home.Region, key)),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam, types.CapabilityCapabilityNamedIam},
	}); err != nil {
		return nil, err
	}
	defer func() {
		_, removed := home.CloudFormation.DeleteChangeSet(clean, &cloudformation.DeleteChangeSetInput{StackName: aws.String(stack), ChangeSetName: name})
		err = errors.Join(err, removed)
	}()
	describe := &cloudformation.DescribeChangeSetInput{StackName: aws.String(stack), ChangeSetName: name}
	var set *cloudformation.DescribeChangeSetOutput
	if err := s.await(ctx, 2*time.Second, 90, "change set", func(ctx context.Context) (bool, error) {
		var err error
		set, err = home.CloudFormation.DescribeChangeSet(ctx, describe)
		if err != nil {
			return false, err
		}
		return set.Status == types.ChangeSetStatusCreateComplete || set.Status == types.ChangeSetStatusFailed, nil
	}); err != nil {
		return nil, err
	}
	if reason := aws.ToString(set.StatusReason); set.Status == types.ChangeSetStatusFailed {
		if strings.Contains(reason, "didn't contain changes") || strings.Contains(reason, "No updates are to be performed") {
			return []string{"changes nothing"}, nil
		}
		return nil, errors.New(reason)
	}
	for {
		for _, change := range set.Changes {
			lines = append(lines, sentence(change.ResourceChange))
		}
		if set.NextToken == nil {
			break
		}
		describe.NextToken = set.NextToken
		if set, err = home.CloudFormation.DescribeChangeSet(ctx, describe); err != nil {
			return nil, err
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// sentence puts a change into words; what is lost with it comes first.
func sentence(c *types.ResourceChange) string {
	if c == nil {
		return "changes something that CloudFormation does not name"
	}
	what := aws.ToString(c.ResourceType) + " " + aws.ToString(c.LogicalResourceId)
	switch {
	case c.Action == types.ChangeActionModify && c.Replacement == types.ReplacementTrue:
		return "REPLACES " + what
	case c.Action == types.ChangeActionModify && c.Replacement == types.ReplacementConditional:
		return "may REPLACE " + what
	case c.Action == types.ChangeActionRemove:
		return "REMOVES " + what
	case c.Action == types.ChangeActionAdd:
		return "adds " + what
	}
	return "changes " + what
}
