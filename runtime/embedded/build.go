package embedded

import (
	"bytes"

	"github.com/blevesearch/bleve/v2/analysis"
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
		text := bytes.Clone(scalarText(raw))
		d.note(f)
		if f.indexed {
			d.doc.AddField(document.NewTextFieldCustom(f.path, nil, text, optionsText, analyzerOf(f)))
		}
	case familyKeyword, familyIP:
		d.keyword(f, bytes.Clone(scalarText(raw)))
	case familyBool:
		v, _ := f.boolean(raw)
		d.keyword(f, boolTerm(v))
	default:
		if n, ok := f.sortable(raw); ok {
			d.note(f)
			if f.indexed {
				d.doc.AddField(newNumber(f.path, n))
			}
		}
	}
}

func (d *builder) keyword(f *field, term []byte) {
	if f.ignoreAbove > 0 && runeCount(term) > f.ignoreAbove {
		return
	}
	d.note(f)
	if f.indexed {
		d.doc.AddField(document.NewTextFieldCustom(f.path, nil, term, optionsKeyword, wholeAnalyzer{}))
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
	var tokens []byte
	for _, f := range d.fields {
		if tokens != nil {
			tokens = append(tokens, 0)
		}
		tokens = append(tokens, f.path...)
	}
	if tokens != nil {
		d.doc.AddField(document.NewTextFieldCustom(fieldExists, nil, tokens, bleveindex.IndexField|bleveindex.SkipFreqNorm, listAnalyzer{}))
	}
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

func newNumber(path string, n int64) document.Field {
	return document.NewTextFieldCustom(path, nil, numeric.MustNewPrefixCodedInt64(n, 0), optionsKeyword, numberAnalyzer{})
}

func boolTerm(v bool) []byte {
	if v {
		return []byte("T")
	}
	return []byte("F")
}

// wholeAnalyzer makes one term of a value.
type wholeAnalyzer struct{}

func (wholeAnalyzer) Analyze(b []byte) analysis.TokenStream {
	return analysis.TokenStream{{Term: b, End: len(b), Position: 1}}
}

// listAnalyzer makes a term of each part between zero bytes.
type listAnalyzer struct{}

func (listAnalyzer) Analyze(b []byte) analysis.TokenStream {
	var out analysis.TokenStream
	for part := range bytes.SplitSeq(b, []byte{0}) {
		out = append(out, &analysis.Token{Term: part, Position: 1})
	}
	return out
}

// numberAnalyzer makes the terms by which Bleve finds ranges of a number.
type numberAnalyzer struct{}

func (numberAnalyzer) Analyze(b []byte) analysis.TokenStream {
	out := analysis.TokenStream{{Term: b, Position: 1}}
	n, err := numeric.PrefixCoded(b).Int64()
	if err != nil {
		return out
	}
	for shift := document.DefaultPrecisionStep; shift < 64; shift += document.DefaultPrecisionStep {
		out = append(out, &analysis.Token{Term: numeric.MustNewPrefixCodedInt64(n, shift), Position: 1})
	}
	return out
}
