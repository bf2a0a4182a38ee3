package embedded

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// template is an index template.
type template struct {
	name     string
	patterns []string
	priority int64
	source   map[string]any
	body     indexBody
}

func parseTemplate(name string, raw []byte) (*template, error) {
	o, err := decodeObject(raw)
	if err != nil {
		return nil, err
	}
	t := &template{name: name, source: o}
	for _, key := range slices.Sorted(maps.Keys(o)) {
		switch key {
		case "index_patterns":
			t.patterns = texts(o[key])
		case "priority":
			t.priority, err = strconv.ParseInt(numberText(o[key]), 10, 64)
		case "template":
			inner, isObject := o[key].(map[string]any)
			if !isObject {
				return nil, fail(400, "x_content_parse_exception", "[1:1] [index_template] template doesn't support values of type: %s", tokenName(o[key]))
			}
			t.body, err = readTemplateBody(inner)
		case "composed_of":
			if list := texts(o[key]); len(list) > 0 {
				return nil, fail(400, "invalid_index_template_exception", "index_template [%s] invalid, cause [index template [%s] specifies component templates %v that do not exist]", name, name, list)
			}
		case "data_stream":
			return nil, unsupported("a template of data streams")
		case "version", "_meta", "allow_auto_create", "ignore_missing_component_templates", "deprecated":
		default:
			return nil, fail(400, "x_content_parse_exception", "[1:1] [index_template] unknown field [%s]", key)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(t.patterns) == 0 {
		return nil, fail(400, "x_content_parse_exception", "Required [index_patterns]")
	}
	return t, nil
}

// accessTemplate is Elasticsearch's own template for the identities of access control.
func accessTemplate() *template {
	body := indexBody{
		settings: map[string]any{"index": map[string]any{"hidden": true, "number_of_shards": "1", "number_of_replicas": "1"}},
		mappings: map[string]any{"dynamic": "false", "properties": map[string]any{"created_at": map[string]any{"type": "date"}}},
	}
	return &template{
		name: "search-acl-filter", patterns: []string{".search-acl-filter-*"}, priority: 110, body: body,
		source: map[string]any{"priority": 110, "template": map[string]any{"settings": body.settings, "mappings": body.mappings}},
	}
}

func readTemplateBody(o map[string]any) (indexBody, error) {
	b, err := readIndexBody(o)
	if err != nil {
		return b, err
	}
	if err := flattenSettings(map[string]string{}, "", b.settings); err != nil {
		return b, err
	}
	if b.mappings != nil {
		_, err = compileDef(cloneTree(b.mappings).(map[string]any))
	}
	return b, err
}

// templateFor is the template with the highest priority that matches an index name.
func (n *Node) templateFor(name string) *template {
	n.mu.RLock()
	defer n.mu.RUnlock()
	var best *template
	for _, t := range n.templates {
		for _, p := range t.patterns {
			if matchWildcard(p, name) && (best == nil || t.priority > best.priority) {
				best = t
			}
		}
	}
	return best
}

func putTemplate(c *call) (reply, error) {
	name := c.parts[1]
	raw, err := c.body()
	if err != nil {
		return reply{}, err
	}
	t, err := parseTemplate(name, raw)
	if err != nil {
		return reply{}, err
	}
	c.node.admin.Lock()
	defer c.node.admin.Unlock()
	if other := c.node.rival(t); other != "" {
		return reply{}, illegal("index template [%s] has index patterns %v matching patterns from existing templates [%s] with patterns (%s) that have the same priority [%d], multiple index templates may not match during index creation, please use a different priority",
			name, t.patterns, other, other, t.priority)
	}
	err = c.node.write(0, func(w *writeTx) error { return w.tx.Bucket(bucketTemplates).Put([]byte(name), raw) })
	if err != nil {
		return reply{}, err
	}
	c.node.mu.Lock()
	c.node.templates[name] = t
	c.node.mu.Unlock()
	return ok(map[string]any{"acknowledged": true})
}

// rival names another template of the same priority for the same names.
func (n *Node) rival(t *template) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	for name, other := range n.templates {
		if name == t.name || other.priority != t.priority {
			continue
		}
		for _, p := range other.patterns {
			for _, q := range t.patterns {
				if matchWildcard(p, q) || matchWildcard(q, p) {
					return name
				}
			}
		}
	}
	return ""
}

func getTemplate(c *call) (reply, error) {
	pattern := "*"
	if len(c.parts) > 1 {
		pattern = c.parts[1]
	}
	c.node.mu.RLock()
	defer c.node.mu.RUnlock()
	out := []any{}
	for _, name := range slices.Sorted(maps.Keys(c.node.templates)) {
		if matchWildcard(pattern, name) {
			out = append(out, map[string]any{"name": name, "index_template": c.node.templates[name].show()})
		}
	}
	if len(out) == 0 && pattern != "*" {
		if containsStar(pattern) {
			return reply{status: http.StatusNotFound, body: map[string]any{"index_templates": out}}, nil
		}
		return reply{}, templateMissing(pattern)
	}
	return ok(map[string]any{"index_templates": out})
}

func (t *template) show() map[string]any {
	o := maps.Clone(t.source)
	o["index_patterns"] = t.patterns
	if o["composed_of"] == nil {
		o["composed_of"] = []any{}
	}
	if inner, isObject := o["template"].(map[string]any); isObject {
		inner = maps.Clone(inner)
		flat := map[string]string{}
		if flattenSettings(flat, "", t.body.settings) == nil && len(flat) > 0 {
			inner["settings"] = nestSettings(flat)
		}
		o["template"] = inner
	}
	return o
}

func templateMissing(name string) error {
	return fail(http.StatusNotFound, "resource_not_found_exception", "index template matching [%s] not found", name)
}

func containsStar(s string) bool {
	for i := range len(s) {
		if s[i] == '*' {
			return true
		}
	}
	return false
}

func deleteTemplate(c *call) (reply, error) {
	name := c.parts[1]
	c.node.admin.Lock()
	defer c.node.admin.Unlock()
	c.node.mu.RLock()
	var doomed []string
	for have := range c.node.templates {
		if matchWildcard(name, have) {
			doomed = append(doomed, have)
		}
	}
	c.node.mu.RUnlock()
	if len(doomed) == 0 && name != "*" {
		return reply{}, fail(http.StatusNotFound, "index_template_missing_exception", "index_template [%s] missing", name)
	}
	err := c.node.write(0, func(w *writeTx) error {
		for _, have := range doomed {
			if err := w.tx.Bucket(bucketTemplates).Delete([]byte(have)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	c.node.mu.Lock()
	for _, have := range doomed {
		delete(c.node.templates, have)
	}
	c.node.mu.Unlock()
	return ok(map[string]any{"acknowledged": true})
}

// headTemplate answers HEAD /_index_template/name.
func headTemplate(c *call) (reply, error) {
	if _, err := getTemplate(c); err != nil {
		return reply{status: http.StatusNotFound}, nil
	}
	return reply{status: http.StatusOK, body: json.RawMessage("{}")}, nil
}
