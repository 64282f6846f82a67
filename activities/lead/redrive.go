package lead

import (
	"time"

	"github.com/google/uuid"
)

// RedriveWindow is how long after its end an execution can be redriven: a hard
// quota of Step Functions. What failed before that gets a fresh execution.
const RedriveWindow = 14 * 24 * time.Hour

// CampaignID identifies a redrive campaign: a UUID of version 7.
type CampaignID = uuid.UUID

// RedriveFilter chooses failed deliveries.
type RedriveFilter struct {
	From, To    time.Time // when the delivery failed: at or after From, before To
	Error       string    // name of the error; empty: any
	StatusClass string    // of the newest attempt's answer: "3xx", "4xx", "5xx", "none" for no answer; empty: any
	LeadID      ID        // this one only; uuid.Nil: any
}

// RedrivePlan is what a campaign with a filter would do, without doing it.
type RedrivePlan struct {
	Total          int // leads that would be delivered again: Redrivable + Fresh
	Redrivable     int // their execution goes on where it failed
	Fresh          int // failed longer ago than RedriveWindow: a fresh execution under the same webhook-id
	WouldFailAgain int // of Total: Fibonacci rejected the event itself; a repeat helps only after a repair
	Withheld       int // left out: erased or quarantined meanwhile
	Busy           int // left out: in an unfinished campaign already

	Oldest, Newest time.Time // failures of Total; zero when there is none
	SoonestExpiry  time.Time // when the first of Redrivable leaves the window; zero when there is none
	Causes         []RedriveCause
	Sample         []RedriveSample // the first that would be sent: newest leads first
}

// RedriveCause counts failures of one kind, the most frequent first.
type RedriveCause struct {
	Error      string
	StatusCode int // 0: no answer
	Count      int
}

// RedriveSample is one lead of a plan.
type RedriveSample struct {
	LeadID     ID
	Execution  string
	Error      string
	StatusCode int
	FailedAt   time.Time
	Fresh      bool
}

// CampaignStatus is where a campaign stands.
type CampaignStatus string

// The life of a campaign. A paused or stopped one can be resumed.
const (
	CampaignPlanned   CampaignStatus = "planned"   // recorded; its first execution has not listed the leads yet
	CampaignRunning   CampaignStatus = "running"   // being sent
	CampaignPaused    CampaignStatus = "paused"    // by a person; nothing more is sent until it is resumed
	CampaignStopped   CampaignStatus = "stopped"   // by itself: too many failed
	CampaignCancelled CampaignStatus = "cancelled" // by a person, for good
	CampaignCompleted CampaignStatus = "completed" // every lead has its outcome
)

// NewCampaign is the decision to deliver again.
type NewCampaign struct {
	Filter        RedriveFilter
	Reason        string  // 1 to 500 characters, without personal data
	Actor         string  // subject of the token
	Canary        int     // 1 to 100 leads go first, alone
	RatePerMinute int     // 1 to 6,000, never exceeded
	StopShare     float64 // 0 to 1: a batch in which more than this share fails stops the campaign
}

// Campaign is a decision and how far it came.
type Campaign struct {
	NewCampaign
	ID         CampaignID
	Status     CampaignStatus
	Part       int // of the execution that may go on: redrive-<ID>-<Part>
	Batch      int // under way, or the last one; 0 before the first, which is the canary
	StopReason string
	Counts     CampaignCounts
	Actions    []CampaignAction // oldest first

	CreatedAt  time.Time
	PlannedAt  time.Time // zero while planned
	FinishedAt time.Time // zero until stopped, cancelled or completed
}

// CampaignCounts counts the leads of a campaign by where they stand. Total is
// the sum of the others.
type CampaignCounts struct {
	Total     int
	Pending   int // not sent yet
	Sent      int // on their way
	Delivered int
	Failed    int // again
	Withheld  int // erased or quarantined before they were sent
	Skipped   int // delivered or redriven by somebody else meanwhile
	Unsent    int // the campaign ended first
}

// CampaignAction is who did what to a campaign.
type CampaignAction struct {
	At     time.Time
	Actor  string // subject of a token, or an execution
	Action string // created, paused, resumed, cancelled, stopped, completed
}

// CampaignItem is one lead of a campaign: a line of its report.
type CampaignItem struct {
	Position     int
	LeadID       ID
	EventID      uuid.UUID
	State        string // pending, taken, sent, delivered, failed, withheld, skipped, unsent
	Batch        int    // 0: in none yet
	Mode         string // redrive or fresh; empty until taken
	Execution    string
	RedriveCount int
	Error        string // why it had failed, or failed again
	Note         string
	SentAt       time.Time
	ClosedAt     time.Time
}

// Wave is what the machine of a batch sends next.
type Wave struct {
	Items []WaveItem // none: the batch is sent, or the campaign may not go on
	Pause int        // whole seconds to wait after the wave
}

// WaveItem is one lead to send, by ids.
type WaveItem struct {
	Position  int       `json:"position"`
	LeadID    ID        `json:"leadId"`
	EventID   uuid.UUID `json:"eventId"`
	Mode      string    `json:"mode"`         // redrive or fresh
	Execution string    `json:"executionArn"` // that failed
	Token     string    `json:"token"`        // of the redrive: a repeat of the call is the same redrive
	FreshName string    `json:"freshName"`    // of a fresh execution, when it must be one
}

// WaveResult is what the machine says of one lead of a wave.
type WaveResult struct {
	Position  int    `json:"position"`
	Outcome   string `json:"outcome"` // sent, overtaken or error
	Mode      string `json:"mode,omitempty"`
	Execution string `json:"executionArn,omitempty"`
	Error     string `json:"error,omitempty"`
}

// BatchRef names a batch of a campaign and the part that sends it.
type BatchRef struct {
	CampaignID CampaignID
	Part       int
	Batch      int
}

// Choice is what a campaign does next.
type Choice struct {
	Action string // send, paused, superseded or finish
	Batch  int    // with send
}

// What a campaign may do next.
const (
	ChoiceSend       = "send"
	ChoicePaused     = "paused"
	ChoiceSuperseded = "superseded" // a later part goes on in place of the caller
	ChoiceFinish     = "finish"     // completed, stopped or cancelled
)
