package testdb_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/tests/testdb"
)

func TestNew_DatabasesAreApart(t *testing.T) {
	t.Parallel()
	one, other := testdb.New(t), testdb.New(t)
	if _, err := one.Exec(t.Context(), "create table only_here (n int)"); err != nil {
		t.Fatal(err)
	}
	var there bool
	if err := other.QueryRow(t.Context(), "select to_regclass('only_here') is not null").Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		t.Error("a table made in one test's database is in another's")
	}
}

func TestDurable_SyncsWhatItCommits(t *testing.T) {
	t.Parallel()
	if os.Getenv("NIGREDO_TEST_DATABASE_URL") != "" {
		t.Skip("an outside server has its own settings")
	}
	const settings = "select current_setting('fsync') || current_setting('synchronous_commit') || current_setting('full_page_writes')"
	var got string
	if err := testdb.Durable(t).QueryRow(t.Context(), settings).Scan(&got); err != nil || got != "ononon" {
		t.Errorf("fsync, synchronous_commit and full_page_writes: got %q, %v", got, err)
	}
}

func TestURL_DatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("test with a database", func(t *testing.T) {
		if err := testdb.New(t).QueryRow(t.Context(), "select current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var there bool
	err := testdb.New(t).QueryRow(t.Context(), "select exists (select from pg_database where datname = $1)", name).Scan(&there)
	if err != nil || there {
		t.Errorf("database %s is still there (%v)", name, err)
	}
}

// TestServer_NothingIsLeftOfAPanickingProcess runs this test binary once more,
// as a process that dies with a database open.
func TestServer_NothingIsLeftOfAPanickingProcess(t *testing.T) {
	t.Parallel()
	if os.Getenv("TESTDB_PANIC") != "" {
		var dir string
		if err := testdb.New(t).QueryRow(t.Context(), "select current_setting('data_directory')").Scan(&dir); err != nil {
			t.Fatal(err)
		}
		panic("data in " + dir + ".")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "TESTDB_PANIC=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatal("the child did not panic")
	}
	_, rest, found := strings.Cut(string(out), "data in ")
	if !found {
		t.Fatalf("the child had no database: %s", out)
	}
	dir, _, _ := strings.Cut(rest, ".\n")
	dir = strings.TrimSuffix(strings.Fields(dir)[0], ".")
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for look := time.NewTicker(20 * time.Millisecond); ; {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("%s is still there after 15 s", dir)
		}
	}
}

func TestNew_IsMigrated(t *testing.T) {
	t.Parallel()
	var leads int
	if err := testdb.New(t).QueryRow(t.Context(), "select count(*) from nigredo.leads").Scan(&leads); err != nil || leads != 0 {
		t.Errorf("%d leads, %v; want a migrated, empty database", leads, err)
	}
}

func BenchmarkURL(b *testing.B) {
	testdb.URL(b)
	for b.Loop() {
		testdb.URL(b)
	}
}
