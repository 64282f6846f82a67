package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// several makes n leads, a second apart, the oldest at started.
func (b bench) several(t testing.TB, n int) []lead.Accepted {
	t.Helper()
	leads := make([]lead.Accepted, n)
	for i := range n {
		s := post(fmt.Sprint("several ", i))
		s.Name = fmt.Sprintf("Person %d", i)
		s.Email = fmt.Sprintf("person%d@example.com", i)
		s.Company = []string{"Ouro_1", "Prata%"}[i%2]
		s.Source = []string{"direct", "newsletter"}[i%2]
		leads[i] = b.take(t, s, owner(i))
		at := started.Add(time.Duration(i) * time.Second)
		b.exec(t, `UPDATE nigredo.leads SET created_at = $2 WHERE id = $1`, leads[i].Receipt.ID, at)
		leads[i].Receipt.CreatedAt = at
	}
	return leads
}

func TestList_PagesThroughEverythingOnce(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	leads := b.several(t, 11)
	// Two at the same instant: the id decides.
	b.exec(t, `UPDATE nigredo.leads SET created_at = $1 WHERE created_at IN ($1, $2)`, started.Add(4*time.Second), started.Add(5*time.Second))
	var seen []uuid.UUID
	filter := lead.Filter{Limit: 3}
	for page := 0; ; page++ {
		got, err := b.List(t.Context(), filter)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			break
		}
		for _, l := range got {
			seen = append(seen, l.ID)
		}
		last := got[len(got)-1]
		filter.After = lead.Position{CreatedAt: last.CreatedAt, ID: last.ID}
		if page == 0 { // a newcomer moves no page
			b.take(t, post("newcomer"), owner("newcomer"))
		}
	}
	var want []uuid.UUID
	for _, l := range leads {
		want = append(want, l.Receipt.ID)
	}
	slices.Reverse(want)
	if !slices.Equal(seen, want) {
		t.Errorf("pages show %v, want each lead once, newest first: %v", seen, want)
	}
}

func TestList_FiltersByEachField(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	leads := b.several(t, 6)
	b.exec(t, `UPDATE nigredo.leads SET status = 'failed' WHERE id = $1`, leads[2].Receipt.ID)
	for name, row := range map[string]struct {
		filter lead.Filter
		want   []int
	}{
		"everything":           {lead.Filter{}, []int{5, 4, 3, 2, 1, 0}},
		"status":               {lead.Filter{Status: lead.StatusFailed}, []int{2}},
		"source":               {lead.Filter{Source: "newsletter"}, []int{5, 3, 1}},
		"from is inclusive":    {lead.Filter{From: started.Add(4 * time.Second)}, []int{5, 4}},
		"to is exclusive":      {lead.Filter{To: started.Add(2 * time.Second)}, []int{1, 0}},
		"part of a name":       {lead.Filter{Query: "RSON 3"}, []int{3}},
		"part of an e-mail":    {lead.Filter{Query: "person4@"}, []int{4}},
		"part of a company":    {lead.Filter{Query: "prata"}, []int{5, 3, 1}},
		"percent is a sign":    {lead.Filter{Query: "Prata%"}, []int{5, 3, 1}},
		"percent alone":        {lead.Filter{Query: "%"}, []int{5, 3, 1}},
		"underscore is a sign": {lead.Filter{Query: "o_1"}, []int{4, 2, 0}},
		"backslash":            {lead.Filter{Query: `\`}, nil},
		"a quote":              {lead.Filter{Query: `' OR 1=1 --`}, nil},
		"reference":            {lead.Filter{Query: leads[1].Receipt.Reference[3:]}, []int{1}},
		"several":              {lead.Filter{Source: "newsletter", Query: "person", From: started.Add(time.Second), To: started.Add(5 * time.Second)}, []int{3, 1}},
	} {
		row.filter.Limit = 100
		got, err := b.List(t.Context(), row.filter)
		if err != nil {
			t.Fatal(err)
		}
		var want, have []string
		for _, i := range row.want {
			want = append(want, fmt.Sprintf("Person %d", i))
		}
		for _, l := range got {
			have = append(have, l.Name)
		}
		if !slices.Equal(have, want) {
			t.Errorf("%s: %v, want %v", name, have, want)
		}
	}
}

func TestList_MasksEmails(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, post("a"), owner(1))
	got, err := b.List(t.Context(), lead.Filter{Limit: 1})
	if err != nil || len(got) != 1 || got[0].Email != "A•••@Example.com" {
		t.Errorf("list = %+v, %v", got, err)
	}
}

func TestView_EachViewIsInTheLedger(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	view := lead.View{ID: uuid.Must(uuid.NewV7()), LeadID: a.Receipt.ID, Subject: "subject-1"}
	for range 2 { // a repeated task is one view
		if _, ok, err := b.View(t.Context(), view); err != nil || !ok {
			t.Fatal(ok, err)
		}
	}
	view.ID = uuid.Must(uuid.NewV7())
	if _, ok, err := b.View(t.Context(), view); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'lead.viewed' AND actor = 'subject-1' AND lead_id = $1`, a.Receipt.ID); n != 2 {
		t.Errorf("views in the ledger = %d, want 2", n)
	}
}

func TestView_OfNobodyIsNotRecorded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, ok, err := b.View(t.Context(), lead.View{ID: uuid.Must(uuid.NewV7()), LeadID: uuid.Must(uuid.NewV7()), Subject: "s"})
	if err != nil || ok {
		t.Errorf("view = %t, %v, want not found", ok, err)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger`); n != 0 {
		t.Errorf("ledger entries = %d, want none", n)
	}
}

func TestView_ThatCannotBeRecordedShowsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	_, ok, err := b.View(t.Context(), lead.View{ID: uuid.Must(uuid.NewV7()), LeadID: a.Receipt.ID, Subject: ""})
	if err == nil || ok {
		t.Errorf("view without a viewer: %t, %v, want a failure", ok, err)
	}
}

func TestList_FirstPageReadsTheIndexInOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, `INSERT INTO nigredo.leads (id, reference, status, name, email, email_norm, source, locale, verdict, created_at, status_changed_at)
		SELECT gen_random_uuid(), 'NG-' || translate(lpad(to_hex(n), 4, '0'), '01abcdef', 'XYABCDEF') || '-2222', 'accepted', 'n', 'a@b.c', 'a@b.c', 'direct', 'en', 'clean',
			clock_timestamp() - n * interval '1 second', clock_timestamp()
		FROM generate_series(1, 5000) AS n`)
	b.exec(t, `ANALYZE nigredo.leads`)
	rows, err := b.pool.Query(t.Context(), `EXPLAIN SELECT id FROM nigredo.leads AS l
		WHERE (l.created_at, l.id) < ('9999-12-31'::timestamptz, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
		ORDER BY l.created_at DESC, l.id DESC LIMIT 26`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	plan := ""
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	if !strings.Contains(plan, "leads_newest") || strings.Contains(plan, "Sort") {
		t.Errorf("a page is not read from the index in order:\n%s", plan)
	}
}
