package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/deploy"
	"github.com/alquimista-ai/nigredo/infra/deploy/awstest"
	"github.com/alquimista-ai/nigredo/migrations"
)

// checkout is a work tree as make leaves it, a built program whose configuration has an
// account, and AWS on loopback. dev and prod are configured, staging is as committed.
type checkout struct {
	folder string
	binary string
	aws    *awstest.Server
	env    []string
	prod   *config.Config
	dev    *config.Config
}

const (
	deployAccount = "123456789012"
	// deployedAt is the name of httptest's certificate.
	deployedAt = "https://example.com"
)

// configure gives a committed configuration with what must be filled in before the
// first deployment.
func configure(t *testing.T, environment string) (*config.Config, []byte) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "infra", "config", environment+".json"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(raw), config.Placeholder, deployAccount)
	text = strings.Replace(text, "to be recorded before the first deployment", "SCC-2026-01", 1)
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	if told, ok := all["monitoring"].(map[string]any); ok {
		told["escalation"] = []config.Contact{{Role: config.EscalationRoles()[0], Phone: "+55 11 0000-0000"}}
	}
	all["webhook"] = map[string]string{"url": deployedAt + "/webhooks/nigredo"}
	if raw, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse(environment, raw)
	if err != nil {
		t.Fatal(err)
	}
	return c, raw
}

// checkOut makes all that; a person has a program that was built from the same files.
func checkOut(t *testing.T) *checkout {
	t.Helper()
	c := &checkout{folder: t.TempDir(), binary: filepath.Join(t.TempDir(), "nigredo")}
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	replaced := map[string]map[string]string{"Replace": {}}
	for _, environment := range []string{"dev", "prod"} {
		parsed, raw := configure(t, environment)
		c.prod, c.dev = parsed, cmp.Or(c.dev, parsed) // dev is the first
		c.write(t, "infra/config/"+environment+".json", raw)
		replaced["Replace"][filepath.Join(root, "infra", "config", environment+".json")] = filepath.Join(c.folder, "infra", "config", environment+".json")
	}
	overlay, err := json.Marshal(replaced)
	if err != nil {
		t.Fatal(err)
	}
	c.write(t, "overlay.json", overlay)
	c.program(t, root, "go", "build", "-overlay", filepath.Join(c.folder, "overlay.json"), "-o", c.binary, "./workflows/cmd/nigredo")

	c.synth(t, "one")
	c.write(t, "bin/lambda/migrate.zip", []byte("migrate"))
	if err := os.Mkdir(filepath.Join(c.folder, "site"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "site", "dist"), filepath.Join(c.folder, "site", "dist")); err != nil {
		t.Fatal(err)
	}
	// The real command line is tried out in infra/deploy; this one tells the test.
	c.write(t, "infra/tools/cdk/node_modules/.bin/cdk", []byte(`#!/usr/bin/env node
if (process.argv[2] === '--version') console.log('`+deploy.CDK+` (build test)');
else require('http').get(process.env.CDK_TOLD + process.argv[3], (r) => process.exit(r.statusCode === 200 ? 0 : 1));
`))
	c.program(t, c.folder, "git", "init", "--quiet")
	c.commit(t)
	c.start(t)
	return c
}

func (c *checkout) write(t *testing.T, name string, content []byte) {
	t.Helper()
	file := filepath.Join(c.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o755); err != nil {
		t.Fatal(err)
	}
}

func (c *checkout) program(t *testing.T, folder, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func (c *checkout) synth(t *testing.T, word string) {
	t.Helper()
	files, err := awstest.Assembly(c.prod, word)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		c.write(t, "infra/cdk.out/"+name, content)
	}
}

func (c *checkout) commit(t *testing.T) {
	t.Helper()
	c.program(t, c.folder, "git", "add", "--all")
	c.program(t, c.folder, "git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message=x")
}

