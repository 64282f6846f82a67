package local

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// expressLogLimit is the size past which a log file is put aside as .1, which
// replaces the one before it.
const expressLogLimit = 64 << 20

// expressLog writes the events of Express executions in the form in which AWS
// sends them to CloudWatch Logs: one record a line, one file a machine. What a
// record holds is the machine's logging configuration, see createMachines. It is
// best effort, as there.
type expressLog struct {
	dir string
	log *zap.Logger

	mu    sync.Mutex
	files map[string]*os.File
	sizes map[string]int64
}

func newExpressLog(dir string, log *zap.Logger) (*expressLog, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open log folder: %w", err)
	}
	return &expressLog{dir: dir, log: log, files: map[string]*os.File{}, sizes: map[string]int64{}}, nil
}

// record is one log record; ids and the time are strings in AWS's too.
type record struct {
	ID              string          `json:"id"`
	Type            string          `json:"type"`
	Details         json.RawMessage `json:"details,omitempty"`
	PreviousEventID string          `json:"previous_event_id"`
	EventTimestamp  string          `json:"event_timestamp"`
	ExecutionARN    string          `json:"execution_arn"`
	RedriveCount    string          `json:"redrive_count"`
}

// Record implements engine.LogSink.
func (l *expressLog) Record(machine *engine.StateMachine, executionARN string, event engine.Event) {
	line, err := json.Marshal(record{
		ID:              strconv.FormatInt(event.ID, 10),
		Type:            event.Type,
		Details:         event.Details,
		PreviousEventID: strconv.FormatInt(event.PreviousID, 10),
		EventTimestamp:  strconv.FormatInt(event.Timestamp.UnixMilli(), 10),
		ExecutionARN:    executionARN,
		RedriveCount:    "0",
	})
	if err == nil {
		err = l.append(machine.Name, append(line, '\n'))
	}
	if err != nil {
		l.log.Error("Log: event not written", zap.String("execution_arn", executionARN), zap.NamedError("error_message", err))
	}
}

func (l *expressLog) append(machine string, line []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	file, err := l.file(machine)
	if err != nil {
		return err
	}
	n, err := file.Write(line)
	l.sizes[machine] += int64(n)
	return err
}

// file gives the open file of a machine, a fresh one when the last grew too big.
func (l *expressLog) file(machine string) (*os.File, error) {
	path := filepath.Join(l.dir, machine+".log")
	file := l.files[machine]
	if file != nil && l.sizes[machine] < expressLogLimit {
		return file, nil
	}
	if file != nil {
		delete(l.files, machine)
		if err := file.Close(); err != nil {
			return nil, err
		}
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	l.files[machine], l.sizes[machine] = file, info.Size()
	return file, nil
}

// Close closes the files; what is recorded later is lost.
func (l *expressLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var first error
	for _, file := range l.files {
		if err := file.Close(); err != nil && first == nil {
			first = err
		}
	}
	l.files = map[string]*os.File{}
	return first
}
