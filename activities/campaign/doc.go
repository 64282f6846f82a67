// Package campaign is what the machines redrive_campaign and redrive_batch ask of
// the books, one step a call:
//
//	list    writes a row for each lead that the filter chooses
//	choose  judges the batch that ended and names the next one
//	take    notes what became of a wave and promises the next leads
//	settle  reads the outcomes of what was sent
//	report  counts the outcomes of the campaign
//
// It redrives nothing, waits for nothing and loops over nothing: pauses, waves,
// batches and retries are declared in states/redrive_campaign.asl.json and
// states/redrive_batch.asl.json. Every step may be asked again and answers the
// same: list writes once, choose names a batch that is not settled again, take
// gives what it had promised.
package campaign
