package embedded

func count(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	for key := range o {
		if key != "query" {
			return reply{}, parsing("request does not support [%s]", key)
		}
	}
	s := &searchBody{query: o["query"], track: -1}
	if q := c.urlQuery(); q != nil {
		s.query = q
	}
	parts, release, err := c.snapshotsFor(s)
	if err != nil {
		return reply{}, err
	}
	defer release()
	s.sorts = []sortKey{{path: "_doc"}} // no scores
	found, err := c.node.find(c.req.Context(), s, parts)
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"count": found.total, "_shards": shardsOf(len(parts))})
}
