package embedded

import (
	"maps"
	"slices"
	"strings"
)

// expansion says which indices a wildcard stands for.
type expansion struct {
	open   bool // any at all
	hidden bool // hidden ones too
	closed bool // without open: none, as no index is ever closed
	system bool // those that are reserved for products
	strict bool // a pattern without a match is an error
}

// wild reads expand_wildcards and allow_no_indices; usual is what the API takes without them.
func (c *call) wild(usual expansion) (expansion, error) {
	e := usual
	e.system = c.product()
	e.strict = c.query.Get("allow_no_indices") == "false"
	if !c.query.Has("expand_wildcards") {
		return e, nil
	}
	e.open, e.hidden, e.closed = false, false, false
	for state := range strings.SplitSeq(c.query.Get("expand_wildcards"), ",") {
		switch state {
		case "open":
			e.open = true
		case "hidden":
			e.hidden = true
		case "closed":
			e.closed = true
		case "all":
			e.open, e.hidden, e.closed = true, true, true
		case "none":
			e.open, e.hidden, e.closed = false, false, false
		default:
			return e, illegal("No valid expand wildcard value [%s]", state)
		}
	}
	return e, nil
}

// targets are the indices that the path's expression names; no expression is all of them.
func (c *call) targets() ([]*index, error) { return c.targetsOr(expansion{open: true}) }

func (c *call) targetsOr(usual expansion) ([]*index, error) {
	expression := "_all"
	if !strings.HasPrefix(c.parts[0], "_") {
		expression = c.parts[0]
	}
	e, err := c.wild(usual)
	if err != nil {
		return nil, err
	}
	return c.node.resolve(expression, c.flag("ignore_unavailable"), e)
}

// resolve lists the indices that a comma list of names, aliases and wildcards stands for.
func (n *Node) resolve(expression string, lenient bool, e expansion) ([]*index, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	found := map[*index]bool{}
	var out []*index
	add := func(list ...*index) {
		for _, ix := range list {
			if !found[ix] {
				found[ix] = true
				out = append(out, ix)
			}
		}
	}
	for name := range strings.SplitSeq(expression, ",") {
		switch {
		case strings.HasPrefix(name, "-") && len(name) > 1:
			out = slices.DeleteFunc(out, func(ix *index) bool { return matchWildcard(name[1:], ix.name) })
		case name == "_all" || strings.Contains(name, "*"):
			list := n.matchLocked(name, e)
			if len(list) == 0 && !lenient && (e.strict || name != "_all" && !e.open && !e.closed) {
				return nil, indexMissing(name)
			}
			add(list...)
		case n.indices[name] != nil:
			add(n.indices[name])
		default:
			list := n.aliasedLocked(name)
			if len(list) == 0 && !lenient {
				return nil, indexMissing(name)
			}
			add(list...)
		}
	}
	return out, nil
}

// matchLocked lists the indices whose name or alias matches. What is hidden matches when that is asked for, or when both begin with a dot.
func (n *Node) matchLocked(pattern string, e expansion) []*index {
	if pattern == "_all" {
		pattern = "*"
	}
	shown := func(name string, hidden bool) bool {
		return matchWildcard(pattern, name) && (!hidden || e.hidden || pattern[0] == '.' && name[0] == '.')
	}
	var out []*index
	for _, name := range slices.Sorted(maps.Keys(n.indices)) {
		ix := n.indices[name]
		if !e.open || n.system(name) && !e.system {
			continue
		}
		ix.mu.Lock()
		hit := shown(name, ix.settings["index.hidden"] == "true")
		for alias, props := range ix.aliases {
			hit = hit || shown(alias, boolText(props["is_hidden"]) == "true")
		}
		ix.mu.Unlock()
		if hit {
			out = append(out, ix)
		}
	}
	return out
}
