package elastic

import (
	"bytes"
	"errors"
)

// bulkFilter keeps of every item what tells which one it is and what became of
// it. Elasticsearch drops entries of a list that a filter leaves empty.
const bulkFilter = "filter_path=errors,items.*._id,items.*.status,items.*.result,items.*.error.type,items.*.error.reason"

// errAnswer means that nothing is known of what a request did.
var errAnswer = errors.New("the answer to a bulk request is not what Elasticsearch sends")

// readVerdicts reads an answer to the request that a batch is under way with. It
// appends to list, which is returned also with an error. There is one verdict
// for each item of the request, in their order; nothing else makes sense.
func readVerdicts(list []verdict, body []byte, b *batch) ([]verdict, error) {
	list, ok := scanVerdicts(list[:0], body, b)
	if !ok {
		var err error
		if list, err = decodeVerdicts(list[:0], body, b); err != nil {
			return list, err
		}
	}
	return list, b.matches(list)
}

const (
	answerErrors = 1 << iota
	answerItems
)

// scanVerdicts is the fast way. It reports whether it understood everything.
func scanVerdicts(list []verdict, body []byte, b *batch) ([]verdict, bool) {
	c := &cursor{b: body}
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		switch string(key) {
		case "errors":
			c.once(&seen, answerErrors)
			c.boolean()
		case "took": // of an answer that was not filtered
			c.integer()
		case "items":
			c.once(&seen, answerItems)
			list = c.verdicts(list, b)
		default:
			return list, false
		}
	}
	return list, c.end() && seen == answerErrors|answerItems
}

// shape is how an item's answer looks but for its id, and what it means.
type shape struct {
	head, tail []byte
	verdict    verdict
}

// verdicts reads the list of items. Most look, but for their ids, like the last
// success or the last refusal, byte for byte, and mean the same.
func (c *cursor) verdicts(list []verdict, b *batch) []verdict {
	var seen [2]shape
	open := walk{batch: b}
	for first := true; c.element(first); first = false {
		id := open.id()
		if id == nil {
			c.fail()
			return list
		}
		if s := c.like(seen[:], id); s != nil {
			list = append(list, s.verdict)
			continue
		}
		start := c.i
		var v verdict
		named := v.scan(c, id)
		list = append(list, v)
		if named > 0 && v.id == "" && !c.bad {
			kind := 0
			if v.status >= 300 {
				kind = 1
			}
			seen[kind] = shape{c.b[start:named], c.b[named+len(id) : c.i], v}
		}
	}
	return list
}

// like reads an item that looks like one before; nil when it does not.
func (c *cursor) like(seen []shape, id []byte) *shape {
	for i := range seen {
		s, rest := &seen[i], c.b[c.i:]
		if len(s.head) == 0 || !bytes.HasPrefix(rest, s.head) {
			continue
		}
		rest = rest[len(s.head):]
		if bytes.HasPrefix(rest, id) && bytes.HasPrefix(rest[len(id):], s.tail) {
			c.i += len(s.head) + len(id) + len(s.tail)
			return s
		}
	}
	return nil
}

// scan reads {"index": {…}}, the answer to the item of an id. It returns where
// that id stands, 0 when it stands nowhere as it was sent.
func (v *verdict) scan(c *cursor, id []byte) (named int) {
	var ok bool
	if v.op, ok = operation(c.field(true)); !ok {
		c.fail()
		return 0
	}
	named = v.scanResult(c, id)
	if c.field(false) != nil {
		c.fail()
	}
	return named
}

const (
	itemStatus = 1 << iota
	itemID
	itemResult
	itemError
)

func (v *verdict) scanResult(c *cursor, id []byte) (named int) {
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		switch string(key) {
		case "_id":
			c.once(&seen, itemID)
			raw, escaped := c.text()
			if bytes.Equal(raw, id) {
				named = c.i - 1 - len(raw)
			} else {
				v.name(raw, escaped, id)
			}
		case "status":
			c.once(&seen, itemStatus)
			v.status = int16(c.status())
		case "result":
			c.once(&seen, itemResult)
			v.result = resultOf(c.plain())
		case "error":
			c.once(&seen, itemError)
			v.scanError(c)
		default:
			c.fail()
			return 0
		}
	}
	if seen&(itemStatus|itemID) != itemStatus|itemID {
		c.fail()
	}
	return named
}

// status reads one that makes sense of an item.
func (c *cursor) status() int64 {
	n := c.integer()
	if !sensible(n) {
		c.fail()
	}
	return n
}

// sensible reports a status that an item may have.
func sensible(status int64) bool {
	return status >= 200 && status < 300 || status >= 400 && status < 600
}

// name keeps an id that is written otherwise than it was sent, if it is another.
func (v *verdict) name(raw []byte, escaped bool, id []byte) {
	text := raw
	if escaped {
		text = unescape(raw)
	}
	if !bytes.Equal(text, unescape(id)) {
		v.id = string(text)
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
