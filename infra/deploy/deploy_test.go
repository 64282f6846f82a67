package deploy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/deploy"
	"github.com/alquimista-ai/nigredo/infra/deploy/awstest"
	"github.com/alquimista-ai/nigredo/migrations"
)

const account = "123456789012"

// bundle is a session on a fake AWS.
type bundle struct {
	*deploy.Session
	aws   *awstest.Server
	site  fstest.MapFS
	tools *tools
	told  []string
	api   http.HandlerFunc
	sick  atomic.Bool // the deployment answers with 503

	outputs map[string]string // of the site's stack, in place of the usual ones
	loaded  aws.Config

	schema int64  // of the database
	broken string // the payload of a function error of the function that migrates
}

// migrate answers as the function that migrates does (activities/cmd/migrate).
func (b *bundle) migrate(payload []byte) (answer, functionError string) {
	var in struct{ Action string }
	switch err := json.Unmarshal(payload, &in); {
	case b.broken != "":
		return b.broken, "Unhandled"
	case err != nil || (in.Action != "migrate" && in.Action != "status"):
		return `{"errorType":"Migrate.Invalid","errorMessage":"want {\"action\":\"migrate\"} or {\"action\":\"status\"}"}`, "Unhandled"
	}
	before := b.schema
	if in.Action == "migrate" {
		b.schema = b.Migrations[len(b.Migrations)-1].Number
	}
	return fmt.Sprintf(`{"before":%d,"after":%d,"newest":%d,"granted":%t}`, before, b.schema, b.Migrations[len(b.Migrations)-1].Number, in.Action == "migrate"), ""
}

// tools stand for Node.js and the CDK command line: a deployment by it publishes a
// version of everything.
type tools struct {
	b         *bundle
	node, cdk string
	fail      map[string]error // by stack, once
}

func (t *tools) Node(context.Context) (string, error)       { return t.node, nil }
func (t *tools) CDKVersion(context.Context) (string, error) { return t.cdk, nil }

func (t *tools) Deploy(_ context.Context, _, stack string) error {
	t.b.aws.Note("cdk", stack)
	if err := t.fail[stack]; err != nil {
		delete(t.fail, stack)
		return err
	}
	t.b.aws.Deploy(t.b.Config, stack, t.b.address())
	if stack == t.b.Config.FrontendStack() {
		t.b.aws.Do(func() { maps.Copy(t.b.aws.Stacks[stack].Outputs, t.b.outputs) })
	}
	return nil
}

func (b *bundle) address() string { return strings.TrimSuffix(b.Config.Webhook.URL, "/webhook") }

