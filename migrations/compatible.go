package migrations

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Version is one migration of a tree.
type Version struct {
	Number int64
	File   string
	// Compatible tells whether the version of the program before this migration runs
	// on the schema after it. A deployment migrates before traffic moves, and a
	// rollback leaves the schema as it is: both need it.
	Compatible bool
	// Reason is why it is not.
	Reason string
}

var (
	number     = regexp.MustCompile(`^([0-9]{3})_`)
	compatible = regexp.MustCompile(`(?m)^-- backward compatible: (yes|no: \S.*)$`)
)

// Versions lists the migrations of a tree, the oldest first. A file without exactly
// one line "-- backward compatible: yes" or "-- backward compatible: no: <reason>"
// before "-- +goose Up" is refused.
func (t Tree) Versions() ([]Version, error) {
	names, err := fs.Glob(t.files, path.Join(t.dir, "*.sql"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	versions := make([]Version, 0, len(names))
	for _, name := range names {
		content, err := fs.ReadFile(t.files, name)
		if err != nil {
			return nil, err
		}
		v, err := readVersion(path.Base(name), string(content))
		if err != nil {
			return nil, err
		}
		versions = append(versions, v)
	}
	return versions, nil
}

func readVersion(file, content string) (Version, error) {
	m := number.FindStringSubmatch(file)
	if m == nil {
		return Version{}, fmt.Errorf("migration %s: its name does not begin with three digits", file)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return Version{}, err
	}
	head, _, found := strings.Cut(content, "-- +goose Up")
	said := compatible.FindAllStringSubmatch(head, -1)
	if !found || len(said) != 1 {
		return Version{}, fmt.Errorf(`migration %s: want one line "-- backward compatible: yes" or "-- backward compatible: no: <reason>" before "-- +goose Up"`, file)
	}
	reason, incompatible := strings.CutPrefix(said[0][1], "no: ")
	if !incompatible {
		reason = ""
	}
	return Version{Number: n, File: file, Compatible: !incompatible, Reason: reason}, nil
}

// Incompatible gives the migrations after one number, up to and with another, that
// the version before them cannot live with.
func Incompatible(versions []Version, after, upTo int64) []Version {
	var found []Version
	for _, v := range versions {
		if v.Number > after && v.Number <= upTo && !v.Compatible {
			found = append(found, v)
		}
	}
	return found
}
