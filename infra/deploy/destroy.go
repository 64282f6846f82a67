package deploy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Destroy deletes the stacks of dev or staging, the last one first, and the record of
// releases. Production is refused. Snapshots stay.
func (s *Session) Destroy(ctx context.Context) error {
	if s.Config.Production() {
		return refuse("prod is never destroyed: nigredo rollback takes a version back, nigredo stop-traffic stops traffic")
	}
	who, err := s.Backend.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("AWS does not take the credentials, sign in again (aws sso login): %w", err)
	}
	if got := aws.ToString(who.Account); got != s.Config.Account {
		return refuse("the credentials are of account %s, and infra/config/%s.json names %s", got, s.Config.Environment, s.Config.Account)
	}
	stacks := s.stacks()
	slices.Reverse(stacks)
	for _, stack := range stacks {
		if err := s.deleteStack(ctx, stack); err != nil {
			return &Failure{Step: "delete " + stack, Err: err, Next: "mend what CloudFormation names in its events and run the same command again; a bucket of logs may have got new ones in the meantime"}
		}
	}
	if err := s.forget(ctx); err != nil {
		return &Failure{Step: "record", Err: err, Next: "the stacks are gone; run the same command again to delete the record of them"}
	}
	s.tell("%s is gone; snapshots of its database stay. Next: delete those in the RDS console, unless they are wanted", s.Config.Environment)
	return nil
}

func (s *Session) deleteStack(ctx context.Context, stack string) error {
	found, err := s.describe(ctx, stack)
	if err != nil || found == nil {
		return err
	}
	buckets, err := s.buckets(ctx, stack)
	if err != nil {
		return err
	}
	for _, bucket := range buckets {
		if err := s.empty(ctx, s.home(stack), bucket); err != nil {
			return err
		}
	}
	s.tell("deleting %s", stack)
	if _, err := s.home(stack).CloudFormation.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(stack)}); err != nil {
		return err
	}
	return s.await(ctx, 15*time.Second, 240, "deletion of "+stack, func(ctx context.Context) (bool, error) {
		status, err := s.stackStatus(ctx, stack)
		if status == cfntypes.StackStatusDeleteFailed {
			return false, fmt.Errorf("CloudFormation could not delete %s", stack)
		}
		return status == "", err
	})
}

// buckets are those of a stack that are there still.
func (s *Session) buckets(ctx context.Context, stack string) ([]string, error) {
	var found []string
	pages := cloudformation.NewListStackResourcesPaginator(s.home(stack).CloudFormation, &cloudformation.ListStackResourcesInput{StackName: aws.String(stack)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list resources of %s: %w", stack, err)
		}
		for _, r := range page.StackResourceSummaries {
			if aws.ToString(r.ResourceType) == "AWS::S3::Bucket" && r.ResourceStatus != cfntypes.ResourceStatusDeleteComplete && aws.ToString(r.PhysicalResourceId) != "" {
				found = append(found, aws.ToString(r.PhysicalResourceId))
			}
		}
	}
	return found, nil
}

// empty deletes every version of every object: a bucket with content is not deleted.
func (s *Session) empty(ctx context.Context, home *Services, bucket string) error {
	pages := s3.NewListObjectVersionsPaginator(home.S3, &s3.ListObjectVersionsInput{Bucket: aws.String(bucket)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list versions of %s: %w", bucket, err)
		}
		var objects []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			objects = append(objects, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			objects = append(objects, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(objects) == 0 {
			continue
		}
		out, err := home.S3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: aws.String(bucket), Delete: &s3types.Delete{Objects: objects, Quiet: aws.Bool(true)}})
		if err != nil {
			return fmt.Errorf("empty %s: %w", bucket, err)
		}
		if len(out.Errors) > 0 {
			return fmt.Errorf("empty %s: %d objects stay, the first: %s", bucket, len(out.Errors), aws.ToString(out.Errors[0].Message))
		}
	}
	return nil
}

// forget deletes the parameters of deployments.
func (s *Session) forget(ctx context.Context) error {
	names := []string{s.Config.Parameter("deployment"), s.Config.Parameter("live")}
	pages := ssm.NewGetParametersByPathPaginator(s.Backend.SSM, &ssm.GetParametersByPathInput{Path: aws.String(s.Config.Parameter("releases"))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list releases: %w", err)
		}
		for _, p := range page.Parameters {
			names = append(names, aws.ToString(p.Name))
		}
	}
	for some := range slices.Chunk(names, 10) { // as many as one call takes
		if _, err := s.Backend.SSM.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: some}); err != nil {
			return fmt.Errorf("delete the record of releases: %w", err)
		}
	}
	return nil
}
