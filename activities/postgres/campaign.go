package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// Bounds of a batch and a wave.
const (
	maxBatch = 200 // leads: keeps the history of a batch's execution far below its limit
	maxWave  = 100 // leads: their ids stay below 50 KB
	// batchMinutes bounds the time that a batch sends, whatever the rate.
	batchMinutes = 10
	// judgeAfter is how many outcomes of a batch must be known before it is judged on
	// its way: a handful would stop a campaign for bad luck.
	judgeAfter = 50
)

// ListCampaign writes a row for each lead that the campaign's filter chooses,
// once. A part that follows another one takes the campaign over. It gives the whole
// seconds between two waves. Lead.Invalid: there is no such campaign.
func (s *Store) ListCampaign(ctx context.Context, id lead.CampaignID, part int) (pause int, err error) {
	err = s.transact(ctx, "list leads of campaign", id, func(q *db.Queries, r db.Redrive) error {
		_, pause = waveOf(int(r.RatePerMinute))
		if err := q.AdoptRedrive(ctx, db.AdoptRedriveParams{ID: id, Part: int32(part)}); err != nil {
			return err
		}
		if r.PlannedAt != nil || lead.CampaignStatus(r.Status) == lead.CampaignCancelled {
			return nil
		}
		if err := q.ListFailedForRedrive(ctx, id); err != nil {
			return err
		}
		return q.BeginRedrive(ctx, id)
	})
	return pause, err
}

// ChooseBatch judges the batch that ended and says what the campaign does next.
// A batch whose failures exceed the campaign's share stops it. Asked again it
// answers the same.
func (s *Store) ChooseBatch(ctx context.Context, id lead.CampaignID, part int, execution string) (lead.Choice, error) {
	var choice lead.Choice
	err := s.transact(ctx, "choose batch", id, func(q *db.Queries, r db.Redrive) (err error) {
		choice, err = chooseBatch(ctx, q, r, part, execution)
		return err
	})
	return choice, err
}

func chooseBatch(ctx context.Context, q *db.Queries, r db.Redrive, part int, execution string) (lead.Choice, error) {
	switch {
	case int(r.Part) != part:
		return lead.Choice{Action: lead.ChoiceSuperseded}, nil
	case lead.CampaignStatus(r.Status) == lead.CampaignPaused:
		return lead.Choice{Action: lead.ChoicePaused}, nil
	}
	judged, err := q.JudgeBatch(ctx, db.JudgeBatchParams{CampaignID: r.ID, Batch: r.Batch})
	switch {
	case err != nil:
		return lead.Choice{}, err
	case judged.Unsettled > 0: // it broke off, or a cancel came while it was on its way
		return lead.Choice{Action: lead.ChoiceSend, Batch: int(r.Batch)}, nil
	case lead.CampaignStatus(r.Status) != lead.CampaignRunning:
		return lead.Choice{Action: lead.ChoiceFinish}, nil
	}
	if stopped, err := stop(ctx, q, r, judged, execution); stopped || err != nil {
		return lead.Choice{Action: lead.ChoiceFinish}, err
	}
	// A canary of which nothing was sent has shown nothing.
	probe := r.Probe && judged.Delivered+judged.Failed == 0
	size := batchSize(int(r.RatePerMinute))
	if probe {
		size = r.Canary
	}
	next := r.Batch + 1
	assigned, err := q.AssignBatch(ctx, db.AssignBatchParams{CampaignID: r.ID, Batch: next, Size: size})
	switch {
	case err != nil:
		return lead.Choice{}, err
	case assigned == 0:
		return lead.Choice{Action: lead.ChoiceFinish}, q.FinishRedrive(ctx, db.FinishRedriveParams{
			ID: r.ID, Status: string(lead.CampaignCompleted), Actor: execution, ActionID: newID(),
		})
	}
	return lead.Choice{Action: lead.ChoiceSend, Batch: int(next)}, q.AdvanceRedrive(ctx, db.AdvanceRedriveParams{ID: r.ID, Batch: next, Probe: probe})
}

