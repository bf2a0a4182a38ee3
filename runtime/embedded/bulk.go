package embedded

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// bulkItem is one action of a _bulk request on its way.
type bulkItem struct {
	action string
	index  string
	id     string
	source []byte
	expect expect
	// pipeline and alias are what the metadata line asked for
	pipeline string
	alias    bool
	ix       *index
	result   result
	err      error // found before the transaction
	lost     error // found within it
	// emptyID: the request named an empty _id
	emptyID bool
}

func bulk(c *call) (reply, error) {
	began := time.Now()
	if err := c.checkRefresh(); err != nil {
		return reply{}, err
	}
	body, err := c.body()
	if err != nil {
		return reply{}, err
	}
	defaultIndex := ""
	if len(c.parts) == 2 {
		defaultIndex = c.parts[0]
	}
	items, err := parseBulk(body, defaultIndex, c)
	if err != nil {
		return reply{}, err
	}
	for _, it := range items {
		if it.err == nil {
			it.err = c.guardName(it.index)
		}
		it.resolve(c.node)
	}
	err = c.node.write(len(body), func(w *writeTx) error {
		for _, it := range items {
			if err := it.apply(w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	forced, err := c.refreshAfter(items)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, raw: encodeBulk(items, time.Since(began), forced)}, nil
}

func (c *call) checkRefresh() error {
	switch mode := c.query.Get("refresh"); mode {
	case "", "true", "false", "wait_for":
		return nil
	default:
		return illegal("Unknown value for refresh: [%s].", mode)
	}
}

// refreshAfter honours refresh=true and refresh=wait_for.
func (c *call) refreshAfter(items []*bulkItem) (forced bool, err error) {
	mode := c.query.Get("refresh")
	if !c.query.Has("refresh") || mode == "false" {
		return false, nil
	}
	seen := map[*index]bool{}
	for _, it := range items {
		if it.ix != nil && !seen[it.ix] {
			seen[it.ix] = true
			if err := it.ix.searcher.refresh(c.req.Context()); err != nil {
				return false, err
			}
		}
	}
	return mode != "wait_for", nil
}

func parseBulk(body []byte, defaultIndex string, c *call) ([]*bulkItem, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, fail(400, "action_request_validation_exception", "Validation Failed: 1: no requests added;")
	}
	if body[len(body)-1] != '\n' {
		return nil, illegal("The bulk request must be terminated by a newline [\\n]")
	}
	var items []*bulkItem
	for line := 1; len(body) > 0; line++ {
		var head []byte
		head, body = cutLine(body)
		if len(bytes.TrimSpace(head)) == 0 {
			continue
		}
		it, err := parseAction(head, line, defaultIndex)
		if err != nil {
			return nil, err
		}
		if it.action != "delete" {
			if len(body) == 0 {
				return nil, illegal("The bulk request must be terminated by a newline [\\n]")
			}
			it.source, body = cutLine(body)
			line++
			if it.action == "update" {
				if _, err := parseUpdate(it.source); err != nil {
					return nil, err
				}
			}
		}
		if it.index == "" && it.err == nil {
			return nil, fail(400, "action_request_validation_exception", "Validation Failed: 1: index is missing;")
		}
		it.checkPipeline(c)
		items = append(items, it)
	}
	if len(items) == 0 {
		return nil, fail(400, "action_request_validation_exception", "Validation Failed: 1: no requests added;")
	}
	return items, nil
}

func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, nil
	}
	return bytes.TrimSuffix(b[:i], []byte("\r")), b[i+1:]
}

func parseAction(head []byte, line int, defaultIndex string) (*bulkItem, error) {
	if !json.Valid(head) {
		return nil, fail(400, "x_content_parse_exception", "action/metadata line [%d] is not JSON", line)
	}
	if head[skipSpace(head, 0)] != '{' {
		return nil, illegal("Malformed action/metadata line [%d], expected START_OBJECT but found something else", line)
	}
	it := &bulkItem{index: defaultIndex}
	var problem error
	count := 0
	err := eachField(head, func(key, value []byte) error {
		count++
		it.action = string(key)
		switch it.action {
		case "index", "create", "update", "delete":
		default:
			return illegal("Malformed action/metadata line [%d], expected field [create], [delete], [index] or [update] but found [%s]", line, key)
		}
		problem = it.readMeta(value, line)
		return problem
	})
	if err != nil {
		return nil, err
	}
	if count != 1 {
		return nil, illegal("Malformed action/metadata line [%d], expected FIELD_NAME but found [END_OBJECT]", line)
	}
	return it, nil
}

func (it *bulkItem) readMeta(value []byte, line int) error {
	if len(value) == 0 || value[0] != '{' {
		return illegal("Malformed action/metadata line [%d], expected START_OBJECT but found [VALUE]", line)
	}
	err := eachField(value, func(key, v []byte) error {
		text := string(scalarText(v))
		switch string(key) {
		case "_index":
			it.index = text
			if text == "" {
				it.err = checkName(text)
			}
		case "_id":
			if len(v) > 0 && v[0] != 'n' {
				it.id = text
				if text == "" {
					it.emptyID = true
					it.err = illegal("if _id is specified it must not be empty")
				}
			}
		case "if_seq_no", "if_primary_term", "version":
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return illegal("failed to parse [%s] of line [%d]", key, line)
			}
			it.condition(string(key), n)
		case "pipeline":
			it.pipeline = text
		case "require_alias":
			it.alias = text == "true"
		case "version_type", "routing", "retry_on_conflict", "list_executed_pipelines", "dynamic_templates", "_source", "require_data_stream":
		default:
			return illegal("Action/metadata line [%d] contains an unknown parameter [%s]", line, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	it.expect.create = it.action == "create"
	return it.checkConditions()
}

func (it *bulkItem) condition(key string, n int64) {
	switch key {
	case "if_seq_no":
		it.expect.conditional, it.expect.seqNo = true, n
	case "if_primary_term":
		it.expect.primary = n
	case "version":
		it.expect.external, it.expect.version = true, n
	}
}

func (it *bulkItem) checkConditions() error {
	x := it.expect
	invalid := func(s string) error {
		return fail(400, "action_request_validation_exception", "Validation Failed: 1: %s;", s)
	}
	switch {
	case x.external:
		return unsupported("[version]")
	case x.seqNo < 0:
		return illegal("sequence numbers must be non negative. got [%d].", x.seqNo)
	case x.conditional && x.primary == 0:
		return invalid("ifSeqNo is set, but primary term is [0]")
	case !x.conditional && x.primary != 0:
		return invalid("ifSeqNo is unassigned, but primary term is [" + strconv.FormatInt(x.primary, 10) + "]")
	case x.create && x.conditional:
		return invalid("create operations do not support compare and set. use index instead")
	case it.action == "update" || it.action == "delete":
		if it.id == "" && it.err == nil {
			return invalid("id is missing")
		}
	}
	return nil
}
