package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
)

// maxFault is how long a fault may last at most: nobody remembers it longer.
const maxFault = 24 * time.Hour

// ErrFault is returned by SetFault for a fault that makes no sense.
var ErrFault = errors.New("fault")

// ErrFaultDamaged is returned by Fault for a file that cannot be understood.
var ErrFaultDamaged = errors.New("the file is damaged and no fault is in force")

func faultFile(dir string) string { return filepath.Join(dir, "fault") }

// SetFault puts the built-in receiver of a data folder out of order for some
// time, whether the program runs or is started in that time. It gives the fault
// with its end, and refuses one that makes no sense with ErrFault, and with
// fs.ErrNotExist where nothing was ever started.
func SetFault(dir string, fault fibonacci.Fault, lasting time.Duration, now time.Time) (fibonacci.Fault, error) {
	if lasting <= 0 || lasting > maxFault {
		return fault, fmt.Errorf("%w: want it to last more than 0 and at most %s", ErrFault, maxFault)
	}
	if err := fault.Check(); err != nil {
		return fault, fmt.Errorf("%w: %w", ErrFault, err)
	}
	if err := everStarted(dir); err != nil {
		return fault, fmt.Errorf("set fault: %w", err)
	}
	fault.Until = now.Add(lasting).UTC()
	b, err := json.Marshal(fault)
	if err != nil {
		return fault, fmt.Errorf("set fault: %w", err)
	}
	if err := replaceFile(faultFile(dir), append(b, '\n')); err != nil {
		return fault, fmt.Errorf("set fault: %w", err)
	}
	return fault, nil
}

// everStarted is fs.ErrNotExist for a folder in which nothing was ever started.
func everStarted(dir string) error {
	_, err := os.Stat(secretsFile(dir))
	return err
}

// ClearFault ends the fault, if there is one. It refuses with fs.ErrNotExist where
// nothing was ever started.
func ClearFault(dir string) error {
	if err := everStarted(dir); err != nil {
		return fmt.Errorf("clear fault: %w", err)
	}
	if err := os.Remove(faultFile(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear fault: %w", err)
	}
	return nil
}

// Fault gives the fault that is set, nil for none. It refuses a damaged file,
// which means no fault, with ErrFaultDamaged, and with fs.ErrNotExist where nothing
// was ever started.
func Fault(dir string, now time.Time) (*fibonacci.Fault, error) {
	if err := everStarted(dir); err != nil {
		return nil, fmt.Errorf("read fault: %w", err)
	}
	b, err := os.ReadFile(faultFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read fault: %w", err)
	}
	fault, err := parseFault(b)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", faultFile(dir), ErrFaultDamaged, err)
	}
	if !now.Before(fault.Until) {
		return nil, nil
	}
	return &fault, nil
}

func parseFault(content []byte) (fibonacci.Fault, error) {
	var fault fibonacci.Fault
	if err := json.Unmarshal(content, &fault); err != nil {
		return fault, err
	}
	return fault, fault.Check()
}

// faults gives the fault of a data folder, for every request anew. It may be over.
func faults(dir string, log *zap.Logger) func() fibonacci.Fault {
	file := &watched[fibonacci.Fault]{path: faultFile(dir), parse: parseFault}
	return func() fibonacci.Fault {
		fault, changed, err := file.get()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fibonacci.Fault{}
		case err != nil:
			if changed {
				log.Warn("Local: the fault of the receiver cannot be read; no fault is in force", zap.NamedError("error_message", err))
			}
			return fibonacci.Fault{}
		}
		return fault
	}
}
