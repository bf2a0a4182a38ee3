package embedded

import "time"

// license answers GET /_license.
func license(c *call) (reply, error) {
	l := map[string]any{
		"status": "active", "uid": c.node.uuid, "type": c.node.opts.License, "issued_to": "tributary-embedded", "issuer": "elasticsearch",
		"issue_date": showDate(c.node.started.UnixMilli()), "issue_date_in_millis": c.node.started.UnixMilli(), "max_nodes": 1000,
		"max_resource_units": nil, "start_date_in_millis": -1,
	}
	if c.node.opts.License == "trial" {
		end := c.node.started.Add(30 * 24 * time.Hour).UnixMilli()
		l["expiry_date"], l["expiry_date_in_millis"] = showDate(end), end
	}
	return ok(map[string]any{"license": l})
}
