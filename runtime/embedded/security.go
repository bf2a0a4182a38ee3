package embedded

import "net/http"

// authenticated answers GET /_security/_authenticate. It exists only on a node with security, as in Elasticsearch.
func authenticated(c *call) (reply, error) {
	return ok(map[string]any{
		"username": c.node.username(), "roles": []string{"superuser"}, "full_name": nil, "email": nil, "enabled": true, "metadata": map[string]any{},
		"authentication_type": "realm",
	})
}

func (n *Node) username() string {
	if n.opts.Username != "" {
		return n.opts.Username
	}
	return "elastic"
}

func (n *Node) secured() bool { return n.opts.APIKey != "" || n.opts.Password != "" }

// hasPrivileges says yes to every privilege: who is let in may do everything.
func hasPrivileges(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	cluster, indices := map[string]bool{}, map[string]map[string]bool{}
	for _, p := range texts(o["cluster"]) {
		cluster[p] = true
	}
	list, _ := o["index"].([]any)
	for _, e := range list {
		one, _ := e.(map[string]any)
		for _, name := range texts(one["names"]) {
			if indices[name] == nil {
				indices[name] = map[string]bool{}
			}
			for _, p := range texts(one["privileges"]) {
				indices[name][p] = true
			}
		}
	}
	return ok(map[string]any{
		"username": c.node.username(), "has_all_requested": true, "cluster": cluster, "index": indices, "application": map[string]any{},
	})
}

// noPipelines answers GET /_ingest/pipeline[/name]: there are none.
func noPipelines(c *call) (reply, error) {
	if len(c.parts) == 2 || containsStar(c.parts[2]) {
		return ok(map[string]any{})
	}
	return reply{status: http.StatusNotFound, body: map[string]any{}}, nil
}
