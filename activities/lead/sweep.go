package lead

import (
	"time"

	"github.com/google/uuid"
)

// Vanished is the error name of a delivery whose execution Step Functions does not
// know any more and that never succeeded. No machine matches it; a redrive
// campaign gives it a fresh execution.
const Vanished = "Delivery.Vanished"

// Work is one delivery that the sweep has to look into. Without an execution it is
// owed: due, and nobody ever heard that it was started.
type Work struct {
	LeadID       ID
	EventID      uuid.UUID
	Name         string    // of the execution to start, where none is known
	Execution    string    // "": none known
	StartedAt    time.Time // of the execution; of its attempt, when only that tells of it
	RedriveCount int       // of the execution, as far as we know
}
