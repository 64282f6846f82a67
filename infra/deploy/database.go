package deploy

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// keptSnapshots of deployments stay, for keptFor at most (S2.64d): they hold personal
// data. Others go when a new one is there.
const (
	keptSnapshots = 5
	keptFor       = 7 * 24 * time.Hour
)

func (s *Session) clusterName() string {
	if i := s.Config.Database.Import; i != nil {
		return i.Cluster
	}
	return s.Config.Cluster()
}

// cluster gives the status of the database cluster; empty when there is none.
func (s *Session) cluster(ctx context.Context) (string, error) {
	out, err := s.Backend.RDS.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String(s.clusterName())})
	var missing *rdstypes.DBClusterNotFoundFault
	if errors.As(err, &missing) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return aws.ToString(out.DBClusters[0].Status), nil
}

var notInIdentifier = regexp.MustCompile(`[^a-z0-9]+`)

func (s *Session) snapshotPrefix() string { return "nigredo-" + s.Config.Environment + "-" }

// snapshot is the identifier of a release's snapshot: letters, digits and single
// hyphens, as RDS wants it.
func (s *Session) snapshot(release string) string {
	return strings.Trim(s.snapshotPrefix()+notInIdentifier.ReplaceAllString(strings.ToLower(release), "-"), "-")
}

// backup records what is live, makes a snapshot of the cluster and waits until it can
// be restored.
func (r release) backup(ctx context.Context) error {
	if err := r.remember(ctx); err != nil {
		return fmt.Errorf("record what is live: %w", err)
	}
	status, err := r.cluster(ctx)
	if err != nil {
		return fmt.Errorf("describe cluster %s: %w", r.clusterName(), err)
	}
	if status == "" {
		if !r.j.First {
			return fmt.Errorf("the cluster %s does not exist", r.clusterName())
		}
		r.tell("  there is no cluster yet: nothing to back up")
		return nil
	}
	id := r.snapshot(r.j.Release)
	_, err = r.Backend.RDS.CreateDBClusterSnapshot(ctx, &rds.CreateDBClusterSnapshotInput{
		DBClusterIdentifier: aws.String(r.clusterName()), DBClusterSnapshotIdentifier: aws.String(id),
	})
	var there *rdstypes.DBClusterSnapshotAlreadyExistsFault
	if err != nil && !errors.As(err, &there) {
		return fmt.Errorf("create snapshot %s: %w", id, err)
	}
	if err := r.await(ctx, 15*time.Second, 240, "snapshot "+id, func(ctx context.Context) (bool, error) {
		out, err := r.Backend.RDS.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: aws.String(id)})
		if err != nil {
			return false, fmt.Errorf("describe snapshot %s: %w", id, err)
		}
		switch status := aws.ToString(out.DBClusterSnapshots[0].Status); status {
		case "available":
			return true, nil
		case "creating", "copying":
			return false, nil
		default:
			return false, fmt.Errorf("snapshot %s is %q", id, status)
		}
	}); err != nil {
		return err
	}
	r.tell("  snapshot %s", id)
	return r.forgetSnapshots(ctx, id)
}

// forgetSnapshots deletes those of our snapshots that are not kept.
func (r release) forgetSnapshots(ctx context.Context, current string) error {
	var ours []rdstypes.DBClusterSnapshot
	pages := rds.NewDescribeDBClusterSnapshotsPaginator(r.Backend.RDS, &rds.DescribeDBClusterSnapshotsInput{
		DBClusterIdentifier: aws.String(r.clusterName()), SnapshotType: aws.String("manual"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list snapshots: %w", err)
		}
		for _, snapshot := range page.DBClusterSnapshots {
			if id := aws.ToString(snapshot.DBClusterSnapshotIdentifier); strings.HasPrefix(id, r.snapshotPrefix()) && id != current {
				ours = append(ours, snapshot)
			}
		}
	}
	slices.SortFunc(ours, func(a, b rdstypes.DBClusterSnapshot) int {
		return aws.ToTime(b.SnapshotCreateTime).Compare(aws.ToTime(a.SnapshotCreateTime))
	})
	for i, snapshot := range ours {
		if i < keptSnapshots-1 && r.Now().Sub(aws.ToTime(snapshot.SnapshotCreateTime)) < keptFor {
			continue
		}
		if _, err := r.Backend.RDS.DeleteDBClusterSnapshot(ctx, &rds.DeleteDBClusterSnapshotInput{
			DBClusterSnapshotIdentifier: snapshot.DBClusterSnapshotIdentifier,
		}); err != nil {
			return fmt.Errorf("delete snapshot %s: %w", aws.ToString(snapshot.DBClusterSnapshotIdentifier), err)
		}
	}
	return nil
}

// migrate gives the migrating function the new code and runs it. No version is
// published: CloudFormation publishes one of the same code in the next step, and
// Lambda refuses a second. Nobody but this step calls the unpublished code.
func (r release) migrate(ctx context.Context) error {
	name := aws.String(r.Config.Function(r.migrator()))
	if !r.j.First {
		code, err := r.zip(r.migrator().Activity)
		if err != nil {
			return err
		}
		if _, err := r.Backend.Lambda.UpdateFunctionCode(ctx, &lambda.UpdateFunctionCodeInput{FunctionName: name, ZipFile: code}); err != nil {
			return fmt.Errorf("update %s: %w", *name, err)
		}
		if err := r.await(ctx, 2*time.Second, 60, "update of "+*name, func(ctx context.Context) (bool, error) {
			out, err := r.Backend.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: name})
			if err != nil {
				return false, fmt.Errorf("read %s: %w", *name, err)
			}
			if out.LastUpdateStatus == types.LastUpdateStatusFailed {
				return false, fmt.Errorf("update of %s: %s", *name, aws.ToString(out.LastUpdateStatusReason))
			}
			return out.LastUpdateStatus == types.LastUpdateStatusSuccessful, nil
		}); err != nil {
			return err
		}
	}
	stood, err := r.askMigrate(ctx, "migrate")
	if err != nil {
		return err
	}
	if stood.After != r.newest() {
		return fmt.Errorf("the schema is at migration %03d, and this program's newest is %03d: %s was built from another commit", stood.After, r.newest(), *name)
	}
	r.tell("  schema from migration %03d to %03d", stood.Before, stood.After)
	return nil
}
