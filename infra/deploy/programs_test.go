package deploy_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/alquimista-ai/nigredo/infra/deploy"
	"github.com/alquimista-ai/nigredo/infra/deploy/awstest"
	"github.com/alquimista-ai/nigredo/tests/npm"
)

// The real command line deploys a stack of the fake: what it asks of AWS keeps to the
// models too, and it speaks to nobody else.
func TestPrograms_TheRealCDK(t *testing.T) {
	t.Parallel()
	folder := cdkFolder(t)
	b := setup(t, "staging")
	stack := b.Config.CoreStack()
	var out bytes.Buffer
	home := t.TempDir()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the command line wants to speak to %s", r.Host)
	}))
	t.Cleanup(elsewhere.Close)
	programs := deploy.Programs{Folder: folder, Out: &out, Env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "AWS_ENDPOINT_URL=" + b.aws.URL, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AKIATEST", "AWS_SECRET_ACCESS_KEY=fake", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1",
		"HTTPS_PROXY=" + elsewhere.URL, "HTTP_PROXY=" + elsewhere.URL, "NO_PROXY=127.0.0.1",
	}}
	if version, err := programs.CDKVersion(t.Context()); err != nil || version != deploy.CDK {
		t.Fatalf("version %q, %v; want %s", version, err, deploy.CDK)
	}
	for _, status := range []string{"CREATE_COMPLETE", "UPDATE_COMPLETE"} {
		b.cloudAssembly(t, stack, status)
		b.aws.Forget()
		out.Reset()
		if err := programs.Deploy(t.Context(), b.Assembly, stack); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		order := b.order()
		if len(order) < 3 || order[0] != "s3.PutObject" || !slices.Contains(order, "cloudformation.ExecuteChangeSet") {
			t.Errorf("order %v\n%s", order, out.String())
		}
		if got := b.aws.Stacks[stack]; got.Status != status || !got.Protected {
			t.Errorf("the stack is %s, protected %t; want %s", got.Status, got.Protected, status)
		}
	}
	b.aws.Fail("cloudformation.CreateChangeSet", awsFault("InsufficientCapabilitiesException", "Requires capabilities"))
	b.cloudAssembly(t, stack, "again")
	if err := programs.Deploy(t.Context(), b.Assembly, stack); err == nil || !strings.Contains(err.Error(), "Requires capabilities") {
		t.Errorf("a failure: %v", err)
	}
}

// cdkFolder is infra/tools/cdk with what its lock file names.
func cdkFolder(t *testing.T) string {
	t.Helper()
	locked := fstest.MapFS{}
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join("..", "tools", "cdk", name))
		if err != nil {
			t.Fatal(err)
		}
		locked[name] = &fstest.MapFile{Data: content}
	}
	folder, err := npm.Folder(t.Context(), "cdk", locked)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func awsFault(code, message string) awstest.Fault { return awstest.Fault{Code: code, Message: message} }

// cloudAssembly writes what synthesis writes for one stack: its template is an asset.
func (b *bundle) cloudAssembly(t *testing.T, stack string, words ...string) {
	t.Helper()
	write := func(name string, content any) {
		raw, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(b.Assembly, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const bucket = "cdk-hnb659fds-assets-" + account + "-us-east-1"
	role := func(name string) string {
		return "arn:aws:iam::" + account + ":role/cdk-hnb659fds-" + name + "-role-" + account + "-us-east-1"
	}
	key := "t" + strings.Join(words, "") + ".json"
	environment := "aws://" + account + "/us-east-1"
	write("manifest.json", map[string]any{"version": "48.0.0", "artifacts": map[string]any{
		stack + ".assets": map[string]any{"type": "cdk:asset-manifest", "properties": map[string]any{
			"file": stack + ".assets.json", "requiresBootstrapStackVersion": 6, "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
		}},
		stack: map[string]any{
			"type": "aws:cloudformation:stack", "environment": environment, "displayName": stack, "dependencies": []string{stack + ".assets"},
			"properties": map[string]any{
				"templateFile": stack + ".template.json", "validateOnSynth": false, "terminationProtection": true, "assumeRoleArn": role("deploy"),
				"cloudFormationExecutionRoleArn": role("cfn-exec"), "stackTemplateAssetObjectUrl": "s3://" + bucket + "/" + key,
				"requiresBootstrapStackVersion": 6, "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
				"additionalDependencies": []string{stack + ".assets"},
			},
		},
	}})
	write(stack+".template.json", map[string]any{"Description": strings.Join(words, ""), "Resources": map[string]any{
		"Topic": map[string]any{"Type": "AWS::SNS::Topic"},
	}})
	write(stack+".assets.json", map[string]any{"version": "48.0.0", "dockerImages": map[string]any{}, "files": map[string]any{
		"template": map[string]any{
			"source": map[string]any{"path": stack + ".template.json", "packaging": "file"},
			"destinations": map[string]any{"here": map[string]any{
				"bucketName": bucket, "objectKey": key, "region": "us-east-1", "assumeRoleArn": role("file-publishing"),
			}},
		},
	}})
}