// start starts AWS, what is deployed, and a proxy through which the program reaches the
// latter and nobody else.
func (c *checkout) start(t *testing.T) {
	t.Helper()
	known, err := migrations.Nigredo().Versions()
	if err != nil {
		t.Fatal(err)
	}
	world, newest, schema := awstest.Account(c.prod), known[len(known)-1].Number, int64(0)
	world.Invoke = func(_ string, payload []byte) (string, string) {
		before := schema
		if strings.Contains(string(payload), `"migrate"`) {
			schema = newest
		}
		return fmt.Sprintf(`{"before":%d,"after":%d,"newest":%d,"granted":true}`, before, schema, newest), ""
	}
	c.aws = awstest.Start(t, world)
	told := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c.aws.Deploy(c.prod, strings.TrimPrefix(r.URL.Path, "/"), deployedAt)
	}))
	t.Cleanup(told.Close)
	raw, err := os.ReadFile(filepath.Join(c.folder, "site", "dist", "site.json"))
	if err != nil {
		t.Fatalf("%v; run: make site", err)
	}
	var pages struct{ Headers map[string]string }
	if err := json.Unmarshal(raw, &pages); err != nil {
		t.Fatal(err)
	}
	deployed := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range pages.Headers {
			w.Header().Set(name, value)
		}
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		if r.URL.Path == "/webhooks/nigredo" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(deployed.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "example.com:443" {
			t.Errorf("the program wants to speak to %s", r.Host)
			w.WriteHeader(http.StatusForbidden)
			return
		}
		tunnel(w, deployed.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: deployed.Certificate().Raw})
	file := filepath.Join(t.TempDir(), "certificate.pem")
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	c.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "CDK_TOLD=" + told.URL + "/",
		"HTTPS_PROXY=" + proxy.URL, "HTTP_PROXY=" + proxy.URL, "NO_PROXY=127.0.0.1", "SSL_CERT_FILE=" + file,
		"AWS_ENDPOINT_URL=" + c.aws.URL, "AWS_EC2_METADATA_DISABLED=true",
	}
}

// tunnel joins the caller of a proxy with a server.
func tunnel(w http.ResponseWriter, address string) {
	server, err := new(net.Dialer).DialContext(context.Background(), "tcp", address)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer server.Close() //nolint:errcheck // the call is over
	caller, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer caller.Close() //nolint:errcheck // the call is over
	if _, err := io.WriteString(caller, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(server, caller) // ends with the call
		_ = server.Close()
	}()
	_, _ = io.Copy(caller, server) // ends with the call
}

