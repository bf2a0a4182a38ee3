package embedded

import (
	"encoding/json"
	"net/http"
)

// mget answers _mget: {"docs": […]} or, on an index, {"ids": […]}.
func mget(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	filter, err := c.sourceFilter()
	if err != nil {
		return reply{}, err
	}
	index := ""
	if len(c.parts) == 2 {
		index = c.parts[0]
	}
	list, _ := o["docs"].([]any)
	ids, _ := o["ids"].([]any)
	for _, id := range ids {
		list = append(list, map[string]any{"_id": id})
	}
	if len(list) == 0 {
		return reply{}, fail(400, "action_request_validation_exception", "Validation Failed: 1: no documents to get;")
	}
	docs := make([]any, 0, len(list))
	for _, e := range list {
		one, isObject := e.(map[string]any)
		if !isObject {
			return reply{}, parsing("docs array element should include an object")
		}
		doc, err := c.mgetOne(one, index, filter)
		if err != nil {
			return reply{}, err
		}
		docs = append(docs, doc)
	}
	return ok(map[string]any{"docs": docs})
}

func (c *call) mgetOne(one map[string]any, index string, filter sourceFilter) (any, error) {
	id := ""
	for key, v := range one {
		switch key {
		case "_index":
			index, _ = v.(string)
		case "_id":
			id = numberText(v)
		case "_source":
			f, err := readSourceFilter(v)
			if err != nil {
				return nil, err
			}
			filter = f
		default:
			return nil, unsupported("[%s] of _mget", key)
		}
	}
	if index == "" {
		return nil, fail(400, "action_request_validation_exception", "Validation Failed: 1: index is missing for doc 0;")
	}
	if id == "" {
		return nil, fail(400, "action_request_validation_exception", "Validation Failed: 1: id is missing for doc 0;")
	}
	ix, err := c.node.single(index)
	if refused := c.guardName(index); refused != nil {
		err = refused
	}
	if err != nil {
		return map[string]any{"_index": index, "_id": id, "error": asAPI(err).body()["error"]}, nil
	}
	doc, _, err := c.node.document(ix, id, filter)
	return doc, err
}

// getSource answers GET /index/_source/id.
func getSource(c *call) (reply, error) {
	ix, err := c.node.single(c.parts[0])
	if err != nil {
		return reply{}, err
	}
	filter, err := c.sourceFilter()
	if err != nil {
		return reply{}, err
	}
	r, found, err := c.node.lookup(ix, c.parts[2])
	if err != nil {
		return reply{}, err
	}
	if !found {
		return reply{}, fail(http.StatusNotFound, "resource_not_found_exception", "Document not found [%s]/[%s]", ix.name, c.parts[2])
	}
	return ok(json.RawMessage(filter.apply(r.source)))
}
