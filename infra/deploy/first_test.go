package deploy_test

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/deploy"
	"github.com/alquimista-ai/nigredo/infra/deploy/awstest"
	"github.com/alquimista-ai/nigredo/migrations"
)

// unrecorded is a deployment that something else made: stacks, and no release.
func unrecorded(t *testing.T, schema int64) *bundle {
	t.Helper()
	b := setup(t, "staging")
	b.deploy(t)
	b.schema = schema
	b.aws.Do(func() {
		for name := range b.aws.Parameters {
			if strings.Contains(name, "/nigredo/") {
				delete(b.aws.Parameters, name)
			}
		}
	})
	b.synth(t, "two")
	return b
}

// What is live and was not recorded has the schema of the database, not of this program.
func TestDeploy_UnrecordedReleaseHasTheSchemaOfTheDatabase(t *testing.T) {
	t.Parallel()
	b := unrecorded(t, 13)
	b.Migrations = []migrations.Version{{Number: 13, Compatible: true}, {Number: 14, File: "014_drop.sql", Reason: "drops a column"}}
	if err := b.Deploy(t.Context(), deploy.Everything, false); !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "014_drop.sql (drops a column): run nigredo stop-traffic") {
		t.Fatalf("while traffic flows: %v", err)
	}
	if b.schema != 13 {
		t.Error("it was migrated all the same")
	}
	if err := b.StopTraffic(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.deploy(t)
	if _, err := b.PlanRollback(t.Context()); !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "cannot live with the schema after 014_drop.sql") {
		t.Errorf("back over it: %v", err)
	}
}

func TestDeploy_UnrecordedReleaseCanBeGoneBackTo(t *testing.T) {
	t.Parallel()
	b := unrecorded(t, 14)
	b.deploy(t)
	plan, err := b.PlanRollback(t.Context())
	if err != nil || !strings.HasPrefix(plan.To, "before-") || !slices.Contains(plan.Moves, "function NigredoStack-staging-CreateLead from version 2 to 1") {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

// A function that does not know the question leaves the schema unknown.
func TestDeploy_RefusesAnUnrecordedReleaseThatCannotTell(t *testing.T) {
	t.Parallel()
	b := unrecorded(t, 14)
	b.broken = `{"errorType":"Migrate.Invalid","errorMessage":"want"}`
	b.aws.Forget()
	if err := b.Deploy(t.Context(), deploy.Everything, false); !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "the schema of what is live is not known") {
		t.Errorf("got %v", err)
	}
	if order := b.order(); len(order) != 1 { // the question
		t.Errorf("changed %v", order)
	}
}

// What never had a schema never worked: there is nothing to go back to.
func TestDeploy_ABackendThatNeverWorkedIsNoRelease(t *testing.T) {
	t.Parallel()
	b := unrecorded(t, 0)
	b.deploy(t)
	if _, err := b.PlanRollback(t.Context()); !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "first release") {
		t.Errorf("got %v", err)
	}
}

// The shell of a stack whose creation failed is no backend.
func TestDeploy_AfterACreationThatFailed(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.aws.Do(func() {
		b.aws.Stacks[b.Config.CoreStack()] = &awstest.Stack{Status: "ROLLBACK_COMPLETE", Resources: map[string]string{}, ChangeSets: map[string]bool{}}
	})
	b.deploy(t)
	wantOrder(t, b.order(), core, monitoring, "lambda.Invoke", frontend, "s3.PutObject", "cloudfront.CreateInvalidation")
}

// Before the first deployment no record leads to the site: it is asked at CloudFront's
// host, by its name.
func TestDeploy_HealthIsAskedWhereTheRecordWillLead(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	at, err := url.Parse(b.address())
	if err != nil {
		t.Fatal(err)
	}
	b.outputs = map[string]string{"SiteUrl": "http://" + net.JoinHostPort("nigredo.invalid", at.Port()), "SiteDomainTarget": at.Hostname()}
	b.deploy(t) // setup's dialer takes no other address than loopback's
}

// In two regions each is looked at.
func TestDeploy_LooksAtBothRegions(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.Config.Region = "sa-east-1"
	b.Backend = deploy.NewServices(b.loaded, "sa-east-1")
	b.synth(t, "one")
	b.aws.Fail("sts.AssumeRole", awstest.Fault{Code: "AccessDenied", Status: 403})
	for range 3 {
		b.aws.Fail("sts.AssumeRole", awstest.Fault{Code: "AccessDenied", Status: 403})
	}
	err := b.Deploy(t.Context(), deploy.Everything, false)
	for _, want := range []string{
		"sa-east-1 is bootstrapped for CDK at version 0", "deploy-role-" + account + "-sa-east-1",
		"deploy-role-" + account + "-us-east-1", "file-publishing-role-" + account + "-us-east-1",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q in it", err, want)
		}
	}
}

func TestDeploy_TellsWhoHasNotConfirmed(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.aws.Do(func() { b.aws.Subscriptions[b.Config.TopicARN(config.Team)]["team@alquimista.ai"] = false })
	b.deploy(t)
	if !slices.Contains(b.told, "  nobody confirmed yet: team@alquimista.ai for NigredoStack-staging-team") {
		t.Errorf("told %q", b.told)
	}
	b.aws.Do(func() { clear(b.aws.Subscriptions[b.Config.TopicARN(config.OnCall)]) }) // forgotten by SNS
	checks, err := b.Verify(t.Context(), deploy.Verification{})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(checks)["who gets alarms confirmed it"]; !strings.Contains(got, "failed: not oncall@alquimista.ai") || !strings.Contains(got, "team@alquimista.ai") {
		t.Errorf("got %s", got)
	}
}
