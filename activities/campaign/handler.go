package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Store keeps campaigns. An error is Database.Unavailable, Lead.Invalid for a
// campaign that does not exist, or a defect.
type Store interface {
	// ListCampaign writes the campaign's leads, once, and gives the seconds between
	// two waves.
	ListCampaign(ctx context.Context, id lead.CampaignID, part int) (pause int, err error)
	// ChooseBatch judges the batch that ended and says what comes next.
	ChooseBatch(ctx context.Context, id lead.CampaignID, part int, execution string) (lead.Choice, error)
	// TakeWave notes results and promises the next leads.
	TakeWave(ctx context.Context, batch lead.BatchRef, execution string, results []lead.WaveResult) (lead.Wave, error)
	// SettleBatch tells how many outcomes are missing, and how long ago the last
	// lead was sent.
	SettleBatch(ctx context.Context, batch lead.BatchRef) (open int, since time.Duration, err error)
	// Campaign gives a campaign; false when there is none.
	Campaign(ctx context.Context, id lead.CampaignID) (lead.Campaign, bool, error)
}

// Input is one step of a machine.
type Input struct {
	Step       string            `json:"step"`
	CampaignID lead.CampaignID   `json:"campaignId"`
	Part       int               `json:"part"`
	Batch      int               `json:"batch"` // with take and settle
	Execution  string            `json:"execution"`
	Results    []lead.WaveResult `json:"results"` // with take
}

// Check refuses an input that no machine of ours sends.
func (in Input) Check() error {
	switch in.Step {
	case "list", "choose", "report":
	case "take", "settle":
		if in.Batch < 1 {
			return task.In("check batch of a step", lead.ErrInvalid)
		}
	default:
		return task.In("check step of a campaign", lead.ErrInvalid)
	}
	if in.CampaignID == uuid.Nil || in.Part < 1 || in.Execution == "" {
		return task.In("check campaign of a step", lead.ErrInvalid)
	}
	for _, result := range in.Results {
		switch result.Outcome {
		case "sent", "overtaken", "error":
		default:
			return task.In("check outcome of a wave", lead.ErrInvalid)
		}
	}
	return nil
}

// Subject names execution and campaign on the line of a failure.
func (in Input) Subject() []zap.Field {
	return []zap.Field{zap.String("execution_arn", in.Execution), zap.Stringer("campaign_id", in.CampaignID)}
}

// The outputs of the steps.
type (
	// Listed tells how long a later part waits before it sends.
	Listed struct {
		Pause int `json:"pause"` // seconds
	}
	// Chosen says what the campaign does next.
	Chosen struct {
		Action string `json:"action"` // send, paused, superseded or finish
		Batch  int    `json:"batch,omitempty"`
	}
	// Taken is a wave; no items end the batch.
	Taken struct {
		Items []lead.WaveItem `json:"items"`
		Pause int             `json:"pause"` // seconds
	}
	// Settled tells how many outcomes of a batch are missing.
	Settled struct {
		Open  int `json:"open"`
		Pause int `json:"pause"` // seconds until it is worth asking again
	}
	// Report counts the outcomes of a campaign.
	Report struct {
		Ended     string `json:"ended"` // completed, stopped or cancelled
		Total     int    `json:"total"`
		Delivered int    `json:"delivered"`
		Failed    int    `json:"failed"`
		Withheld  int    `json:"withheld"`
		Skipped   int    `json:"skipped"`
		Unsent    int    `json:"unsent"`
	}
)

// New makes the activity.
func New(env task.Env, store Store) *task.Handler {
	c := steps{env: env.For("campaign", ""), store: store}
	return task.New(c.env, c.step)
}

type steps struct {
	env   task.Env
	store Store
}

func (c steps) step(ctx context.Context, in Input) (any, error) {
	out, err := c.answer(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("%s campaign %s: %w", in.Step, in.CampaignID, err)
	}
	return out, nil
}

func (c steps) answer(ctx context.Context, in Input) (any, error) {
	batch := lead.BatchRef{CampaignID: in.CampaignID, Part: in.Part, Batch: in.Batch}
	switch in.Step {
	case "list":
		pause, err := c.store.ListCampaign(ctx, in.CampaignID, in.Part)
		return Listed{Pause: pause}, err
	case "choose":
		choice, err := c.store.ChooseBatch(ctx, in.CampaignID, in.Part, in.Execution)
		return Chosen(choice), err
	case "take":
		wave, err := c.store.TakeWave(ctx, batch, in.Execution, in.Results)
		if wave.Items == nil {
			wave.Items = []lead.WaveItem{}
		}
		return Taken(wave), err
	case "settle":
		open, since, err := c.store.SettleBatch(ctx, batch)
		return Settled{Open: open, Pause: pause(since)}, err
	default: // report: Check lets no other step through
		return c.report(ctx, in)
	}
}

// pause is how long to wait for outcomes: a delivery that fails takes half a
// minute, one whose event got lost waits for the sweep.
func pause(since time.Duration) int {
	switch {
	case since < 10*time.Second:
		return 1
	case since < time.Minute:
		return 3
	case since < 10*time.Minute:
		return 15
	}
	return 60
}

func (c steps) report(ctx context.Context, in Input) (Report, error) {
	found, ok, err := c.store.Campaign(ctx, in.CampaignID)
	if err != nil {
		return Report{}, err
	}
	if !ok {
		return Report{}, lead.ErrInvalid
	}
	n := found.Counts
	c.env.Log.Info("Campaign: ended", append(in.Subject(), zap.String("status", string(found.Status)), zap.String("stop_reason", found.StopReason),
		zap.Int("total", n.Total), zap.Int("delivered", n.Delivered), zap.Int("failed", n.Failed), zap.Int("withheld", n.Withheld),
		zap.Int("skipped", n.Skipped), zap.Int("unsent", n.Unsent))...)
	return Report{
		Ended: string(found.Status), Total: n.Total, Delivered: n.Delivered, Failed: n.Failed,
		Withheld: n.Withheld, Skipped: n.Skipped, Unsent: n.Unsent,
	}, nil
}
