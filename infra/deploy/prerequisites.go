package deploy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/migrations"
)

const (
	leastNode = 20
	// CDK is the version of the CDK command line that infra/tools/cdk pins.
	CDK = "2.1148.1"
)

// noClauses is what the committed configuration has for the transfer clauses.
const noClauses = "to be recorded before the first deployment"

// prerequisites looks, changes nothing, and tells everything that is missing at once
// (S1.55 to S1.63).
func (s *Session) prerequisites(ctx context.Context, part Part) (*assembly, string, error) {
	c := s.Config
	if c.Account == config.Placeholder {
		return nil, "", refuse("infra/config/%s.json has the placeholder for its account", c.Environment)
	}
	who, err := s.Backend.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, "", fmt.Errorf("AWS does not take the credentials, sign in again (aws sso login): %w", err)
	}
	if got := aws.ToString(who.Account); got != c.Account {
		return nil, "", refuse("the credentials are of account %s, and infra/config/%s.json names %s", got, c.Environment, c.Account)
	}
	a, err := s.readAssembly()
	if err != nil {
		return nil, "", err
	}
	var faults []string
	for _, look := range []func(context.Context, *assembly) error{
		s.lookContent, s.lookTools, s.lookBootstrap, s.lookPermissions, s.lookDatabase, s.lookWebhook,
		func(ctx context.Context, _ *assembly) error { return s.lookMigrations(ctx, part) },
	} {
		if err := look(ctx, a); err != nil {
			faults = append(faults, err.Error())
		}
	}
	if err := all(faults); err != nil {
		return nil, "", refuse("%w", err)
	}
	return a, aws.ToString(who.Arn), nil
}

func (s *Session) lookContent(context.Context, *assembly) error {
	if !s.Config.Production() {
		return nil
	}
	if s.Config.TransferClauses == noClauses {
		return errors.New("infra/config/prod.json: transferClauses must record the contractual clauses, and says that they are yet to be recorded")
	}
	if s.Dirty {
		return errors.New("the work tree has changes that are not committed: prod is deployed from a commit")
	}
	return nil
}

func (s *Session) lookTools(ctx context.Context, _ *assembly) error {
	node, err := s.Tools.Node(ctx)
	if err != nil {
		return fmt.Errorf("Node.js %d or newer is missing: %w", leastNode, err) //nolint:staticcheck // a name
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(node, "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < leastNode {
		return fmt.Errorf("Node.js is %s, and %d or newer is needed", node, leastNode) //nolint:staticcheck // a name
	}
	version, err := s.Tools.CDKVersion(ctx)
	if err != nil {
		return fmt.Errorf("the CDK command line is missing, run npm ci in infra/tools/cdk: %w", err)
	}
	if version != CDK {
		return fmt.Errorf("the CDK command line is %s, and %s is pinned: run npm ci in infra/tools/cdk", version, CDK)
	}
	_, err = s.zip(s.migrator().Activity)
	return err
}

func (s *Session) lookBootstrap(ctx context.Context, a *assembly) error {
	var faults []string
	for _, region := range s.regions() {
		out, err := region.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/cdk-bootstrap/hnb659fds/version")})
		version := 0
		if err == nil {
			version, err = strconv.Atoi(aws.ToString(out.Parameter.Value))
		}
		if err != nil || version < a.bootstrap {
			faults = append(faults, fmt.Sprintf("%s is bootstrapped for CDK at version %d, and %d is needed: run cdk bootstrap aws://%s/%s (%v)",
				region.Region, version, a.bootstrap, s.Config.Account, region.Region, err))
		}
	}
	return all(faults)
}

// lookPermissions tries the roles through which CDK works, in each region, and one read
// of each service that is called beside them.
func (s *Session) lookPermissions(ctx context.Context, _ *assembly) error {
	var denied []string
	try := func(what string, err error) {
		if c := code(err); strings.Contains(c, "AccessDenied") || strings.Contains(c, "Unauthorized") {
			denied = append(denied, what)
		}
	}
	for _, region := range s.regions() {
		for _, role := range []string{"deploy-role", "file-publishing-role"} {
			arn := fmt.Sprintf("arn:aws:iam::%s:role/cdk-hnb659fds-%s-%s-%s", s.Config.Account, role, s.Config.Account, region.Region)
			_, err := region.STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(arn), RoleSessionName: aws.String("nigredo-prerequisites")})
			try("sts:AssumeRole on "+arn, err)
		}
	}
	_, err := s.Backend.RDS.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{SnapshotType: aws.String("manual")})
	try("rds:DescribeDBClusterSnapshots", err)
	_, err = s.Backend.WAF.ListIPSets(ctx, &wafv2.ListIPSetsInput{Scope: waftypes.ScopeRegional})
	try("wafv2:ListIPSets", err)
	_, err = s.Frontend.WAF.ListIPSets(ctx, &wafv2.ListIPSetsInput{Scope: waftypes.ScopeCloudfront})
	try("wafv2:ListIPSets in "+s.Frontend.Region, err)
	_, err = s.Backend.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(1)})
	try("cloudwatch:DescribeAlarms", err)
	if len(denied) > 0 {
		return fmt.Errorf("the credentials may not: %s", strings.Join(denied, ", "))
	}
	return nil
}