// stop ends a campaign of whose batch too many failed.
func stop(ctx context.Context, q *db.Queries, r db.Redrive, judged db.JudgeBatchRow, execution string) (bool, error) {
	closed := judged.Delivered + judged.Failed
	if closed == 0 || float64(judged.Failed)/float64(closed) <= r.StopShare {
		return false, nil
	}
	return true, q.FinishRedrive(ctx, db.FinishRedriveParams{
		ID: r.ID, Status: string(lead.CampaignStopped), Actor: execution, ActionID: newID(),
		StopReason: fmt.Sprintf("batch %d: %d of %d failed, most often %s", r.Batch, judged.Failed, closed, judged.Cause),
	})
}

func batchSize(perMinute int) int32 {
	return int32(min(maxBatch, perMinute*batchMinutes))
}

// waveOf gives the leads of a wave and the whole seconds to wait after it, for a
// rate that is never exceeded: size/pause is at most the rate, and as near to it as
// waves of five leads, or pauses of four seconds, allow.
func waveOf(perMinute int) (size, pause int) {
	if perMinute < 60 {
		size, pause = 1, (59+perMinute)/perMinute
		for n := 2; n <= 5; n++ {
			if seconds := (60*n + perMinute - 1) / perMinute; n*pause > size*seconds {
				size, pause = n, seconds
			}
		}
		return size, pause
	}
	size, pause = min(perMinute/60, maxWave), 1
	for seconds := 2; seconds <= 4; seconds++ {
		if n := min(perMinute*seconds/60, maxWave); n*pause > size*seconds {
			size, pause = n, seconds
		}
	}
	return size, pause
}

// TakeWave notes what became of the wave before and promises the next leads of a
// batch: those promised already first, so that an answer that got lost loses
// nobody. None when the batch is sent, when the campaign is not running, or when
// another part goes on. A long batch of which too many have failed already stops the
// campaign.
func (s *Store) TakeWave(ctx context.Context, ref lead.BatchRef, execution string, results []lead.WaveResult) (lead.Wave, error) {
	var wave lead.Wave
	err := s.transact(ctx, "take wave", ref.CampaignID, func(q *db.Queries, r db.Redrive) error {
		size, pause := waveOf(int(r.RatePerMinute))
		wave = lead.Wave{Pause: pause}
		if err := note(ctx, q, ref, results); err != nil {
			return err
		}
		if int(r.Part) != ref.Part || lead.CampaignStatus(r.Status) != lead.CampaignRunning {
			return nil
		}
		if stopped, err := judge(ctx, q, r, ref, execution); stopped || err != nil {
			return err
		}
		if err := q.TakeItems(ctx, db.TakeItemsParams{CampaignID: ref.CampaignID, Batch: int32(ref.Batch), Size: int32(size)}); err != nil {
			return err
		}
		rows, err := q.TakenItems(ctx, db.TakenItemsParams{CampaignID: ref.CampaignID, Batch: int32(ref.Batch), Size: int32(size)})
		for _, row := range rows {
			wave.Items = append(wave.Items, item(ref.CampaignID, row))
		}
		return err
	})
	return wave, err
}

// judge stops a campaign whose batch fails while it is being sent.
func judge(ctx context.Context, q *db.Queries, r db.Redrive, ref lead.BatchRef, execution string) (bool, error) {
	if err := q.SettleItems(ctx, db.SettleItemsParams{CampaignID: ref.CampaignID, Batch: int32(ref.Batch), EntryIds: newIDs(maxBatch)}); err != nil {
		return false, err
	}
	judged, err := q.JudgeBatch(ctx, db.JudgeBatchParams{CampaignID: ref.CampaignID, Batch: int32(ref.Batch)})
	if err != nil || judged.Delivered+judged.Failed < judgeAfter {
		return false, err
	}
	return stop(ctx, q, r, judged, execution)
}

