package mysql

import (
	"cmp"
	"log/slog"
	"maps"
	"slices"
)

// losses counts the values that became null, by column.
type losses struct{ count map[lossy]int }

type lossy struct{ table, column string }

func (l *losses) add(table, column string) {
	if l.count == nil {
		l.count = map[lossy]int{}
	}
	l.count[lossy{table, column}]++
}

func (l *losses) report(log *slog.Logger) {
	byName := func(a, b lossy) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.column, b.column))
	}
	for _, at := range slices.SortedFunc(maps.Keys(l.count), byName) {
		log.Warn("dates that no calendar has, such as 0000-00-00, became null", "table", at.table, "column", at.column, "values", l.count[at])
	}
}
