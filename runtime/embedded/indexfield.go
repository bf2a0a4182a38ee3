package embedded

import (
	"bytes"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/numeric"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// indexField is one value of a field on its way into Bleve. It builds the term frequencies itself: Bleve's own fields
// allocate a token for every word, which doubles the cost of a document.
type indexField struct {
	name    string
	options bleveindex.FieldIndexingOptions
	terms   [][]byte // as they are; nil when text is to be analysed
	text    []byte
	length  int
	freqs   bleveindex.TokenFrequencies
}

func (f *indexField) Name() string                                          { return f.name }
func (f *indexField) Value() []byte                                         { return nil }
func (f *indexField) ArrayPositions() []uint64                              { return nil }
func (f *indexField) EncodedFieldType() byte                                { return 't' }
func (f *indexField) Options() bleveindex.FieldIndexingOptions              { return f.options }
func (f *indexField) AnalyzedLength() int                                   { return f.length }
func (f *indexField) NumPlainTextBytes() uint64                             { return uint64(len(f.text)) }
func (f *indexField) Size() int                                             { return len(f.text) + len(f.terms)*16 + 128 }
func (f *indexField) AnalyzedTokenFrequencies() bleveindex.TokenFrequencies { return f.freqs }

// Analyze makes the terms; Bleve calls it once, in a goroutine of its own.
func (f *indexField) Analyze() {
	if f.terms == nil {
		f.analyzeText()
		return
	}
	f.length = len(f.terms)
	f.freqs = make(bleveindex.TokenFrequencies, len(f.terms))
	all := make([]bleveindex.TokenFreq, len(f.terms))
	keys := string(bytes.Join(f.terms, nil)) // one allocation for all keys
	for i, term := range f.terms {
		key := keys[:len(term)]
		keys = keys[len(term):]
		if old := f.freqs[key]; old != nil {
			old.SetFrequency(old.Frequency() + 1)
			continue
		}
		all[i].Term = term
		all[i].SetFrequency(1)
		f.freqs[key] = &all[i]
	}
}

func (f *indexField) analyzeText() {
	f.freqs = make(bleveindex.TokenFrequencies, len(f.text)/10+1)
	lowered := lowerASCII(f.text)
	keys := string(lowered)
	var chunk []bleveindex.TokenFreq
	for i := 0; ; {
		start, end := nextWord(f.text, i)
		if start < 0 {
			return
		}
		i = end
		f.length++
		term, key := lowered[start:end], keys[start:end]
		if hasHighBytes(term) {
			term = lower(f.text[start:end])
			key = string(term)
		}
		if old := f.freqs[key]; old != nil {
			old.SetFrequency(old.Frequency() + 1)
			continue
		}
		if len(chunk) == cap(chunk) {
			chunk = make([]bleveindex.TokenFreq, 0, 32)
		}
		chunk = append(chunk, bleveindex.TokenFreq{Term: term})
		chunk[len(chunk)-1].SetFrequency(1)
		f.freqs[key] = &chunk[len(chunk)-1]
	}
}

func hasHighBytes(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// lowerASCII lowers A to Z and leaves the rest, so that places stay the same.
func lowerASCII(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return out
}

// numberStep is how many bits each level of a number's terms leaves out.
const numberStep = 8

// numberTerms are the terms by which ranges of a number are found: the number, and its prefixes level by level.
func numberTerms(n int64) [][]byte {
	out := make([][]byte, 0, 64/numberStep)
	space := make([]byte, 0, 64)
	for shift := uint(0); shift < 64; shift += numberStep {
		from := len(space)
		space = append(space, numeric.MustNewPrefixCodedInt64(n, shift)...)
		out = append(out, space[from:len(space):len(space)])
	}
	return out
}

// eachLevel cuts a closed range of numbers into ranges of terms, few of them on each level.
func eachLevel(low, high int64, visit func(shift uint, low, high int64)) {
	for shift := uint(0); ; shift += numberStep {
		mask := int64(1<<numberStep-1) << shift
		nextLow, nextHigh := low&^mask, high&^mask
		last := shift+numberStep >= 64
		if !last {
			width := int64(1) << (shift + numberStep)
			if low&mask != 0 {
				nextLow += width
			}
			if high&mask != mask {
				nextHigh -= width
			}
			last = nextLow > nextHigh || nextLow < low&^mask || nextHigh > high
		}
		if last {
			visit(shift, low, high)
			return
		}
		if low&mask != 0 {
			visit(shift, low, low|mask)
		}
		if high&mask != mask {
			visit(shift, high&^mask, high)
		}
		low, high = nextLow, nextHigh
	}
}
