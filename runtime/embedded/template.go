package embedded

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
	t := &template{name: name, patterns: texts(o["index_patterns"]), source: o}
	inner, _ := o["template"].(map[string]any)
	t.body, err = readIndexBody(inner)
	return t, err
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
