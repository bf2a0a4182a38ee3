package embedded

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// listedConnector is one connector in the answer of GET /_connector.
type listedConnector struct {
	index string
	body  map[string]any
}

// listConnectors answers GET /_connector, the one request of the Connector API that this node has. It makes the connector indices.
func listConnectors(c *call) (reply, error) {
	from, size := 0, 100
	for name, to := range map[string]*int{"from": &from, "size": &size} {
		if !c.query.Has(name) {
			continue
		}
		n, err := strconv.Atoi(c.query.Get(name))
		if err != nil || n < 0 {
			return reply{}, illegal("Failed to parse int parameter [%s] with value [%s]", name, c.query.Get(name))
		}
		*to = n
	}
	ix, err := c.node.ensureSystem()
	if err != nil {
		return reply{}, err
	}
	all, err := c.node.connectors(ix, c.flag("include_deleted"))
	if err != nil {
		return reply{}, err
	}
	results := []any{}
	for _, one := range all[min(from, len(all)):min(from+size, len(all))] {
		results = append(results, one.body)
	}
	return ok(map[string]any{"count": len(all), "results": results})
}

// connectors lists the connectors by the names of their indices.
func (n *Node) connectors(ix *index, deleted bool) ([]listedConnector, error) {
	var all []listedConnector
	pos := ix.holdLatest()
	defer ix.release(pos.seq)
	err := n.db.View(func(tx *bolt.Tx) error {
		b, err := openBuckets(tx, ix.uuid)
		if err != nil {
			return indexMissing(ix.name)
		}
		return b.scan(-1, pos.seq, func(r record) (bool, error) {
			var body map[string]any
			if err := json.Unmarshal(r.source, &body); err != nil {
				return false, err
			}
			if body["deleted"] == true && !deleted {
				return true, nil
			}
			body["id"] = string(r.id)
			index, _ := body["index_name"].(string)
			all = append(all, listedConnector{index, body})
			return true, nil
		})
	})
	slices.SortStableFunc(all, func(a, b listedConnector) int { return cmp.Compare(a.index, b.index) })
	return all, err
}
