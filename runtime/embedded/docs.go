package embedded

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

func indexDoc(c *call) (reply, error) {
	switch op := c.query.Get("op_type"); op {
	case "", "index":
		return c.writeOne("index")
	case "create":
		return c.writeOne("create")
	default:
		return reply{}, illegal("opType must be 'create' or 'index', found: [%s]", op)
	}
}

func createDoc(c *call) (reply, error) { return c.writeOne("create") }
func updateDoc(c *call) (reply, error) { return c.writeOne("update") }
func deleteDoc(c *call) (reply, error) { return c.writeOne("delete") }

// writeOne runs one document's write as a bulk of one.
func (c *call) writeOne(action string) (reply, error) {
	if err := c.checkRefresh(); err != nil {
		return reply{}, err
	}
	it := &bulkItem{action: action, index: c.parts[0]}
	if len(c.parts) == 3 {
		it.id = c.parts[2]
	}
	if err := it.readConditions(c); err != nil {
		return reply{}, err
	}
	if action != "delete" {
		body, err := c.body()
		if err != nil {
			return reply{}, err
		}
		if len(body) == 0 {
			return reply{}, fail(400, "parse_exception", "request body is required")
		}
		it.source = body
	}
	it.checkPipeline(c)
	it.resolve(c.node)
	if it.err != nil {
		return reply{}, it.err
	}
	if err := c.node.write(len(it.source), it.apply); err != nil {
		return reply{}, err
	}
	if it.lost != nil {
		return reply{}, it.lost
	}
	forced, err := c.refreshAfter([]*bulkItem{it})
	if err != nil {
		return reply{}, err
	}
	b := appendText([]byte(`{"_index":`), it.ix.name)
	b = appendText(append(b, `,"_id":`...), it.id)
	return reply{status: it.result.status(), raw: append(append(b, it.result.fields(it.ix.copies(), forced)...), '}')}, nil
}

// readConditions reads what the URL demands of the document as it is.
func (it *bulkItem) readConditions(c *call) error {
	for _, key := range []string{"if_seq_no", "if_primary_term", "version"} {
		if !c.query.Has(key) {
			continue
		}
		n, err := strconv.ParseInt(c.query.Get(key), 10, 64)
		if err != nil {
			return illegal("Failed to parse long parameter [%s] with value [%s]", key, c.query.Get(key))
		}
		it.condition(key, n)
	}
	it.expect.create = it.action == "create"
	return it.checkConditions()
}

// lookup reads one document as it is now.
func (n *Node) lookup(ix *index, id string) (r record, found bool, err error) {
	err = n.db.View(func(tx *bolt.Tx) error {
		b, err := openBuckets(tx, ix.uuid)
		if err != nil {
			return indexMissing(ix.name)
		}
		r, found, err = b.at([]byte(id), int64(b.log.Sequence())-1)
		r.source = append([]byte(nil), r.source...)
		return err
	})
	return r, found, err
}

func getDoc(c *call) (reply, error) {
	ix, err := c.node.single(c.parts[0])
	if err != nil {
		return reply{}, err
	}
	filter, err := c.sourceFilter()
	if err != nil {
		return reply{}, err
	}
	body, found, err := c.node.document(ix, c.parts[2], filter)
	if err != nil {
		return reply{}, err
	}
	if !found {
		return reply{status: http.StatusNotFound, body: body}, nil
	}
	return ok(body)
}

// document is what GET _doc and _mget show of one document.
func (n *Node) document(ix *index, id string, filter sourceFilter) (map[string]any, bool, error) {
	r, found, err := n.lookup(ix, id)
	if err != nil {
		return nil, false, err
	}
	body := map[string]any{"_index": ix.name, "_id": id, "found": found}
	if !found {
		return body, false, nil
	}
	body["_version"], body["_seq_no"], body["_primary_term"] = r.version, r.seq, primaryTerm
	if source := filter.apply(r.source); source != nil {
		body["_source"] = json.RawMessage(source)
	}
	return body, true, nil
}

func refresh(c *call) (reply, error) {
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	if err := c.refreshAll(list); err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"_shards": shards(len(list))})
}

// refreshAll waits until everything written to the indices can be found.
func (c *call) refreshAll(list []*index) error {
	for _, ix := range list {
		if err := ix.searcher.refresh(c.req.Context()); err != nil {
			return err
		}
	}
	return nil
}

func shards(n int) map[string]any {
	return map[string]any{"total": n, "successful": n, "failed": 0}
}

func since(t time.Time) int64 { return time.Since(t).Milliseconds() }
