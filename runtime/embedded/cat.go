package embedded

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"
)

var catColumns = []string{
	"health", "status", "index", "uuid", "pri", "rep", "docs.count", "docs.deleted", "store.size", "pri.store.size", "dataset.size",
}

// catShort are the short names of columns.
var catShort = map[string]string{
	"h": "health", "s": "status", "i": "index", "idx": "index", "id": "uuid", "p": "pri", "r": "rep", "dc": "docs.count", "docsCount": "docs.count",
	"dd": "docs.deleted", "docsDeleted": "docs.deleted", "ss": "store.size", "storeSize": "store.size",
}

// catIndices answers _cat/indices as a table, or as JSON with format=json.
func catIndices(c *call) (reply, error) {
	expression := "*"
	if len(c.parts) > 2 {
		expression = c.parts[2]
	}
	e, err := c.wild(expansion{open: true})
	if err != nil {
		return reply{}, err
	}
	list, err := c.node.resolve(expression, false, e)
	if err != nil {
		return reply{}, err
	}
	columns := catColumns
	if h := c.query.Get("h"); h != "" {
		columns = nil
		for name := range strings.SplitSeq(h, ",") {
			if long := catShort[name]; long != "" {
				name = long
			}
			columns = append(columns, name)
		}
	}
	rows := make([]map[string]string, 0, len(list))
	for _, ix := range list {
		row, err := ix.catRow()
		if err != nil {
			return reply{}, err
		}
		rows = append(rows, row)
	}
	if c.query.Get("format") == "json" || strings.Contains(c.req.Header.Get("Accept"), "json") {
		return ok(catJSON(rows, columns))
	}
	return reply{status: http.StatusOK, text: catTable(rows, columns, c.flag("v"))}, nil
}

func (ix *index) catRow() (map[string]string, error) {
	size := 0
	err := ix.node.db.View(func(tx *bolt.Tx) error {
		b, err := openBuckets(tx, ix.uuid)
		if err != nil {
			return nil // deleted meanwhile
		}
		s := b.log.Stats()
		size = s.LeafAlloc + s.BranchAlloc
		return nil
	})
	pos := ix.position()
	bytes := fmt.Sprintf("%.1fkb", float64(size)/1024)
	return map[string]string{
		"health": "green", "status": "open", "index": ix.name, "uuid": ix.uuid, "pri": "1", "rep": "0",
		"docs.count": strconv.FormatInt(pos.live, 10), "docs.deleted": "0", "store.size": bytes, "pri.store.size": bytes, "dataset.size": bytes,
	}, err
}

func catJSON(rows []map[string]string, columns []string) []any {
	out := []any{}
	for _, row := range rows {
		o := map[string]any{}
		for _, name := range columns {
			if v, ok := row[name]; ok {
				o[name] = v
			}
		}
		out = append(out, o)
	}
	return out
}

func catTable(rows []map[string]string, columns []string, heading bool) string {
	if heading {
		head := map[string]string{}
		for _, name := range columns {
			head[name] = name
		}
		rows = append([]map[string]string{head}, rows...)
	}
	width := map[string]int{}
	for _, row := range rows {
		for _, name := range slices.Sorted(maps.Keys(row)) {
			width[name] = max(width[name], len(row[name]))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		for i, name := range columns {
			if i > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%-*s", width[name], row[name])
		}
		b.WriteByte('\n')
	}
	return b.String()
}
