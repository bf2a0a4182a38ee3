package embedded

import (
	"errors"
	"net/http"
	"time"

	bolt "go.etcd.io/bbolt"
)

// deleteByQuery deletes what a query finds, each document as it was found.
func deleteByQuery(c *call) (reply, error) {
	began := time.Now()
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	if err := onlyQuery(o); err != nil {
		return reply{}, err
	}
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	parts, err := snapshots(list)
	if err != nil {
		return reply{}, err
	}
	defer closeParts(parts)
	ids, err := c.node.matching(c, o["query"], parts)
	if err != nil {
		return reply{}, err
	}
	deleted, conflicts, err := c.node.deleteAll(parts, ids)
	if err == nil && c.query.Has("refresh") && c.query.Get("refresh") != "false" {
		err = c.refreshAll(list)
	}
	if err != nil {
		return reply{}, err
	}
	status := http.StatusOK
	failures := []any{}
	if len(conflicts) > 0 && c.query.Get("conflicts") != "proceed" {
		status = http.StatusConflict
		failures = conflicts
	}
	return reply{status: status, body: map[string]any{
		"took": since(began), "timed_out": false, "total": len(ids), "deleted": deleted, "batches": (len(ids) + 999) / 1000,
		"version_conflicts": len(conflicts), "noops": 0, "retries": map[string]any{"bulk": 0, "search": 0}, "throttled_millis": 0,
		"requests_per_second": -1.0, "throttled_until_millis": 0, "failures": failures,
	}}, nil
}

func onlyQuery(o map[string]any) error {
	for key := range o {
		if key != "query" {
			return unsupported("[%s] of _delete_by_query", key)
		}
	}
	if o["query"] == nil {
		return fail(400, "action_request_validation_exception", "Validation Failed: 1: query is missing;")
	}
	return nil
}

// matching lists every hit of a query, with its id.
func (n *Node) matching(c *call, query any, parts []*pitPart) ([]match, error) {
	var out []match
	for i, part := range parts {
		s := &searchBody{query: query, sorts: []sortKey{{path: "_doc"}}, size: maxWindow}
		for {
			f, err := n.find(c.req.Context(), s, []*pitPart{part})
			if err != nil {
				return nil, err
			}
			err = n.db.View(func(tx *bolt.Tx) error {
				b, err := openBuckets(tx, part.ix.uuid)
				if err != nil {
					return indexMissing(part.ix.name)
				}
				for _, h := range f.hits {
					r, err := b.read(h.seq)
					if err != nil {
						return err
					}
					out = append(out, match{part: i, id: string(r.id), seq: r.seq})
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
			if len(f.hits) < s.size {
				break
			}
			s.after = []any{f.hits[len(f.hits)-1].shardDoc()}
		}
	}
	return out, nil
}

// match is a document that a query found.
type match struct {
	part int
	id   string
	seq  int64
}

func (n *Node) deleteAll(parts []*pitPart, ids []match) (deleted int, conflicts []any, err error) {
	for _, m := range ids {
		if err := parts[m.part].ix.blocked(false); err != nil {
			return 0, nil, err
		}
	}
	for len(ids) > 0 {
		chunk := ids[:min(1000, len(ids))]
		ids = ids[len(chunk):]
		done, lost := 0, []any(nil)
		err := n.write(len(chunk)*64, func(w *writeTx) error {
			done, lost = 0, nil
			for _, m := range chunk {
				t, err := w.index(parts[m.part].ix)
				if err != nil {
					return err
				}
				_, err = t.remove(m.id, expect{conditional: true, seqNo: m.seq, primary: primaryTerm})
				var known *apiError
				switch {
				case errors.As(err, &known):
					lost = append(lost, map[string]any{"index": t.ix.name, "id": m.id, "cause": known.object(), "status": known.status})
				case err != nil:
					return err
				default:
					done++
				}
			}
			return nil
		})
		if err != nil {
			return deleted, conflicts, err
		}
		deleted, conflicts = deleted+done, append(conflicts, lost...)
	}
	return deleted, conflicts, nil
}
