package mysql

import (
	"bytes"
	"context"

	"github.com/tributary-search/tributary/sources/mysql/binlog"
)

// cascade is a foreign key by which the server changes rows of a child when one
// of its parent is deleted or gets another key. The binary log does not tell of
// those.
type cascade struct {
	child   string
	onWhat  bool  // deleting a parent changes children
	onMove  bool  // changing a parent's key does
	columns []int // places of the parent's key
}

const listCascades = "SELECT k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, r.TABLE_NAME, r.CONSTRAINT_NAME, " +
	"r.DELETE_RULE NOT IN ('RESTRICT','NO ACTION'), r.UPDATE_RULE NOT IN ('RESTRICT','NO ACTION'), c.ORDINAL_POSITION-1 " +
	"FROM information_schema.REFERENTIAL_CONSTRAINTS r " +
	"JOIN information_schema.KEY_COLUMN_USAGE k ON k.CONSTRAINT_SCHEMA=r.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME=r.CONSTRAINT_NAME AND k.TABLE_NAME=r.TABLE_NAME " +
	"LEFT JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA=k.REFERENCED_TABLE_SCHEMA AND c.TABLE_NAME=k.REFERENCED_TABLE_NAME AND c.COLUMN_NAME=k.REFERENCED_COLUMN_NAME " +
	"WHERE r.CONSTRAINT_SCHEMA = ? AND (r.DELETE_RULE NOT IN ('RESTRICT','NO ACTION') OR r.UPDATE_RULE NOT IN ('RESTRICT','NO ACTION'))"

// cascades returns the foreign keys of followed tables by their parents, as
// "database.table".
func (c *session) cascades(ctx context.Context, database string, followed map[string]*selection) (map[string][]cascade, error) {
	byParent := map[string][]cascade{}
	at := map[string]int{} // by parent, child and name: the place in the list
	err := c.query(ctx, listCascades, func(r row) error {
		parent, child := text(r[0])+"."+text(r[1]), text(r[2])
		if followed[child] == nil {
			return nil
		}
		name := parent + "\x00" + child + "\x00" + text(r[3])
		i, there := at[name]
		if !there {
			i = len(byParent[parent])
			at[name] = i
			byParent[parent] = append(byParent[parent], cascade{child: child, onWhat: text(r[4]) == "1", onMove: text(r[5]) == "1"})
		}
		if r[6] != nil {
			byParent[parent][i].columns = append(byParent[parent][i].columns, atoi(text(r[6])))
		}
		return nil
	}, database)
	return byParent, err
}

// hits reports whether an event of a parent's rows may have changed children.
func (c cascade) hits(t *binlog.Table, rows binlog.Rows) (hit bool, err error) {
	if rows.Deletes {
		return c.onWhat, nil
	}
	if !rows.Updates || !c.onMove {
		return false, nil
	}
	if len(c.columns) == 0 {
		return true, nil // the parent's columns are not to be seen
	}
	err = rows.Each(t, c.columns, func(before, after []binlog.Value) error {
		for i := range before {
			hit = hit || after[i].Held && (!before[i].Held || !bytes.Equal(before[i].Bytes, after[i].Bytes) || before[i].Null != after[i].Null)
		}
		return nil
	})
	return hit, err
}
