package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
)

// bulkFilter keeps of every item its status, so that items keep their places:
// Elasticsearch drops entries of a list that a filter leaves empty.
const bulkFilter = "filter_path=errors,items.*.status,items.*.result,items.*.error.type,items.*.error.reason"

// verdict is the answer to one item.
type verdict struct {
	op           op
	result       result
	status       int16
	kind, reason string // of an error
}

// result is what an item did.
type result uint8

const (
	noResult result = iota
	created
	updated
	noop
	deleted
	notFound
	otherResult
)

func resultOf[T string | []byte](text T) result {
	switch string(text) {
	case "":
		return noResult
	case "created":
		return created
	case "updated":
		return updated
	case "noop":
		return noop
	case "deleted":
		return deleted
	case "not_found":
		return notFound
	}
	return otherResult
}

// errAnswer means that nothing is known of what a request did.
var errAnswer = errors.New("the answer to a bulk request is not what Elasticsearch sends")

// readVerdicts reads an answer to a request. It appends to list, which is
// returned also with an error.
func readVerdicts(list []verdict, body []byte) ([]verdict, error) {
	list = list[:0]
	if list, ok := scanVerdicts(list, body); ok {
		return list, nil
	}
	return decodeVerdicts(list, body)
}

const (
	answerErrors = 1 << iota
	answerItems
)

// scanVerdicts is the fast way. It reports whether it understood everything.
func scanVerdicts(list []verdict, body []byte) ([]verdict, bool) {
	c := &cursor{b: body}
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		switch string(key) {
		case "errors":
			c.once(&seen, answerErrors)
			c.boolean()
		case "items":
			c.once(&seen, answerItems)
			list = c.verdicts(list)
		default:
			return list, false
		}
	}
	return list, c.end() && seen == answerErrors|answerItems
}

// verdicts reads the list of items. Most are the same as the one before, byte
// for byte, and mean the same.
func (c *cursor) verdicts(list []verdict) []verdict {
	var before []byte
	for first := true; c.element(first); first = false {
		if len(before) > 0 && bytes.HasPrefix(c.b[c.i:], before) {
			c.i += len(before)
			list = append(list, list[len(list)-1])
			continue
		}
		start := c.i
		list = append(list, verdict{})
		list[len(list)-1].scan(c)
		before = c.b[start:min(c.i, len(c.b))]
	}
	return list
}

// scan reads {"index": {…}}.
func (v *verdict) scan(c *cursor) {
	var ok bool
	if v.op, ok = operation(c.field(true)); !ok {
		c.fail()
		return
	}
	v.scanResult(c)
	if c.field(false) != nil {
		c.fail()
	}
}

const (
	itemStatus = 1 << iota
	itemResult
	itemError
)

func (v *verdict) scanResult(c *cursor) {
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		switch string(key) {
		case "status":
			c.once(&seen, itemStatus)
			n := c.integer()
			if n < 100 || n > 999 {
				c.fail()
			}
			v.status = int16(n)
		case "result":
			c.once(&seen, itemResult)
			v.result = resultOf(c.plain())
		case "error":
			c.once(&seen, itemError)
			v.scanError(c)
		default:
			c.fail()
			return
		}
	}
	if seen&itemStatus == 0 {
		c.fail()
	}
}

const (
	errorType = 1 << iota
	errorReason
)

// scanError may allocate: errors are rare.
func (v *verdict) scanError(c *cursor) {
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		switch string(key) {
		case "type":
			c.once(&seen, errorType)
			v.kind = string(c.plain())
		case "reason":
			c.once(&seen, errorReason)
			raw, escaped := c.text()
			if escaped {
				raw = unescape(raw)
			}
			v.reason = string(raw)
		default:
			c.fail()
			return
		}
	}
}

type jsonVerdict struct {
	Status *int16 `json:"status"`
	Result string `json:"result"`
	Error  struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	} `json:"error"`
}

// decodeVerdicts is the slow way.
func decodeVerdicts(list []verdict, body []byte) ([]verdict, error) {
	list = list[:0]
	var answer struct {
		Items []map[string]jsonVerdict `json:"items"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return list, errAnswer
	}
	for _, item := range answer.Items {
		if len(item) != 1 {
			return list, errAnswer
		}
		for action, j := range item {
			op, ok := operation(action)
			if !ok || j.Status == nil || *j.Status < 100 || *j.Status > 999 {
				return list, errAnswer
			}
			list = append(list, verdict{op, resultOf(j.Result), *j.Status, j.Error.Type, j.Error.Reason})
		}
	}
	return list, nil
}