// regions are the backend's and the site's, or the one that is both.
func (s *Session) regions() []*Services {
	if s.Backend.Region == s.Frontend.Region {
		return []*Services{s.Backend}
	}
	return []*Services{s.Backend, s.Frontend}
}

func (s *Session) lookDatabase(ctx context.Context, _ *assembly) error {
	imported := s.Config.Database.Import
	if imported == nil {
		return nil // an own cluster is a part of the backend, and the backup looks at it
	}
	if _, err := s.Backend.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String(imported.SecretARN)}); err != nil {
		return fmt.Errorf("the owner's secret of Fibonacci's cluster: %w", err)
	}
	status, err := s.cluster(ctx)
	if err == nil && status != "available" {
		err = fmt.Errorf("is %q", status)
	}
	if err != nil {
		return fmt.Errorf("Fibonacci's cluster %s: %w", imported.Cluster, err) //nolint:staticcheck // a name
	}
	return nil
}

// lookWebhook sends an unsigned request without content. Whatever the receiver says,
// a 401 most likely, it is there.
func (s *Session) lookWebhook(ctx context.Context, _ *assembly) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, s.Config.Webhook.URL, nil)
	if err != nil {
		return err
	}
	answer, err := s.HTTP.Do(request)
	if err != nil {
		return fmt.Errorf("the webhook's receiver does not answer: %w", err)
	}
	_ = answer.Body.Close() // a HEAD has none
	if answer.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("the webhook's receiver answers %s", answer.Status)
	}
	return nil
}

// lookMigrations refuses a migration that the live version cannot live with while
// traffic flows: it would be broken from the migration to the end of the deployment.
func (s *Session) lookMigrations(ctx context.Context, part Part) error {
	if part == Frontend {
		return nil
	}
	from, err := s.liveSchema(ctx)
	if from == 0 || err != nil {
		return err
	}
	breaking := migrations.Incompatible(s.Migrations, from, s.newest())
	if len(breaking) == 0 {
		return nil
	}
	stopped, err := s.stopped(ctx)
	if err != nil || stopped {
		return err
	}
	return fmt.Errorf("the version that is live cannot live with %s (%s): run nigredo stop-traffic --env %s, deploy, and let traffic through again",
		breaking[0].File, breaking[0].Reason, s.Config.Environment)
}

// liveSchema is the schema of the version that is live: as recorded, or as the
// function that migrates says when something else deployed it; 0 when nothing is live.
func (s *Session) liveSchema(ctx context.Context) (int64, error) {
	live, err := s.live(ctx)
	if err != nil {
		return 0, err
	}
	if live != nil {
		return live.Schema, nil
	}
	if there, err := s.standing(ctx, s.Config.CoreStack()); err != nil || !there {
		return 0, err
	}
	stood, err := s.askMigrate(ctx, "status")
	if err != nil {
		return 0, fmt.Errorf("no release is recorded, and the schema of what is live is not known: %w", err)
	}
	return stood.Before, nil
}

// newest is the number of the schema that this program makes.
func (s *Session) newest() int64 { return s.Migrations[len(s.Migrations)-1].Number }
