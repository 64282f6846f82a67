package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func (b bench) look(t testing.TB, page, source, variant string, times int) {
	t.Helper()
	for range times {
		if err := b.CountView(t.Context(), lead.PageView{Page: page, Source: source, Variant: variant}); err != nil {
			t.Fatal(err)
		}
	}
}

func today() time.Time { return time.Now().UTC().Truncate(24 * time.Hour) }

func TestCountView_OneRowForADayPageSourceAndVariant(t *testing.T) {
	t.Parallel()
	b := setup(t)
	err := together(t.Context(), 40, func(ctx context.Context, i int) error {
		return b.CountView(ctx, lead.PageView{Page: "/", Source: "mail", Variant: fmt.Sprint("v", i%2)})
	})
	if err != nil {
		t.Fatal(err)
	}
	b.exec(t, `UPDATE nigredo.page_views SET day = day - 1 WHERE variant = 'v1'`)
	b.look(t, "/", "mail", "v1", 1)
	if n := b.count(t, `SELECT count(*) FROM nigredo.page_views`); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	for variant, views := range map[string]int{"v0": 20, "v1": 21} {
		if n := b.count(t, `SELECT sum(views)::bigint FROM nigredo.page_views WHERE variant = $1`, variant); n != views {
			t.Errorf("%s: %d views, want %d", variant, n, views)
		}
	}
}

// Whoever makes names up, at once or one after the other, fills a day's rows and no
// more; nothing goes uncounted, and what is known goes on under its name.
func TestCountView_HostileNamesCannotGrowTheTable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.look(t, "/", "mail", "none", 1)
	const each = 100
	err := together(t.Context(), 8, func(ctx context.Context, i int) error {
		for n := range each {
			page := lead.Pages()[n%len(lead.Pages())]
			if err := b.CountView(ctx, lead.PageView{Page: page, Source: fmt.Sprintf("made-up-%d-%d", i, n), Variant: "x"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.look(t, "/", "mail", "none", 1)
	b.look(t, lead.Other, "late", "late", 1)
	if n := b.count(t, `SELECT count(*) FROM nigredo.page_views WHERE NOT (source = 'other' AND variant = 'other')`); n != lead.MaxViewRows {
		t.Errorf("%d combinations, want %d", n, lead.MaxViewRows)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.page_views`); n > lead.MaxViewRows+len(lead.Pages())+1 {
		t.Errorf("%d rows", n)
	}
	if n := b.count(t, `SELECT sum(views)::bigint FROM nigredo.page_views`); n != 8*each+3 {
		t.Errorf("%d views, want %d", n, 8*each+3)
	}
	if n := b.count(t, `SELECT views FROM nigredo.page_views WHERE source = 'mail'`); n != 2 {
		t.Errorf("%d views from mail, want 2", n)
	}
}

func TestStats_JoinLeadsAndViewsOfTheLandingPages(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	for i, row := range []struct{ source, variant, content string }{
		{"mail", "b", "summer"},
		{"mail", "b", "ana@example.com"},
		{"mail", "", "b"},
		{"mail", "", ""},
		{"ads", "", "ana@example.com"},
		{"old", "b", ""},
		{"direct", "c", ""},
	} {
		s := post(fmt.Sprint(i))
		s.Source, s.Variant, s.UTM = row.source, row.variant, map[string]string{}
		if row.content != "" {
			s.UTM["content"] = row.content
		}
		l := b.take(t, s, owner(i))
		if row.source == "old" {
			b.exec(t, `UPDATE nigredo.leads SET created_at = created_at - interval '2 days' WHERE id = $1`, l.Receipt.ID)
		}
		if row.source == "direct" {
			b.exec(t, `UPDATE nigredo.leads SET status = 'quarantined' WHERE id = $1`, l.Receipt.ID)
		}
	}
	b.look(t, "/", "mail", "b", 7)
	b.look(t, "/en/", "mail", "b", 5)
	b.look(t, "/obrigado/", "mail", "b", 3) // no landing page
	b.look(t, "/", "nobody", "a", 2)

	day := today()
	got, err := b.Stats(t.Context(), lead.StatsRange{First: day, Last: day}, 10)
	if err != nil {
		t.Fatal(err)
	}
	name := day.Format(time.DateOnly)
	if want := []lead.DayCount{{Day: name, Status: lead.StatusAccepted, Leads: 5}, {Day: name, Status: lead.StatusQuarantined, Leads: 1}}; !slices.Equal(got.Days, want) {
		t.Errorf("days %v, want %v", got.Days, want)
	}
	want := []lead.OriginCount{
		{Source: "mail", Variant: "b", Accepted: 3, Views: 12},
		{Source: "ads", Variant: "other", Accepted: 1},
		{Source: "direct", Variant: "c", Accepted: 1, Quarantined: 1},
		{Source: "mail", Variant: "none", Accepted: 1},
		{Source: "nobody", Variant: "a", Views: 2},
	}
	if !slices.Equal(got.Origins, want) || got.Total != len(want) {
		t.Errorf("origins %v of %d, want %v", got.Origins, got.Total, want)
	}

	few, err := b.Stats(t.Context(), lead.StatsRange{First: day.AddDate(0, 0, -5), Last: day}, 2)
	if err != nil || len(few.Origins) != 2 || few.Total != 6 || len(few.Days) != 3 {
		t.Errorf("%+v, %v", few, err)
	}
	none, err := b.Stats(t.Context(), lead.StatsRange{First: day.AddDate(0, 0, 1), Last: day.AddDate(0, 0, 9)}, 2)
	if err != nil || len(none.Origins)+len(none.Days)+none.Total != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}
