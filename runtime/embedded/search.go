package embedded

import (
	"encoding/json"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

// searchBody is a search request that has been read.
type searchBody struct {
	size, from int
	after      []any
	sorts      []any
	pitID      string
	keepAlive  string
	source     sourceFilter
	docvalues  []string
	seqNo      bool
	version    bool
	trackTotal any
	query      any
}

func search(c *call) (reply, error) {
	began := time.Now()
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	s, err := readSearch(o)
	if err != nil {
		return reply{}, err
	}
	if s.from+s.size > 10000 {
		return reply{}, illegal("Result window is too large, from + size must be less than or equal to: [10000] but was [%d]", s.from+s.size)
	}
	var parts []pitPart
	if s.pitID != "" {
		p, err := c.node.pit(s.pitID, s.keepAlive)
		if err != nil {
			return reply{}, err
		}
		parts = p.parts
	} else {
		list, err := c.targets()
		if err != nil {
			return reply{}, err
		}
		for _, ix := range list {
			part := pitPart{ix: ix, pos: ix.holdLatest()}
			defer ix.release(part.pos.seq)
			parts = append(parts, part)
		}
	}
	return c.scanSearch(s, parts, began)
}

func readSearch(o map[string]any) (*searchBody, error) {
	s := &searchBody{size: 10}
	var err error
	for key, v := range o {
		switch key {
		case "size":
			s.size, err = strconv.Atoi(show(v))
		case "from":
			s.from, err = strconv.Atoi(show(v))
		case "query":
			s.query = v
		case "sort":
			s.sorts, _ = v.([]any)
		case "search_after":
			s.after, _ = v.([]any)
		case "pit":
			p, _ := v.(map[string]any)
			s.pitID, _ = p["id"].(string)
			s.keepAlive, _ = p["keep_alive"].(string)
		case "_source":
			s.source, err = readSourceFilter(v)
		case "docvalue_fields":
			list, _ := v.([]any)
			for _, e := range list {
				if m, isObject := e.(map[string]any); isObject {
					e = m["field"]
				}
				s.docvalues = append(s.docvalues, texts(e)...)
			}
		case "seq_no_primary_term":
			s.seqNo = v == true
		case "version":
			s.version = v == true
		case "track_total_hits":
			s.trackTotal = v
		default:
			return nil, parsing("unknown key for a VALUE in [%s].", key)
		}
		if err != nil {
			return nil, err
		}
	}
	if m, _ := s.query.(map[string]any); s.query != nil && m["match_all"] == nil {
		return nil, unsupported("this query")
	}
	return s, nil
}

func (c *call) scanSearch(s *searchBody, parts []pitPart, began time.Time) (reply, error) {
	after := int64(-1)
	if len(s.after) > 0 {
		after, _ = strconv.ParseInt(show(s.after[0]), 10, 64)
	}
	hits := []any{}
	total := int64(0)
	for _, part := range parts {
		total += part.pos.live
		m := part.ix.mapping.Load()
		err := c.node.db.View(func(tx *bolt.Tx) error {
			b, err := openBuckets(tx, part.ix.uuid)
			if err != nil {
				return indexMissing(part.ix.name)
			}
			skip := s.from
			return b.scan(after, part.pos.seq, func(r record) (bool, error) {
				if skip > 0 {
					skip--
					return true, nil
				}
				if len(hits) >= s.size {
					return false, nil
				}
				hit := map[string]any{"_index": part.ix.name, "_id": string(r.id), "_score": nil, "sort": []any{r.seq, r.seq}[:max(1, len(s.sorts))]}
				if s.seqNo {
					hit["_seq_no"], hit["_primary_term"] = r.seq, primaryTerm
				}
				if s.version {
					hit["_version"] = r.version
				}
				if src := s.source.apply(r.source); src != nil {
					hit["_source"] = json.RawMessage(append([]byte(nil), src...))
				}
				if f := docvalueFields(m, r.source, s.docvalues); f != nil {
					hit["fields"] = f
				}
				hits = append(hits, hit)
				return true, nil
			})
		})
		if err != nil {
			return reply{}, err
		}
	}
	out := map[string]any{
		"took": since(began), "timed_out": false, "_shards": shardsOf(len(parts)),
		"hits": map[string]any{"total": map[string]any{"value": total, "relation": "eq"}, "max_score": nil, "hits": hits},
	}
	if s.trackTotal == false {
		delete(out["hits"].(map[string]any), "total")
	}
	if s.pitID != "" {
		out["pit_id"] = s.pitID
	}
	return ok(out)
}

// docvalueFields reads fields from a source as Elasticsearch's doc values show them.
func docvalueFields(m *mapping, source []byte, names []string) map[string]any {
	if len(names) == 0 {
		return nil
	}
	var out map[string]any
	w := &walker{m: m, leaf: func(f *field, raw []byte) error {
		for _, name := range names {
			if f.path == name {
				if out == nil {
					out = map[string]any{}
				}
				list, _ := out[name].([]any)
				out[name] = append(list, json.RawMessage(append([]byte(nil), raw...)))
			}
		}
		return nil
	}}
	_ = w.document(source)
	return out
}

func count(c *call) (reply, error) {
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	total := int64(0)
	for _, ix := range list {
		total += ix.position().live
	}
	return ok(map[string]any{"count": total, "_shards": shardsOf(len(list))})
}