// run runs one command line at the top of the checkout.
func (c *checkout) run(t *testing.T, env []string, args ...string) outcome {
	t.Helper()
	command := exec.CommandContext(t.Context(), c.binary, args...)
	command.Dir, command.Env = c.folder, env
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// A person deploys for the first time and again, looks, goes back, stops traffic and
// lets it through, with the program as it is built. Each command's last line says what
// is next.
func TestDeploy_AsAPersonRunsIt(t *testing.T) {
	t.Parallel()
	c := checkOut(t)
	signedIn := slices.Concat(c.env, []string{"AWS_ACCESS_KEY_ID=AKIATEST", "AWS_SECRET_ACCESS_KEY=fake"})
	for _, step := range []struct {
		name   string
		before func()
		args   string
		code   int
		stdout []string
		stderr []string
		last   string // in the last line of what is told
	}{
		{
			name: "an account that is the placeholder", args: "deploy --env staging", code: exitRefused,
			last: "put the twelve digits of the AWS account there",
		},
		{
			name: "an environment that is none", args: "deploy --env production", code: exitUsage,
			last: "--env must be one of",
		},
		{
			name: "rollback of nothing", args: "rollback --env prod", code: exitRefused,
			last: "no release is recorded in prod",
		},
		{
			name: "verification of nothing", args: "verify --env prod", code: exitFailed,
			last: "stack NigredoFrontendStack-prod does not exist: deploy it first",
		},
		{
			name: "dry run of the first deployment", args: "deploy --env prod --dry-run",
			stdout: []string{"NigredoStack-prod (new)", "creates 1 AWS::CloudWatch::Alarm", "A month of 100000 leads is reckoned at USD "},
			last:   "Nothing was changed. Next: nigredo deploy --env prod",
		},
		{
			name: "first deployment", args: "deploy --env prod",
			stderr: []string{
				"1/6 backup", "there is no cluster yet", "2/6 backend", "3/6 migrations", "schema from migration 000", "4/6 site", "5/6 health", "6/6 monitoring",
				"record: nigredo.alquimista.ai CNAME d1.cloudfront.net", "record: api.alquimista.ai CNAME d-1.execute-api",
			},
			last: "Next: set the records above, confirm SNS's e-mails to who gets alarms, then nigredo verify --env prod --leads",
		},
		{name: "rollback of the first", args: "rollback --env prod --plan", code: exitRefused, last: "is the first release"},
		{
			name: "a work tree with changes", args: "deploy --env prod", code: exitRefused,
			before: func() { c.synth(t, "two") },
			stderr: []string{"changes that are not committed"}, last: "put this right and run the same command again; nothing was changed",
		},
		{
			name: "dry run", args: "deploy --env prod --dry-run --json",
			before: func() { c.commit(t) },
			stdout: []string{`"REPLACES AWS::Lambda::Function Moved"`, `"month": {`, `"total": `},
		},
		{
			name: "second deployment", args: "deploy --env prod",
			stderr: []string{"1/6 backup", "snapshot nigredo-prod-", "2/6 migrations", "3/6 backend"}, last: "Next: nigredo verify --env prod --leads",
		},
		{
			name: "verify", args: "verify --env prod",
			stdout: []string{"S1.66c  CloudFront is deployed", "skipped  left out: --leads sends test leads", "passed   not allowed"},
		},
		{
			name: "verify finds who has not confirmed", args: "verify --env prod", code: exitFailed,
			before: func() {
				c.aws.Do(func() { c.aws.Subscriptions[c.prod.TopicARN(config.OnCall)][c.prod.Monitoring.OnCall[0]] = false })
			},
			stdout: []string{"not oncall@alquimista.ai for NigredoStack-prod-oncall: answer the e-mail"}, last: "1 of ",
		},
		{
			name: "plan of a rollback", args: "rollback --env prod --plan",
			stdout: []string{"function NigredoStack-prod-CreateLead from version 2 to 1", "Stays", "the schema, at migration"},
		},
		{
			name: "rollback", args: "rollback --env prod",
			stderr: []string{"NigredoStack-prod-CreateLead: version 1 (was 2)"}, last: "is live again. Next: nigredo verify --env prod",
		},
		{name: "stop", args: "stop-traffic --env prod", stderr: []string{"NigredoStack-prod-stopped-6: answers everybody with 503"}, last: "Next, once it may flow again: nigredo resume-traffic --env prod"},
		{name: "stop again", args: "stop-traffic --env prod", stderr: []string{"NigredoFrontendStack-prod-stopped: as it should be"}, last: "nigredo resume-traffic --env prod"},
		{name: "resume", args: "resume-traffic --env prod", stderr: []string{"NigredoFrontendStack-prod-stopped-6: lets everybody through"}, last: "Next: nigredo verify --env prod"},
		{name: "destroy prod", args: "destroy --env prod --yes", code: exitRefused, last: "prod is never destroyed"},
		{name: "destroy unasked", args: "destroy --env dev", code: exitUsage, last: "add --yes"},
		{
			name: "destroy", args: "destroy --env dev --yes",
			before: func() {
				for _, stack := range []string{c.dev.CoreStack(), c.dev.MonitoringStack(), c.dev.FrontendStack()} {
					c.aws.Deploy(c.dev, stack, deployedAt)
				}
			},
			stderr: []string{"deleting NigredoFrontendStack-dev\ndeleting NigredoMonitoringStack-dev\ndeleting NigredoStack-dev"},
			last:   "dev is gone; snapshots of its database stay. Next: ",
		},
	} {
		if step.before != nil {
			step.before()
		}
		got := c.run(t, signedIn, strings.Fields(step.args)...)
		if got.code != step.code || strings.Contains(got.stderr, "panic") || strings.Contains(got.stderr, "goroutine ") {
			t.Fatalf("%s: exit code %d, want %d\n%s%s", step.name, got.code, step.code, got.stdout, got.stderr)
		}
		if !strings.Contains(lastLine(got.stderr), step.last) {
			t.Errorf("%s: the last line is %q; want %q in it", step.name, lastLine(got.stderr), step.last)
		}
		for _, want := range step.stdout {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("%s: printed\n%s\nwant %q in it", step.name, got.stdout, want)
			}
		}
		for _, want := range step.stderr {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("%s: told\n%s\nwant %q in it", step.name, got.stderr, want)
			}
		}
	}

	// A machine whose role never answers, as outside EC2.
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() //nolint:errcheck // nobody is served
	nobody := slices.Concat(c.env, []string{"AWS_EC2_METADATA_DISABLED=false", "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://" + silent.Addr().String()})
	c.aws.Forget()
	start := time.Now()
	got := c.run(t, nobody, "deploy", "--env", "prod")
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("without credentials it took %s", took)
	}
	got.want(t, exitRefused, "there are no credentials of AWS, nothing was changed: sign in with aws sso login")
	if calls := c.aws.Calls(); len(calls) > 0 {
		t.Errorf("without credentials it called %v", calls)
	}
}