// setup gives a session for staging, deployed to nothing yet.
func setup(t *testing.T, environment string) *bundle {
	t.Helper()
	b := &bundle{}
	deployed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/webhook":
			w.WriteHeader(http.StatusUnauthorized)
		case b.sick.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case b.api != nil:
			b.api(w, r)
		}
	}))
	t.Cleanup(deployed.Close)
	c, err := config.Load(environment)
	if err != nil {
		t.Fatal(err)
	}
	c.Account, c.Region, c.TransferClauses = account, "us-east-1", "SCC-2026-01"
	c.Webhook.URL = deployed.URL + "/webhook"
	world := awstest.Account(c)
	world.Invoke = func(_ string, payload []byte) (string, string) { return b.migrate(payload) }
	b.aws, b.site = awstest.Start(t, world), fstest.MapFS{
		"index.html": {Data: []byte("one")}, "assets/a-1.js": {Data: []byte("js")}, "robots.txt": {Data: []byte("r")}, "index.html.br": {Data: []byte("b")},
	}
	b.tools = &tools{b: b, node: "v20.19.0", cdk: deploy.CDK, fail: map[string]error{}}
	// Nothing but loopback is ever spoken to.
	dialer := &net.Dialer{}
	loopback := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, _ := net.SplitHostPort(address); !net.ParseIP(host).IsLoopback() {
			t.Errorf("%s is not loopback", address)
			return nil, errors.New("not loopback")
		}
		return dialer.DialContext(ctx, network, address)
	}}}
	loaded := aws.Config{
		BaseEndpoint: aws.String(b.aws.URL), HTTPClient: loopback,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "fake", ""),
	}
	b.loaded = loaded
	lambdas := t.TempDir()
	if err := os.WriteFile(filepath.Join(lambdas, "migrate.zip"), []byte("migrate one"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	b.Session = &deploy.Session{
		Config: c, Backend: deploy.NewServices(loaded, c.Region), Frontend: deploy.NewServices(loaded, config.SiteRegion),
		Assembly: t.TempDir(), Lambdas: lambdas, Site: b.site, Version: "abc", Migrations: []migrations.Version{{Number: 14, Compatible: true}}, Tools: b.tools, HTTP: loopback,
		Now:   func() time.Time { now = now.Add(time.Second); return now },
		Pause: func(context.Context, time.Duration) error { return nil },
		Tell:  func(sentence string) { b.told = append(b.told, sentence) },
	}
	b.synth(t, "one")
	return b
}

// synth writes a cloud assembly, whose content is told by a word.
func (b *bundle) synth(t *testing.T, word string) {
	t.Helper()
	files, err := awstest.Assembly(b.Config, word)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(b.Assembly, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// order gives what was changed in AWS, in order; uploads of a row count once, and
// the journal is left out.
func (b *bundle) order() []string {
	var names []string
	for _, call := range b.aws.Calls() {
		name := call.Name()
		if !call.Mutating() || call.Service == "ssm" || (len(names) > 0 && names[len(names)-1] == name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

func (b *bundle) deploy(t *testing.T) {
	t.Helper()
	if err := b.Deploy(t.Context(), deploy.Everything, false); err != nil {
		t.Fatal(err)
	}
}

func wantOrder(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("order\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

const core, monitoring, frontend = "cdk.NigredoStack-staging", "cdk.NigredoMonitoringStack-staging", "cdk.NigredoFrontendStack-staging"

func TestDeploy_FirstMigratesAfterTheBackend(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.deploy(t)
	wantOrder(t, b.order(), core, monitoring, "lambda.Invoke", frontend, "s3.PutObject", "cloudfront.CreateInvalidation")
}

func TestDeploy_InTheOrderOfTheRunbook(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.deploy(t)
	b.synth(t, "two")
	b.aws.Forget()
	b.deploy(t)
	wantOrder(t, b.order(), "rds.CreateDBClusterSnapshot", "lambda.UpdateFunctionCode", "lambda.Invoke", core, monitoring,
		frontend, "s3.PutObject", "cloudfront.CreateInvalidation")
	if got := b.aws.Functions["NigredoStack-staging-Migrate"].Code; got != "migrate one" {
		t.Errorf("migrated with %q", got)
	}
}

func TestDeploy_Parts(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.deploy(t)
	for part, want := range map[deploy.Part][]string{
		deploy.Backend:  {"rds.CreateDBClusterSnapshot", "lambda.UpdateFunctionCode", "lambda.Invoke", core, monitoring},
		deploy.Frontend: {frontend, "s3.PutObject", "cloudfront.CreateInvalidation"},
	} {
		b.aws.Forget()
		if err := b.Deploy(t.Context(), part, false); err != nil {
			t.Fatal(err)
		}
		wantOrder(t, b.order(), want...)
	}
}

func TestDeploy_PagesGoUpLast(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.deploy(t)
	var keys []string
	for _, call := range b.aws.Calls() {
		if call.Name() == "s3.PutObject" {
			keys = append(keys, fmt.Sprint(call.Input["Key"]))
		}
	}
	if len(keys) != 4 || keys[0] != "assets/a-1.js" || keys[2] != "index.html" || !strings.HasPrefix(keys[3], ".releases/") {
		t.Errorf("uploaded %v", keys)
	}
	if o := b.aws.Objects["site/assets/a-1.js"][0]; !strings.Contains(o.Cache, "immutable") || o.Type != "text/javascript; charset=utf-8" {
		t.Errorf("asset %+v", o)
	}
}

// Each step fails once: it names itself and what to do next, and the second run does
// what is left and nothing twice.
func TestDeploy_GoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	denied := awstest.Fault{Code: "AccessDeniedException", Message: "no", Status: 403}
	full := []string{"rds.CreateDBClusterSnapshot", "lambda.UpdateFunctionCode", "lambda.Invoke", core, monitoring, frontend, "s3.PutObject", "cloudfront.CreateInvalidation"}
	for name, test := range map[string]struct {
		fail func(*bundle)
		step string
		next string
		rest []string
	}{
		"backup":        {func(b *bundle) { b.aws.Fail("rds.CreateDBClusterSnapshot", denied) }, "backup", "RDS console", full},
		"code":          {func(b *bundle) { b.aws.Fail("lambda.UpdateFunctionCode", denied) }, "migrations", "traffic has not moved", full[1:]},
		"migration":     {func(b *bundle) { b.aws.Fail("lambda.Invoke", denied) }, "migrations", "/aws/lambda/NigredoStack-staging-Migrate", full[1:]},
		"core":          {func(b *bundle) { b.tools.fail["NigredoStack-staging"] = errors.New("no") }, "backend", "CloudFormation has put back", full[3:]},
		"versions":      {func(b *bundle) { b.aws.Fail("cloudformation.ListStackResources", denied) }, "backend", "run the same command again", full[3:]},
		"upload":        {func(b *bundle) { b.aws.Fail("s3.PutObject", denied) }, "site", "run the same command again", full[5:]},
		"invalidation":  {func(b *bundle) { b.aws.Fail("cloudfront.CreateInvalidation", denied) }, "site", "run the same command again", full[5:]},
		"alarms listed": {func(b *bundle) { b.aws.Fail("monitoring.GetDashboard", denied) }, "monitoring", "nigredo verify", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "staging")
			b.deploy(t)
			b.synth(t, "two")
			test.fail(b)
			err := b.Deploy(t.Context(), deploy.Everything, false)
			var failure *deploy.Failure
			if !errors.As(err, &failure) || failure.Step != test.step || !strings.Contains(failure.Next, test.next) {
				t.Fatalf("got %v; want a failure of %s that says %q", err, test.step, test.next)
			}
			b.aws.Forget()
			b.deploy(t)
			wantOrder(t, b.order(), test.rest...)
		})
	}
}

// Each error of the function that migrates stops the deployment and has its own next
// thing to do.
func TestDeploy_ErrorsOfTheMigration(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ payload, want, next string }{
		"failed":    {`{"errorType":"Migrate.Failed","errorMessage":"migration 15: the database refused, sqlstate 42P07"}`, "Migrate.Failed: migration 15", "Mend the file and deploy again"},
		"running":   {`{"errorType":"Migrate.Running","errorMessage":"another call migrates"}`, "another call migrates", "until the other call has ended"},
		"invalid":   {`{"errorType":"Migrate.Invalid","errorMessage":"want"}`, "Migrate.Invalid", "from one commit"},
		"timed out": {`{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 900.00 seconds"}`, "Task timed out", "read the log group"},
		"no JSON":   {`died`, "died", "read the log group"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "staging")
			b.deploy(t)
			b.synth(t, "two")
			b.broken = test.payload
			var failure *deploy.Failure
			err := b.Deploy(t.Context(), deploy.Everything, false)
			if !errors.As(err, &failure) || failure.Step != "migrations" || !strings.Contains(failure.Err.Error(), test.want) || !strings.Contains(failure.Next, test.next) {
				t.Errorf("got %v; want %q and then %q", err, test.want, test.next)
			}
			if order := b.order(); order[len(order)-1] != "lambda.Invoke" {
				t.Errorf("went on after the migration: %v", order)
			}
		})
	}
}

func TestDeploy_AFunctionOfAnotherCommitIsNoticed(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.aws.Invoke = func(string, []byte) (string, string) { return `{"before":0,"after":13,"newest":13,"granted":true}`, "" }
	if err := b.Deploy(t.Context(), deploy.Everything, false); err == nil || !strings.Contains(err.Error(), "the schema is at migration 013, and this program's newest is 014") {
		t.Errorf("got %v", err)
	}
}

func TestDeploy_RefusesBeforeAnythingIsChanged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*bundle)
		want   string
	}{
		"placeholder":       {func(b *bundle) { b.Config.Account = config.Placeholder }, "placeholder"},
		"another account":   {func(b *bundle) { b.aws.Account = "999999999999" }, "account 999999999999"},
		"no clauses":        {func(b *bundle) { b.Config.TransferClauses = "to be recorded before the first deployment" }, "transferClauses"},
		"uncommitted":       {func(b *bundle) { b.Dirty = true }, "not committed"},
		"old node":          {func(b *bundle) { b.tools.node = "v18.20.0" }, "v18.20.0"},
		"another cdk":       {func(b *bundle) { b.tools.cdk = "2.1.0" }, deploy.CDK},
		"not bootstrapped":  {func(b *bundle) { clear(b.aws.Parameters) }, "cdk bootstrap"},
		"not synthesised":   {func(b *bundle) { b.Assembly = "nowhere" }, "make synth ENV=prod"},
		"no zips":           {func(b *bundle) { b.Lambdas = "nowhere" }, "migrate.zip"},
		"no site":           {func(b *bundle) { clear(b.site) }, "the site is not built"},
		"an unknown file":   {func(b *bundle) { b.site["x.bin"] = &fstest.MapFile{} }, "x.bin"},
		"receiver is gone":  {func(b *bundle) { b.Config.Webhook.URL = "http://127.0.0.1:1/" }, "receiver does not answer"},
		"no role":           {func(b *bundle) { b.aws.Fail("sts.AssumeRole", awstest.Fault{Code: "AccessDenied", Status: 403}) }, "cdk-hnb659fds-deploy-role"},
		"credentials ended": {func(b *bundle) { b.aws.Fail("sts.GetCallerIdentity", awstest.Fault{Code: "ExpiredToken"}) }, "credentials"},
		"fibonacci is away": {func(b *bundle) {
			b.Config.Database.Import = &config.ImportedDatabase{Cluster: "fibonacci", SecretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"}
		}, "fibonacci"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "prod")
			test.change(b)
			err := b.Deploy(t.Context(), deploy.Everything, false)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("got %v; want %q in it", err, test.want)
			}
			for _, call := range b.aws.Calls() {
				if call.Mutating() {
					t.Errorf("%s was called", call.Name())
				}
			}
		})
	}
}