// note writes the results of a wave. What was sent runs, as far as the books are
// concerned, from here on: should none of its events ever arrive, the sweep asks.
func note(ctx context.Context, q *db.Queries, ref lead.BatchRef, results []lead.WaveResult) error {
	if len(results) == 0 {
		return nil
	}
	params := noted(ref, results)
	if err := q.LockDeliveriesOfWave(ctx, db.LockDeliveriesOfWaveParams{
		CampaignID: ref.CampaignID, Batch: int32(ref.Batch), Positions: params.Positions,
	}); err != nil {
		return err
	}
	if err := q.NoteResults(ctx, params); err != nil {
		return err
	}
	unheard, err := q.UnheardItems(ctx, db.UnheardItemsParams{CampaignID: ref.CampaignID, Batch: int32(ref.Batch), Positions: params.Positions})
	if err != nil {
		return err
	}
	for _, row := range unheard {
		_, err := q.Track(ctx, db.TrackParams{
			LeadID: row.LeadID, EventID: row.EventID, Status: string(lead.ExecutionRunning), ExecutionArn: row.ExecutionArn,
			StartedAt: row.StartedAt, RedriveCount: row.RedriveCount, EntryID: newID(),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func noted(ref lead.BatchRef, results []lead.WaveResult) db.NoteResultsParams {
	params := db.NoteResultsParams{CampaignID: ref.CampaignID, Batch: int32(ref.Batch)}
	for _, result := range results {
		params.Positions = append(params.Positions, int32(result.Position))
		params.Outcomes = append(params.Outcomes, result.Outcome)
		params.Modes = append(params.Modes, result.Mode)
		params.ExecutionArns = append(params.ExecutionArns, cutBytes(clean(result.Execution), maxActor))
		params.ErrorNames = append(params.ErrorNames, cutBytes(clean(result.Error), maxName))
		params.EntryIds = append(params.EntryIds, newID())
	}
	return params
}

func item(campaign lead.CampaignID, row db.TakenItemsRow) lead.WaveItem {
	return lead.WaveItem{
		Position: int(row.Position), LeadID: row.LeadID, EventID: row.EventID, Mode: text(row.Mode), Execution: text(row.ExecutionArn),
		Token:     fmt.Sprintf("%s-%d-%d", campaign, row.Position, row.Sends),
		FreshName: fmt.Sprintf("lead-%s-%d", row.LeadID, row.FreshNumber),
	}
}

// SettleBatch reads the outcomes of what a batch has sent and tells how many are
// missing, and how long ago the last of it was sent.
func (s *Store) SettleBatch(ctx context.Context, ref lead.BatchRef) (open int, since time.Duration, err error) {
	err = s.transact(ctx, "settle batch", ref.CampaignID, func(q *db.Queries, r db.Redrive) error {
		ended := r.FinishedAt != nil
		if err := q.SettleItems(ctx, db.SettleItemsParams{CampaignID: ref.CampaignID, Batch: int32(ref.Batch), Ended: ended, EntryIds: newIDs(maxBatch)}); err != nil {
			return err
		}
		row, err := q.OpenItems(ctx, db.OpenItemsParams{CampaignID: ref.CampaignID, Batch: int32(ref.Batch), Ended: ended})
		open, since = int(row.Open), row.Since
		return err
	})
	return open, since, err
}

func newIDs(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = newID()
	}
	return ids
}

// EndCampaign pauses a campaign whose part has died, unless it was paused, ended or
// handed on by then.
func (s *Store) EndCampaign(ctx context.Context, id lead.CampaignID, part int, execution string, status lead.ExecutionStatus) (bool, error) {
	var ended int64
	err := s.run(ctx, "end campaign", func(q *db.Queries) (err error) {
		ended, err = q.EndRedrive(ctx, db.EndRedriveParams{
			ID: id, Part: int32(part), Actor: cutBytes(clean(execution), maxActor), ActionID: newID(),
			StopReason: "its execution was " + string(status) + "; resume to go on",
		})
		return err
	})
	return ended > 0, err
}

// transact runs f in one transaction that holds the campaign's row: steps of one
// campaign come one after the other. Lead.Invalid: there is no such campaign.
func (s *Store) transact(ctx context.Context, operation string, id lead.CampaignID, f func(*db.Queries, db.Redrive) error) error {
	found := false
	err := s.begin(ctx, operation, func(q *db.Queries) error {
		row, err := q.LockRedrive(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		return f(q, row.Redrive)
	})
	if err == nil && !found {
		return fmt.Errorf("%s: no campaign %s: %w", operation, id, lead.ErrInvalid)
	}
	return err
}
