package deploy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/deploy"
	"github.com/alquimista-ai/nigredo/infra/deploy/awstest"
	"github.com/alquimista-ai/nigredo/migrations"
)

// twice deploys two releases, whose pages differ.
func twice(t *testing.T) *bundle {
	t.Helper()
	b := setup(t, "staging")
	b.deploy(t)
	b.synth(t, "two")
	b.site["index.html"].Data = []byte("two")
	b.deploy(t)
	b.aws.Forget()
	return b
}

// page is what the bucket serves as the landing page.
func (b *bundle) page() string {
	versions := b.aws.Objects["site/index.html"]
	return string(versions[len(versions)-1].Content)
}

func TestRollback_MovesAliasesAndSiteBack(t *testing.T) {
	t.Parallel()
	b := twice(t)
	if err := b.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantOrder(t, b.order(), "states.UpdateStateMachineAlias", "lambda.UpdateAlias", "s3.CopyObject", "cloudfront.CreateInvalidation")
	if f, m := b.aws.Functions["NigredoStack-staging-CreateLead"].Live, b.aws.Machines["NigredoStack-staging-lead_intake"].Live; f != "1" || m != "1" || b.page() != "one" {
		t.Errorf("live are function %s, machine %s and page %q", f, m, b.page())
	}
	if err := b.Rollback(t.Context()); !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "first release") {
		t.Errorf("beyond the first: %v", err)
	}
}

func TestRollback_TheSameVersionCanBeDeployedAgain(t *testing.T) {
	t.Parallel()
	b := twice(t)
	if err := b.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.deploy(t)
	if b.page() != "two" || b.aws.Functions["NigredoStack-staging-CreateLead"].Live != "3" {
		t.Errorf("page %q, function %s", b.page(), b.aws.Functions["NigredoStack-staging-CreateLead"].Live)
	}
	plan, err := b.PlanRollback(t.Context())
	if err != nil || !strings.HasPrefix(plan.To, "abc-") || plan.To == plan.From {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

func TestPlanRollback_ChangesNothingAndSaysWhatStays(t *testing.T) {
	t.Parallel()
	b := twice(t)
	plan, err := b.PlanRollback(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(plan.Moves, "function NigredoStack-staging-CreateLead from version 2 to 1") || !strings.Contains(strings.Join(plan.Stays, " "), "migration 014") {
		t.Errorf("plan %+v", plan)
	}
	for _, call := range b.aws.Calls() {
		if call.Mutating() {
			t.Errorf("%s was called", call.Name())
		}
	}
}

func TestRollback_RefusesAMigrationThatTheEarlierVersionCannotLiveWith(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.deploy(t)
	b.Migrations = append(b.Migrations, migrations.Version{Number: 15, File: "015_drop_phone.sql", Reason: "drops leads.phone"})
	b.synth(t, "two")
	// While traffic flows it is not even deployed.
	if err := b.Deploy(t.Context(), deploy.Everything, false); !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "015_drop_phone.sql (drops leads.phone): run nigredo stop-traffic") {
		t.Fatalf("deployed: %v", err)
	}
	if err := b.StopTraffic(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.deploy(t)
	b.aws.Forget()
	err := b.Rollback(t.Context())
	if !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "015_drop_phone.sql (drops leads.phone)") {
		t.Errorf("got %v", err)
	}
	if order := b.order(); len(order) != 0 {
		t.Errorf("changed %v", order)
	}
}

func TestRollback_RefusesWhatMovedNothing(t *testing.T) {
	t.Parallel()
	b := twice(t)
	b.synth(t, "three")
	b.tools.fail["NigredoStack-staging"] = errors.New("no")
	if err := b.Deploy(t.Context(), deploy.Everything, false); err == nil {
		t.Fatal("the failure is lost")
	}
	if err := b.Rollback(t.Context()); !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "nothing to take back") {
		t.Errorf("got %v", err)
	}
}

func TestRollback_GoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	b := twice(t)
	b.aws.Fail("lambda.UpdateAlias", awstest.Fault{Code: "AccessDeniedException", Status: 403})
	var failure *deploy.Failure
	if err := b.Rollback(t.Context()); !errors.As(err, &failure) || failure.Step != "aliases" || !strings.Contains(failure.Next, "again") {
		t.Fatalf("got %v", err)
	}
	b.aws.Forget()
	if err := b.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantOrder(t, b.order(), "lambda.UpdateAlias", "s3.CopyObject", "cloudfront.CreateInvalidation")
}

