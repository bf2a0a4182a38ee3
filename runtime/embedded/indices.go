package embedded

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// indexBody is the body of PUT /index.
type indexBody struct {
	settings map[string]any
	mappings map[string]any
	aliases  map[string]any
}

func readIndexBody(o map[string]any) (indexBody, error) {
	var b indexBody
	for key, v := range o {
		m, isObject := v.(map[string]any)
		if !isObject {
			return b, parsing("key [%s] must be an object", key)
		}
		switch key {
		case "settings":
			b.settings = m
		case "mappings":
			b.mappings = m
		case "aliases":
			b.aliases = m
		default:
			return b, fail(400, "parse_exception", "unknown key [%s] for create index", key)
		}
	}
	return b, nil
}

// newMeta puts together what templates and the request say about a new index.
func (n *Node) newMeta(name string, body indexBody) (indexMeta, error) {
	meta := indexMeta{UUID: newUUID(), Created: n.now().UnixMilli(), Settings: map[string]string{}, Aliases: map[string]map[string]any{}}
	m, err := compileMapping(nil)
	if err != nil {
		return meta, err
	}
	parts := []indexBody{body}
	if t := n.templateFor(name); t != nil {
		parts = []indexBody{t.body, body}
	}
	for _, p := range parts {
		if err := flattenSettings(meta.Settings, "", p.settings); err != nil {
			return meta, err
		}
		if p.mappings != nil {
			if m, err = m.merged(p.mappings); err != nil {
				return meta, err
			}
		}
		for alias, v := range p.aliases {
			o, _ := v.(map[string]any)
			meta.Aliases[alias] = o
		}
	}
	meta.Mapping = m.source()
	return meta, nil
}

func createIndex(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	body, err := readIndexBody(o)
	if err != nil {
		return reply{}, err
	}
	c.node.admin.Lock()
	defer c.node.admin.Unlock()
	ix, err := c.node.create(c.parts[0], body)
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"acknowledged": true, "shards_acknowledged": true, "index": ix.name})
}

func getIndex(c *call) (reply, error) {
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	out := map[string]any{}
	for _, ix := range list {
		meta := ix.meta()
		out[ix.name] = map[string]any{
			"aliases": aliasObjects(meta.Aliases), "mappings": json.RawMessage(meta.Mapping), "settings": ix.showSettings(c.flag("flat_settings")),
		}
	}
	return ok(out)
}

func aliasObjects(aliases map[string]map[string]any) map[string]any {
	out := map[string]any{}
	for name, o := range aliases {
		if o == nil {
			o = map[string]any{}
		}
		out[name] = o
	}
	return out
}

func headIndex(c *call) (reply, error) {
	list, err := c.targets()
	if err != nil || len(list) == 0 {
		return reply{status: http.StatusNotFound}, nil
	}
	return reply{status: http.StatusOK}, nil
}

func deleteIndex(c *call) (reply, error) {
	c.node.admin.Lock()
	defer c.node.admin.Unlock()
	var doomed []*index
	for name := range strings.SplitSeq(c.parts[0], ",") {
		if name == "_all" || strings.Contains(name, "*") {
			return reply{}, illegal("Wildcard expressions or all indices are not allowed")
		}
		c.node.mu.RLock()
		ix := c.node.indices[name]
		aliased := len(c.node.aliasedLocked(name)) > 0
		c.node.mu.RUnlock()
		switch {
		case ix != nil:
			doomed = append(doomed, ix)
		case aliased:
			return reply{}, illegal("The provided expression [%s] matches an alias, specify the corresponding concrete indices instead.", name)
		case !c.flag("ignore_unavailable"):
			return reply{}, indexMissing(name)
		}
	}
	for _, ix := range doomed {
		if err := c.node.drop(ix); err != nil {
			return reply{}, err
		}
	}
	return ok(map[string]any{"acknowledged": true})
}

func getMapping(c *call) (reply, error) {
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	out := map[string]any{}
	for _, ix := range list {
		out[ix.name] = map[string]any{"mappings": ix.mapping.Load().source()}
	}
	return ok(out)
}

func putMapping(c *call) (reply, error) {
	def, err := c.object()
	if err != nil {
		return reply{}, err
	}
	if def == nil {
		return reply{}, fail(400, "action_request_validation_exception", "Validation Failed: 1: mapping source is empty;")
	}
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	for _, ix := range list {
		if err := ix.blocked(true); err != nil {
			return reply{}, err
		}
	}
	for _, ix := range list {
		if err := ix.putMapping(def); err != nil {
			return reply{}, err
		}
	}
	return ok(map[string]any{"acknowledged": true})
}

func (ix *index) putMapping(def map[string]any) error {
	ix.mapMu.Lock()
	defer ix.mapMu.Unlock()
	m, err := ix.mapping.Load().merged(def)
	if err != nil {
		return err
	}
	ix.mapping.Store(m)
	return ix.node.write(0, func(w *writeTx) error { return w.putMeta(ix) })
}

// fieldLimit is index.mapping.total_fields.limit.
func (ix *index) fieldLimit() int {
	if n, ok := ix.number("index.mapping.total_fields.limit"); ok {
		return n
	}
	return 1000
}

// copies is how many copies of a document Elasticsearch would have.
func (ix *index) copies() int {
	if n, ok := ix.number("index.number_of_replicas"); ok {
		return n + 1
	}
	return 2
}

// number reads a setting that is a number.
func (ix *index) number(name string) (int, bool) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	n, err := strconv.Atoi(ix.settings[name])
	return n, err == nil
}
