package postgresql

import (
	"context"
	"strconv"
)

// staleSlots are slots of this database that connectors have made, that nobody
// reads now, and for which the server keeps more than so much of its log.
const staleSlots = `SELECT slot_name, kept::bigint FROM (
		SELECT slot_name, pg_catalog.pg_wal_lsn_diff(CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END, restart_lsn) AS kept
		FROM pg_catalog.pg_replication_slots WHERE database = pg_catalog.current_database() AND plugin = 'pgoutput' AND NOT active
			AND slot_name LIKE 'tributary\_%' AND slot_name <> $1) slots
	WHERE kept > $2::bigint ORDER BY slot_name`

// tellStale warns about slots that deleted connectors may have left behind. They
// are not dropped: another connector may only be standing still.
func (s *Source) tellStale(ctx context.Context, c *session) error {
	return c.query(ctx, staleSlots, func(r [][]byte) error {
		name := string(r[0])
		s.deps.Log.Warn("another replication slot makes the server keep much of its log; if its connector is no more, drop it", "slot", name, "bytes", string(r[1]),
			"remedy", "SELECT pg_drop_replication_slot('"+name+"'); DROP PUBLICATION IF EXISTS "+quote(name)+";")
		return nil
	}, s.slot(), strconv.FormatInt(s.retain, 10))
}