func TestDeploy_TwoAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.tools.fail["NigredoStack-staging"] = errors.New("no")
	if err := b.Deploy(t.Context(), deploy.Everything, false); err == nil {
		t.Fatal("the failure is lost")
	}
	b.synth(t, "two")
	if err := b.Deploy(t.Context(), deploy.Everything, false); !errors.Is(err, deploy.ErrRefused) || !strings.Contains(err.Error(), "--take-over") {
		t.Errorf("got %v", err)
	}
	if err := b.Deploy(t.Context(), deploy.Everything, true); err != nil {
		t.Errorf("with --take-over: %v", err)
	}
}

func TestDeploy_BucketWithoutVersions(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.aws.Versioned = false
	if err := b.Deploy(t.Context(), deploy.Everything, false); err == nil || !strings.Contains(err.Error(), "keeps no versions") {
		t.Errorf("got %v", err)
	}
}

func TestDeploy_KeepsFiveSnapshots(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.aws.Snapshots["somebody-elses"] = time.Unix(1, 0)
	for i := range 8 {
		b.synth(t, fmt.Sprint(i))
		b.deploy(t)
	}
	if len(b.aws.Snapshots) != 6 {
		t.Errorf("snapshots %v", b.aws.Snapshots)
	}
	// They hold personal data: an old one goes, though it is among the last five.
	for name := range b.aws.Snapshots {
		b.aws.Snapshots[name] = b.Now().AddDate(0, 0, -8)
	}
	b.synth(t, "last")
	b.deploy(t)
	if _, other := b.aws.Snapshots["somebody-elses"]; len(b.aws.Snapshots) != 2 || !other {
		t.Errorf("after eight days: snapshots %v", b.aws.Snapshots)
	}
}

func TestDeploy_ARingingAlarmIsTold(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.aws.Alarms[b.Config.Alarm("errors")] = "ALARM"
	if err := b.Deploy(t.Context(), deploy.Everything, false); err == nil || !strings.Contains(err.Error(), "rings") {
		t.Errorf("got %v", err)
	}
}

func TestDeploy_SickDeploymentPointsToTheRollback(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.sick.Store(true)
	var failure *deploy.Failure
	if err := b.Deploy(t.Context(), deploy.Everything, false); !errors.As(err, &failure) || failure.Step != "health" || !strings.Contains(failure.Next, "nigredo rollback") {
		t.Fatalf("got %v", err)
	}
	// Stopped on purpose, it answers with 503 as well, and that is no illness.
	if err := b.StopTraffic(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.deploy(t)
}