func TestTraffic_StopsAndResumesOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, "prod")
	for name, test := range map[string]struct {
		do   func() error
		v4   []string
		v6   []string
		free bool
	}{
		"stop":   {func() error { return b.StopTraffic(t.Context()) }, []string{"0.0.0.0/1", "128.0.0.0/1"}, []string{"::/1", "8000::/1"}, false},
		"resume": {func() error { return b.ResumeTraffic(t.Context()) }, nil, nil, true},
	} {
		if name == "resume" {
			if err := b.StopTraffic(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // the second time there is nothing to do
			if err := test.do(); err != nil {
				t.Fatal(err)
			}
			for _, set := range []struct {
				name string
				want []string
			}{{"NigredoStack-prod-stopped", test.v4}, {"NigredoFrontendStack-prod-stopped", test.v4}, {"NigredoStack-prod-stopped-6", test.v6}, {"NigredoFrontendStack-prod-stopped-6", test.v6}, {"NigredoStack-prod-stopped-other", nil}} {
				if got := b.aws.IPSets[set.name].Addresses; !slices.Equal(got, set.want) {
					t.Errorf("%s: %s holds %v; want %v", name, set.name, got, set.want)
				}
			}
			if order := b.order(); len(order) > 0 {
				b.aws.Forget()
			}
		}
		if order := b.order(); len(order) != 0 {
			t.Errorf("%s changed what was right: %v", name, order)
		}
	}
}

func TestTraffic_ARaceIsTriedOnceMore(t *testing.T) {
	t.Parallel()
	b := setup(t, "prod")
	raced := awstest.Fault{Code: "WAFOptimisticLockException", Message: "changed"}
	b.aws.Fail("wafv2.UpdateIPSet", raced)
	if err := b.StopTraffic(t.Context()); err != nil {
		t.Errorf("after one race: %v", err)
	}
	b.aws.Fail("wafv2.UpdateIPSet", raced)
	b.aws.Fail("wafv2.UpdateIPSet", raced)
	if err := b.ResumeTraffic(t.Context()); err == nil || !strings.Contains(err.Error(), "WAFOptimisticLock") {
		t.Errorf("after two: %v", err)
	}
}

func TestDestroy_IsRefusedForProduction(t *testing.T) {
	t.Parallel()
	b := setup(t, "prod")
	if err := b.Destroy(t.Context()); !errors.Is(err, deploy.ErrRefused) {
		t.Errorf("got %v", err)
	}
	if calls := b.aws.Calls(); len(calls) != 0 {
		t.Errorf("called %v", calls)
	}
}

func TestDestroy_LastStackFirstAndNothingIsLeft(t *testing.T) {
	t.Parallel()
	b := twice(t)
	b.aws.Do(func() { b.aws.Objects["site-logs/one"] = []awstest.Object{{Version: "v0"}} })
	if err := b.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	var stacks []string
	for _, call := range b.aws.Calls() {
		if call.Operation == "DeleteStack" {
			stacks = append(stacks, call.Input["StackName"].(string))
		}
	}
	wantOrder(t, stacks, "NigredoFrontendStack-staging", "NigredoMonitoringStack-staging", "NigredoStack-staging")
	if len(b.aws.Objects) != 0 || len(b.aws.Parameters) != 1 || len(b.aws.Snapshots) == 0 {
		t.Errorf("left: %d objects, parameters %v; snapshots %v", len(b.aws.Objects), b.aws.Parameters, b.aws.Snapshots)
	}
	b = setup(t, "staging")
	b.aws.Account = "999999999999"
	if err := b.Destroy(t.Context()); !errors.Is(err, deploy.ErrRefused) {
		t.Errorf("another account: %v", err)
	}
}

func TestDryRun_LeavesNothing(t *testing.T) {
	t.Parallel()
	b := twice(t)
	objects := len(b.aws.Objects)
	b.aws.Do(func() { delete(b.aws.Stacks, b.Config.MonitoringStack()) })
	changes, err := b.DryRun(t.Context(), deploy.Everything)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 3 || !changes[1].New || !slices.Contains(changes[1].Lines, "creates 1 AWS::XRay::Group") {
		t.Errorf("changes %+v", changes)
	}
	want := []string{"REMOVES AWS::Lambda::Function Old", "REPLACES AWS::Lambda::Function Moved", "adds AWS::Lambda::Function New", "changes AWS::Lambda::Function Changed"}
	if !slices.Equal(changes[0].Lines, want) {
		t.Errorf("lines %q", changes[0].Lines)
	}
	for _, call := range b.aws.Calls() {
		if key, _ := call.Input["Key"].(string); call.Mutating() && call.Operation != "CreateChangeSet" && call.Operation != "DeleteChangeSet" && !strings.HasPrefix(key, "nigredo-dry-run/") {
			t.Errorf("%s was called", call.Name())
		}
	}
	for name, stack := range b.aws.Stacks {
		if len(stack.ChangeSets) != 0 {
			t.Errorf("%s keeps the change sets %v", name, stack.ChangeSets)
		}
	}
	live := 0
	for _, versions := range b.aws.Objects {
		if !versions[len(versions)-1].Deleted {
			live++
		}
	}
	if live != objects {
		t.Errorf("%d objects, before %d", live, objects)
	}
}
