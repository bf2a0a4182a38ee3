package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
)

// hit is one document of a page. Texts are as in the JSON between the quotes.
type hit struct {
	id, print               []byte
	idEscaped, printEscaped bool
	seqNo, primaryTerm      int64
}

// page is one answer of a scan.
type page struct {
	pit      []byte
	timedOut bool
	failed   int64 // shards
	hits     []hit
	sort     []byte // of the last hit
}

const (
	pageTimedOut = 1 << iota
	pageShards
	pagePIT
	pageHits
)

// parse reads an answer. The page points into it.
func (p *page) parse(body []byte) error {
	*p = page{hits: p.hits[:0]}
	if p.scan(body) {
		return nil
	}
	*p = page{hits: p.hits[:0]}
	return p.decode(body)
}

// scan is the fast way. It reports whether it understood everything.
func (p *page) scan(body []byte) bool {
	c := &cursor{b: body}
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		switch string(key) {
		case "timed_out":
			c.once(&seen, pageTimedOut)
			p.timedOut = c.boolean()
		case "_shards":
			c.once(&seen, pageShards)
			p.failed = c.shards()
		case "pit_id":
			c.once(&seen, pagePIT)
			p.pit = c.plain()
		case "hits":
			c.once(&seen, pageHits)
			p.scanHits(c)
		default:
			return false
		}
	}
	return c.end() && seen&(pageTimedOut|pageShards) == pageTimedOut|pageShards
}

// shards reads {"failed": n}.
func (c *cursor) shards() (failed int64) {
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		if string(key) != "failed" {
			c.fail()
			return 0
		}
		c.once(&seen, 1)
		failed = c.integer()
	}
	if seen == 0 {
		c.fail()
	}
	return failed
}

// scanHits reads {"hits": […]}.
func (p *page) scanHits(c *cursor) {
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		if string(key) != "hits" {
			c.fail()
			return
		}
		c.once(&seen, 1)
		for first := true; c.element(first); first = false {
			p.hits = append(p.hits, hit{})
			p.sort = p.hits[len(p.hits)-1].scan(c)
		}
	}
}

const (
	hitID = 1 << iota
	hitSeqNo
	hitPrimaryTerm
	hitFields
	hitSource
	hitSort

	hitNeeds = hitID | hitSeqNo | hitPrimaryTerm | hitSort
)

// scan reads one hit and returns its sort values.
func (h *hit) scan(c *cursor) (sort []byte) {
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		switch string(key) {
		case "_id":
			c.once(&seen, hitID)
			h.id, h.idEscaped = c.text()
		case "_seq_no":
			c.once(&seen, hitSeqNo)
			h.seqNo = c.integer()
		case "_primary_term":
			c.once(&seen, hitPrimaryTerm)
			h.primaryTerm = c.integer()
		case "fields":
			c.once(&seen, hitFields)
			h.scanPrint(c, true)
		case "_source":
			c.once(&seen, hitSource)
			h.scanPrint(c, false)
		case "sort":
			c.once(&seen, hitSort)
			sort = c.scalars()
		default:
			c.fail()
			return nil
		}
	}
	if seen&hitNeeds != hitNeeds || seen&(hitFields|hitSource) == hitFields|hitSource {
		c.fail()
	}
	return sort
}

// scanPrint reads {"_fingerprint": ["…"]} or, out of a list, {"_fingerprint": "…"}.
func (h *hit) scanPrint(c *cursor, list bool) {
	var seen uint8
	for key := c.field(true); key != nil; key = c.field(false) {
		if string(key) != fingerprintField {
			c.fail()
			return
		}
		c.once(&seen, 1)
		if list && !c.eat('[') {
			c.fail()
		}
		h.print, h.printEscaped = c.text()
		if list && !c.eat(']') {
			c.fail()
		}
	}
}

// jsonPage is the same for encoding/json, with room for everything.
type jsonPage struct {
	PIT      string `json:"pit_id"`
	TimedOut *bool  `json:"timed_out"`
	Shards   *struct {
		Failed *int64 `json:"failed"`
	} `json:"_shards"`
	Hits struct {
		Hits []jsonHit `json:"hits"`
	} `json:"hits"`
}

type jsonHit struct {
	ID          *string                    `json:"_id"`
	SeqNo       *int64                     `json:"_seq_no"`
	PrimaryTerm *int64                     `json:"_primary_term"`
	Fields      map[string]json.RawMessage `json:"fields"`
	Source      map[string]json.RawMessage `json:"_source"`
	Sort        json.RawMessage            `json:"sort"`
}

var errPage = errors.New("the answer to a search is not what Elasticsearch sends; a proxy may have changed it")

// decode is the slow way.
func (p *page) decode(body []byte) error {
	var j jsonPage
	if err := json.Unmarshal(body, &j); err != nil {
		return errPage
	}
	if j.TimedOut == nil || j.Shards == nil || j.Shards.Failed == nil {
		return errPage
	}
	p.pit, p.timedOut, p.failed = []byte(j.PIT), *j.TimedOut, *j.Shards.Failed
	for _, h := range j.Hits.Hits {
		if h.ID == nil || h.SeqNo == nil || h.PrimaryTerm == nil || len(h.Sort) == 0 {
			return errPage
		}
		p.hits = append(p.hits, hit{
			id: []byte(*h.ID), print: h.print(), seqNo: *h.SeqNo, primaryTerm: *h.PrimaryTerm,
		})
		p.sort = h.Sort
	}
	return nil
}

// print is the fingerprint if there is exactly one and it is a text.
func (h *jsonHit) print() []byte {
	var one string
	var list []json.RawMessage
	value := h.Source[fingerprintField]
	if json.Unmarshal(h.Fields[fingerprintField], &list) == nil && len(list) == 1 {
		value = list[0]
	}
	if !bytes.HasPrefix(value, []byte{'"'}) || json.Unmarshal(value, &one) != nil {
		return nil
	}
	return []byte(one)
}

// visit calls visit for every hit of the page.
func (p *page) visit(visit func(id, fingerprint []byte, seqNo, primaryTerm int64) error) error {
	for i := range p.hits {
		h := &p.hits[i]
		if h.idEscaped {
			h.id = unescape(h.id)
		}
		if h.printEscaped {
			h.print = unescape(h.print)
		}
		if err := visit(h.id, h.print, h.seqNo, h.primaryTerm); err != nil {
			return err
		}
	}
	return nil
}
