package embedded

import (
	"bytes"

	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/numeric"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// fieldExists is the Bleve field that lists which fields a document has.
const fieldExists = "_exists"

const (
	optionsText    = bleveindex.IndexField
	optionsKeyword = bleveindex.IndexField | bleveindex.DocValues
)

// buildDocument makes the Bleve document of a record. Nothing is stored in it: the source is in bbolt.
func buildDocument(m *mapping, r record) *document.Document {
	d := &builder{doc: document.NewDocument(string(seqKey(r.seq)))}
	w := &walker{m: m, leaf: d.leaf}
	_ = w.document(r.source) // was accepted when it was written
	d.finish()
	return d.doc
}

type builder struct {
	doc    *document.Document
	fields []*field
}

func (d *builder) leaf(f *field, raw []byte) error {
	d.add(f, raw)
	for _, sub := range f.subs {
		d.add(sub, raw)
	}
	return nil
}

func (d *builder) add(f *field, raw []byte) {
	if f.problem(raw) != nil {
		return
	}
	switch f.family {
	case familyText:
		text := ownText(raw)
		d.note(f)
		if f.indexed {
			d.doc.AddField(textField(f, text))
		}
	case familyKeyword, familyIP:
		if !f.surelyAbove(raw) {
			d.keyword(f, ownText(raw))
		}
	case familyBool:
		v, _ := f.boolean(raw)
		d.keyword(f, boolTerm(v))
	default:
		if n, ok := f.sortable(raw); ok {
			d.note(f)
			if f.findable() {
				d.doc.AddField(&indexField{name: f.path, options: optionsKeyword, terms: numberTerms(n)})
			}
		}
	}
}

// ownText is the text of a scalar in memory of its own: the source belongs to a transaction.
func ownText(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') >= 0 {
		return scalarText(raw)
	}
	return bytes.Clone(scalarText(raw))
}

func (d *builder) keyword(f *field, term []byte) {
	if f.ignoreAbove > 0 && runeCount(term) > f.ignoreAbove {
		return
	}
	d.note(f)
	if f.findable() {
		d.doc.AddField(&indexField{name: f.path, options: optionsKeyword, terms: [][]byte{term}})
	}
}

func (d *builder) note(f *field) {
	if !f.indexed && !f.docValues {
		return
	}
	for _, have := range d.fields {
		if have == f {
			return
		}
	}
	d.fields = append(d.fields, f)
}

func (d *builder) finish() {
	if len(d.fields) == 0 {
		return
	}
	terms := make([][]byte, 0, len(d.fields))
	for _, f := range d.fields {
		terms = append(terms, []byte(f.path))
	}
	d.doc.AddField(&indexField{name: fieldExists, options: bleveindex.IndexField | bleveindex.SkipFreqNorm, terms: terms})
}

// sortable is a number or date as an integer of the same order.
func (f *field) sortable(raw []byte) (int64, bool) {
	switch f.family {
	case familyInteger:
		n, problem := f.integer(raw)
		return n, problem == nil
	case familyDate:
		n, problem := f.date(raw)
		return n, problem == nil
	case familyFloat:
		x, problem := f.float(raw)
		return numeric.Float64ToInt64(x), problem == nil
	}
	return 0, false
}

// textField is a text to be cut into words, or one term with the keyword analyzer.
func textField(f *field, text []byte) *indexField {
	if f.analyzer == "keyword" {
		return &indexField{name: f.path, options: optionsText, terms: [][]byte{text}}
	}
	return &indexField{name: f.path, options: optionsText, text: text}
}

func boolTerm(v bool) []byte {
	if v {
		return []byte("T")
	}
	return []byte("F")
}
