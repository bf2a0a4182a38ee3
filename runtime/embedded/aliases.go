package embedded

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// aliasChange is one action of POST _aliases.
type aliasChange struct {
	remove bool
	must   bool
	index  []*index
	alias  string
	props  map[string]any
}

func putAliases(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	list, _ := o["actions"].([]any)
	if len(list) == 0 {
		return reply{}, fail(400, "action_request_validation_exception", "Validation Failed: 1: Must specify at least one alias action;")
	}
	c.node.admin.Lock()
	defer c.node.admin.Unlock()
	var changes []aliasChange
	for _, e := range list {
		action, _ := e.(map[string]any)
		for kind, v := range action {
			body, _ := v.(map[string]any)
			more, err := c.node.aliasAction(kind, body)
			if err != nil {
				return reply{}, err
			}
			changes = append(changes, more...)
		}
	}
	if err := c.node.changeAliases(changes); err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"acknowledged": true, "errors": false})
}

func (n *Node) aliasAction(kind string, body map[string]any) ([]aliasChange, error) {
	if kind != "add" && kind != "remove" {
		return nil, unsupported("the alias action [%s]", kind)
	}
	change := aliasChange{remove: kind == "remove", must: boolText(body["must_exist"]) == "true", props: map[string]any{}}
	var names, aliases []string
	for key, v := range body {
		switch key {
		case "index", "indices":
			names = texts(v)
		case "alias", "aliases":
			aliases = texts(v)
		case "is_write_index", "is_hidden":
			change.props[key] = boolText(v) == "true"
		case "must_exist":
		default:
			return nil, unsupported("[%s] of an alias", key)
		}
	}
	if len(names) == 0 {
		return nil, illegal("One of [index] or [indices] is required")
	}
	if len(aliases) == 0 {
		return nil, illegal("One of [alias] or [aliases] is required")
	}
	for _, name := range names {
		if n.system(name) {
			return nil, reserved(name)
		}
	}
	var err error
	if change.index, err = n.resolve(strings.Join(names, ","), false, expansion{open: true}); err != nil {
		return nil, err
	}
	var out []aliasChange
	for _, alias := range aliases {
		one := change
		one.alias = alias
		out = append(out, one)
	}
	return out, nil
}

// changeAliases checks all changes, then makes them. The caller holds n.admin.
func (n *Node) changeAliases(changes []aliasChange) error {
	next := map[*index]map[string]map[string]any{}
	for _, ch := range changes {
		if err := n.checkAlias(ch); err != nil {
			return err
		}
		removed := false
		for _, ix := range ch.index {
			if next[ix] == nil {
				next[ix] = maps.Clone(ix.meta().Aliases)
				if next[ix] == nil {
					next[ix] = map[string]map[string]any{}
				}
			}
			if !ch.remove {
				next[ix][ch.alias] = ch.props
				continue
			}
			if _, had := next[ix][ch.alias]; had {
				removed = true
				delete(next[ix], ch.alias)
			}
		}
		if ch.remove && !removed {
			return aliasMissing(ch.alias)
		}
	}
	for ix, aliases := range next {
		ix.mu.Lock()
		ix.aliases = aliases
		ix.mu.Unlock()
	}
	return n.write(0, func(w *writeTx) error {
		for ix := range next {
			if err := w.putMeta(ix); err != nil {
				return err
			}
		}
		return nil
	})
}

func (n *Node) checkAlias(ch aliasChange) error {
	if ch.remove {
		return nil
	}
	n.mu.RLock()
	ix := n.indices[ch.alias]
	n.mu.RUnlock()
	if ix != nil {
		return fail(400, "invalid_alias_name_exception", "Invalid alias name [%s]: an index or data stream exists with the same name as the alias", ch.alias).on(ch.alias, ix.uuid)
	}
	if err := checkName(ch.alias); err != nil {
		return fail(400, "invalid_alias_name_exception", "Invalid alias name [%s]: %s", ch.alias, asAPI(err).reason)
	}
	return nil
}

func aliasMissing(name string) error {
	return fail(http.StatusNotFound, "aliases_not_found_exception", "aliases [%s] missing", name)
}

func putAlias(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	body := map[string]any{"index": c.parts[0], "alias": c.parts[2]}
	maps.Copy(body, o)
	c.node.admin.Lock()
	defer c.node.admin.Unlock()
	changes, err := c.node.aliasAction("add", body)
	if err != nil {
		return reply{}, err
	}
	if err := c.node.changeAliases(changes); err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"acknowledged": true})
}

func deleteAlias(c *call) (reply, error) {
	c.node.admin.Lock()
	defer c.node.admin.Unlock()
	list, err := c.node.resolve(c.parts[0], false, expansion{open: true, hidden: true})
	if err != nil {
		return reply{}, err
	}
	if err := c.node.changeAliases([]aliasChange{{remove: true, index: list, alias: c.parts[2]}}); err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"acknowledged": true})
}

// getAlias answers GET /_alias[/name] and GET /index/_alias[/name].
func getAlias(c *call) (reply, error) {
	list, err := c.targetsOr(expansion{open: true, hidden: true})
	if err != nil {
		return reply{}, err
	}
	var names []string
	last := c.parts[len(c.parts)-1]
	if last != "_alias" {
		names = strings.Split(last, ",")
	}
	out := map[string]any{}
	seen := map[string]bool{}
	for _, ix := range list {
		found := map[string]any{}
		for alias, o := range aliasObjects(ix.meta().Aliases) {
			for _, pattern := range names {
				if matchWildcard(pattern, alias) {
					found[alias], seen[pattern] = o, true
				}
			}
			if names == nil {
				found[alias] = o
			}
		}
		if len(found) > 0 || names == nil {
			out[ix.name] = map[string]any{"aliases": found}
		}
	}
	for _, name := range slices.Sorted(slices.Values(names)) {
		if !seen[name] && !strings.Contains(name, "*") {
			out["error"], out["status"] = "alias ["+name+"] missing", http.StatusNotFound
			return reply{status: http.StatusNotFound, body: out}, nil
		}
	}
	return ok(out)
}
