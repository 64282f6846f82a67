package local

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// started is a data folder in which nigredo ran.
func started(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := loadSecrets(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFault_ReachesAProgramThatRunsAndOneThatStartsLater(t *testing.T) {
	t.Parallel()
	dir := started(t)
	running := faults(dir, zap.NewNop())
	if got := running(); got != (fibonacci.Fault{}) {
		t.Errorf("%+v before anything was set", got)
	}
	for _, status := range []int{503, 500} { // the second takes the place of the first
		set, err := SetFault(dir, fibonacci.Fault{Status: status, Share: 1}, time.Minute, noon)
		if err != nil || !set.Until.Equal(noon.Add(time.Minute)) {
			t.Fatalf("%+v, %v", set, err)
		}
		for name, source := range map[string]func() fibonacci.Fault{"the running": running, "a new": faults(dir, zap.NewNop())} {
			if got := source(); got != set {
				t.Errorf("%s program has %+v, want %+v", name, got, set)
			}
		}
		shown, err := Fault(dir, noon)
		if err != nil || *shown != set {
			t.Errorf("shown %+v, %v", shown, err)
		}
	}
	if shown, err := Fault(dir, noon.Add(time.Minute)); shown != nil || err != nil {
		t.Errorf("shown after its end: %+v, %v", shown, err)
	}
	for range 2 { // the second time there is nothing to clear
		if err := ClearFault(dir); err != nil {
			t.Error(err)
		}
	}
	if got := running(); got != (fibonacci.Fault{}) {
		t.Errorf("%+v after it was cleared", got)
	}
}

func TestFault_DamagedFileIsReportedOnceAndMeansNone(t *testing.T) {
	t.Parallel()
	dir := started(t)
	core, lines := observer.New(zapcore.InfoLevel)
	running := faults(dir, zap.New(core))
	for n, content := range []string{"", "{", `{"status":503}`, `{"status":7,"share":1}`, `[]`} {
		if _, err := SetFault(dir, fibonacci.Fault{Status: 503, Share: 1}, time.Minute, noon); err != nil {
			t.Fatal(err)
		}
		if running().Status != 503 {
			t.Error("a good file was not read")
		}
		if err := os.WriteFile(faultFile(dir), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := running(); got != (fibonacci.Fault{}) {
				t.Errorf("%q means %+v", content, got)
			}
		}
		if lines.Len() != n+1 || !strings.Contains(lines.All()[n].ContextMap()["error_message"].(string), faultFile(dir)) {
			t.Errorf("%q: %d lines, want %d that name the file", content, lines.Len(), n+1)
		}
		if _, err := Fault(dir, noon); !errors.Is(err, ErrFaultDamaged) {
			t.Errorf("%q is shown as %v", content, err)
		}
	}
}

func TestSetFault_Refuses(t *testing.T) {
	t.Parallel()
	dir := started(t)
	good := fibonacci.Fault{Status: 503, Share: 1}
	for name, test := range map[string]struct {
		dir     string
		fault   fibonacci.Fault
		lasting time.Duration
		want    error
	}{
		"no time":             {dir, good, 0, ErrFault},
		"a time that is over": {dir, good, -time.Second, ErrFault},
		"more than a day":     {dir, good, 24*time.Hour + 1, ErrFault},
		"nonsense":            {dir, fibonacci.Fault{Status: 503, Reset: true, Share: 1}, time.Minute, ErrFault},
		"a folder of others":  {t.TempDir(), good, time.Minute, fs.ErrNotExist},
		"no folder":           {dir + "/none", good, time.Minute, fs.ErrNotExist},
	} {
		if _, err := SetFault(test.dir, test.fault, test.lasting, noon); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if _, err := os.Stat(faultFile(test.dir)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a file was written", name)
		}
	}
}
