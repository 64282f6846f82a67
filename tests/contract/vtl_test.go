package contract

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/api"
	"github.com/alquimista-ai/nigredo/tests/npm"
)

//go:embed velocity/package.json velocity/package-lock.json velocity/render.mjs
var velocity embed.FS

// renderJob is what render.mjs reads.
type renderJob struct {
	RequestTemplate  string           `json:"requestTemplate"`
	ResponseTemplate string           `json:"responseTemplate"`
	Escape           []string         `json:"escape"`
	Requests         []gatewayRequest `json:"requests"`
	Responses        []string         `json:"responses"`
}

// gatewayRequest is a request as the request template sees it.
type gatewayRequest struct {
	Header      map[string]string `json:"header"`
	QueryString map[string]string `json:"querystring"`
	Body        string            `json:"body"`
	SourceIP    string            `json:"sourceIp"`
	RequestID   string            `json:"requestId"`
}

// rendered is what render.mjs writes.
type rendered struct {
	Escaped   []string         `json:"escaped"`
	Requests  []string         `json:"requests"`
	Responses []renderedAnswer `json:"responses"`
}

type renderedAnswer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// render runs the job on Velocity.
func render(t *testing.T, job renderJob) rendered {
	t.Helper()
	folder, err := velocityFolder()
	if err != nil {
		t.Fatal(err)
	}
	job.RequestTemplate, job.ResponseTemplate = api.RequestTemplate(), api.ResponseTemplate()
	if job.Escape == nil {
		job.Escape = []string{}
	}
	if job.Requests == nil {
		job.Requests = []gatewayRequest{}
	}
	if job.Responses == nil {
		job.Responses = []string{}
	}
	in, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(folder, "render.mjs"))
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("render templates: %v\n%s", err, stderr.String())
	}
	var r rendered
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("render templates: %v\n%s", err, out)
	}
	return r
}

// velocityFolder is a folder with render.mjs and the locked packages it needs.
var velocityFolder = sync.OnceValues(func() (string, error) {
	sources, err := fs.Sub(velocity, "velocity")
	if err != nil {
		return "", err
	}
	return npm.Folder(context.Background(), "velocity", sources)
})

// The stand-in for $util.escapeJavaScript, held against the rules it is written
// from.
func TestVelocity_EscapesAsDocumented(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"", ""},
		{"plain text 123", "plain text 123"},
		{`O'Brien`, `O\'Brien`},
		{`say "hi"`, `say \"hi\"`},
		{`C:\temp`, `C:\\temp`},
		{`\'`, `\\\'`},
		{`</script>`, `<\/script>`},
		{"a\b\t\n\f\rz", `a\b\t\n\f\rz`},
		{"\x00\x01\x1f", `\u0000\u0001\u001F`},
		{"\x7f", "\x7f"},
		{"é", `\u00E9`},
		{"\u2028\u2029", `\u2028\u2029`},
		{"\ufeff", `\uFEFF`},
		{"😀", `\uD83D\uDE00`},
		{"@@ $ # $foo #set ${x}", "@@ $ # $foo #set ${x}"},
		{"& < > ` ^ | ~", "& < > ` ^ | ~"},
	}
	var job renderJob
	for _, test := range tests {
		job.Escape = append(job.Escape, test.in)
	}
	for i, got := range render(t, job).Escaped {
		if got != tests[i].want {
			t.Errorf("escape %q: got %s, want %s", tests[i].in, got, tests[i].want)
		}
	}
}
