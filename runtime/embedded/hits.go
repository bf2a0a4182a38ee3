package embedded

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

// encode reads the documents of the hits and writes the answer. It is written by hand: a page may have 10,000 hits.
func (f *found) encode(n *Node, began time.Time) ([]byte, error) {
	b := make([]byte, 0, 512+len(f.hits)*128)
	b = append(b, `{"took":`...)
	b = strconv.AppendInt(b, since(began), 10)
	b = append(b, `,"timed_out":false,"_shards":`...)
	b = append(b, show(shardsOf(len(f.parts)))...)
	if f.body.pitID != "" {
		b = appendText(append(b, `,"pit_id":`...), f.body.pitID)
	}
	b = append(b, `,"hits":{`...)
	b = f.appendTotal(b)
	b = append(b, `"max_score":`...)
	if f.scoresShown() && f.total > 0 && f.body.size > 0 && len(f.body.sorts) == 0 {
		b = appendScore(b, f.top)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"hits":[`...)
	err := n.db.View(func(tx *bolt.Tx) error {
		docs := make([]buckets, len(f.parts))
		for i, h := range f.hits {
			if i > 0 {
				b = append(b, ',')
			}
			if docs[h.part].top == nil {
				var err error
				if docs[h.part], err = openBuckets(tx, f.parts[h.part].ix.uuid); err != nil {
					return indexMissing(f.parts[h.part].ix.name)
				}
			}
			r, err := docs[h.part].read(h.seq)
			if err != nil {
				return err
			}
			if b, err = f.appendHit(b, h, r); err != nil {
				return err
			}
		}
		return nil
	})
	return append(b, `]}}`...), err
}

func (f *found) appendTotal(b []byte) []byte {
	if f.body.track == 0 {
		return b
	}
	total, relation := f.total, "eq"
	if f.body.track > 0 && total > f.body.track {
		total, relation = f.body.track, "gte"
	}
	b = append(b, `"total":`...)
	if f.body.totalAsInt {
		return append(strconv.AppendInt(b, f.total, 10), ',')
	}
	b = strconv.AppendInt(append(b, `{"value":`...), total, 10)
	return append(append(append(b, `,"relation":"`...), relation...), `"},`...)
}

// scoresShown reports whether hits have a score: not when they are sorted by something else.
func (f *found) scoresShown() bool { return f.scored }

func appendScore(b []byte, x float64) []byte {
	if x == math.Trunc(x) {
		return append(strconv.AppendFloat(b, x, 'f', -1, 32), ".0"...)
	}
	return strconv.AppendFloat(b, x, 'g', -1, 32)
}

func (f *found) appendHit(b []byte, h candidate, r record) ([]byte, error) {
	s, ix, m := f.body, f.parts[h.part].ix, f.queries[h.part].m
	b = appendText(append(b, `{"_index":`...), ix.name)
	b = appendText(append(b, `,"_id":`...), string(r.id))
	if s.version {
		b = strconv.AppendInt(append(b, `,"_version":`...), r.version, 10)
	}
	if s.seqNo {
		b = strconv.AppendInt(append(b, `,"_seq_no":`...), r.seq, 10)
		b = strconv.AppendInt(append(b, `,"_primary_term":`...), primaryTerm, 10)
	}
	b = append(b, `,"_score":`...)
	if f.scoresShown() {
		b = appendScore(b, h.score)
	} else {
		b = append(b, "null"...)
	}
	if source := s.source.apply(r.source); source != nil {
		b = append(append(b, `,"_source":`...), source...)
	}
	values, err := f.fieldsOf(m, r)
	if err != nil {
		return b, err
	}
	if len(values) > 0 {
		b = append(append(b, `,"fields":`...), show(values)...)
	}
	if s.highlight != nil {
		if parts := s.highlight.apply(m, f.queries[h.part].marks, r.source); len(parts) > 0 {
			raw, err := encodeTree(parts)
			if err != nil {
				return b, err
			}
			b = append(append(b, `,"highlight":`...), raw...)
		}
	}
	return append(f.appendSort(b, h), '}'), nil
}

func (f *found) appendSort(b []byte, h candidate) []byte {
	keys := f.body.sorts
	if len(keys) == 0 {
		return b
	}
	t := &topHits{keys: keys}
	b = append(b, `,"sort":[`...)
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		if n, whole := t.value(h, i).(int64); whole && k.format == "" {
			b = strconv.AppendInt(b, n, 10)
			continue
		}
		if bound, err := k.bind(f.queries[h.part].m, f.parts[h.part].ix); err == nil {
			k = bound
		}
		b = append(b, show(k.show(t.value(h, i)))...)
	}
	return append(b, ']')
}

func (f *found) fieldsOf(m *mapping, r record) (map[string][]any, error) {
	var out map[string][]any
	if len(f.body.docvalues) > 0 {
		values, err := docvalues(m, r.source, f.body.docvalues, true)
		if err != nil {
			return nil, err
		}
		out = values
	}
	if len(f.body.fields) > 0 {
		values, err := docvalues(m, r.source, f.body.fields, false)
		if err != nil {
			return nil, err
		}
		if out == nil {
			return values, nil
		}
		maps.Copy(out, values)
	}
	return out, nil
}

// checkDocvalues refuses docvalue_fields that are texts.
func checkDocvalues(names []string, m *mapping, index string) error {
	for _, name := range names {
		for path, f := range m.fields {
			if f.family == familyText && matchWildcard(name, path) {
				return fielddataDisabled(path, index)
			}
		}
	}
	return nil
}

// docvalues reads fields from a source as Elasticsearch's docvalue_fields (strict) or fields show them.
func docvalues(m *mapping, source []byte, names []string, strict bool) (map[string][]any, error) {
	out := map[string][]any{}
	take := func(f *field, raw []byte) {
		asked := slices.ContainsFunc(names, func(name string) bool { return matchWildcard(name, f.path) })
		// Reading a value costs its length, so it is looked at only when asked for.
		if !asked || strict && (!f.docValues || f.family == familyText) || f.problem(raw) != nil {
			return
		}
		if v, shown := f.shown(raw); shown {
			out[f.path] = append(out[f.path], v)
		}
	}
	w := &walker{m: m, leaf: func(f *field, raw []byte) error {
		take(f, raw)
		for _, sub := range f.subs {
			take(sub, raw)
		}
		return nil
	}}
	err := w.document(source)
	if strict {
		for path, list := range out {
			out[path] = sortedValues(m.fields[path], list)
		}
	}
	return out, err
}

// shown is a value as doc values show it.
func (f *field) shown(raw []byte) (any, bool) {
	switch f.family {
	case familyInteger:
		n, _ := f.integer(raw)
		return n, true
	case familyFloat:
		x, _ := f.float(raw)
		if f.typ == "float" {
			return json.Number(strconv.FormatFloat(x, 'g', -1, 32)), true
		}
		return x, true
	case familyBool:
		v, _ := f.boolean(raw)
		return v, true
	case familyDate:
		ms, _ := f.date(raw)
		return showDate(ms), true
	case familyKeyword:
		text := scalarText(raw)
		if f.ignoreAbove > 0 && runeCount(text) > f.ignoreAbove {
			return nil, false
		}
		return string(text), true
	}
	return string(scalarText(raw)), true
}

// sortedValues orders values as doc values are: ascending, keywords without repetitions.
func sortedValues(f *field, list []any) []any {
	if len(list) < 2 {
		return list
	}
	slices.SortStableFunc(list, func(a, b any) int {
		if x, isNumber := a.(json.Number); isNumber {
			p, _ := x.Float64()
			q, _ := b.(json.Number).Float64()
			return compareValues(p, q)
		}
		if x, isBool := a.(bool); isBool {
			return compareValues(int64(boolRank(x)), int64(boolRank(b.(bool))))
		}
		return compareValues(a, b)
	})
	if f.family == familyKeyword || f.family == familyIP {
		list = slices.CompactFunc(list, func(a, b any) bool { return a == b })
	}
	return list
}

func boolRank(v bool) int {
	if v {
		return 1
	}
	return 0
}
