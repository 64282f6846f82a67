package monitoring

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// insights is a query of CloudWatch Logs Insights, in the part of its language that
// our saved queries use. Anything else is refused, so that a query cannot be wrong
// in a way that the test does not understand.
type insights struct {
	fields []string
	filter func(line) bool
	count  string // name of count(*); empty: no stats
	by     string
	sort   string
	desc   bool
	limit  int
}

var (
	likeForm   = regexp.MustCompile(`^filter @message like /(.+)/$`)
	equalsForm = regexp.MustCompile(`^filter (\w+) = "(.+)"$`)
	statsForm  = regexp.MustCompile(`^stats count\(\*\) as (\w+) by (\w+)$`)
	sortForm   = regexp.MustCompile(`^sort (@?\w+) (asc|desc)$`)
)

func parse(text string) (insights, error) {
	q := insights{filter: func(line) bool { return true }}
	for command := range strings.SplitSeq(text, "\n") {
		command = strings.TrimSpace(strings.TrimPrefix(command, "| "))
		switch {
		case strings.HasPrefix(command, "fields "):
			q.fields = strings.Split(strings.TrimPrefix(command, "fields "), ", ")
		case likeForm.MatchString(command):
			pattern, err := regexp.Compile(likeForm.FindStringSubmatch(command)[1])
			if err != nil {
				return insights{}, err
			}
			q.filter = func(l line) bool { return pattern.MatchString(l.text) }
		case equalsForm.MatchString(command):
			m := equalsForm.FindStringSubmatch(command)
			q.filter = func(l line) bool {
				value, ok := l.fields[m[1]]
				return ok && (value == m[2] || strings.HasPrefix(m[2], "put the ")) // whoever asks puts a value there
			}
		case statsForm.MatchString(command):
			m := statsForm.FindStringSubmatch(command)
			q.count, q.by = m[1], m[2]
		case sortForm.MatchString(command):
			m := sortForm.FindStringSubmatch(command)
			q.sort, q.desc = m[1], m[2] == "desc"
		case strings.HasPrefix(command, "limit "):
			n, err := strconv.Atoi(strings.TrimPrefix(command, "limit "))
			if err != nil {
				return insights{}, err
			}
			q.limit = n
		default:
			return insights{}, fmt.Errorf("%q is nothing this test knows of the language", command)
		}
	}
	return q, nil
}

func (q insights) matching(lines []line) []line {
	return slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return !q.filter(l) })
}

// run gives the rows of the answer.
func (q insights) run(lines []line) []map[string]any {
	found := q.matching(lines)
	var rows []map[string]any
	if q.count == "" {
		for _, l := range found {
			row := map[string]any{}
			for _, field := range q.fields {
				row[field] = l.fields[field]
			}
			rows = append(rows, row)
		}
	} else {
		at := map[any]int{}
		for _, l := range found {
			value, ok := l.fields[q.by]
			if !ok {
				continue
			}
			i, seen := at[value]
			if !seen {
				i = len(rows)
				at[value] = i
				rows = append(rows, map[string]any{q.by: value, q.count: 0})
			}
			rows[i][q.count] = rows[i][q.count].(int) + 1
		}
		slices.SortStableFunc(rows, func(a, b map[string]any) int {
			if q.desc {
				a, b = b, a
			}
			return a[q.count].(int) - b[q.count].(int)
		})
	}
	if q.limit > 0 && len(rows) > q.limit {
		rows = rows[:q.limit]
	}
	return rows
}
