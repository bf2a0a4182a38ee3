package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Set is rules that are ready to decide. It is safe for concurrent use. A nil
// Set keeps every document.
type Set struct {
	rules []compiled // in the order in which they are asked
	// found by the name of a top-level field: the paths that it may hold.
	root  map[string][]step
	names [32][]named // the same by the length of the name
	paths int
	// id is the path "id", or -1 when no rule asks for it.
	id       int32
	fallback *compiled // the stored default rule, or nil
}

// Compile makes rules ready. Every rule that can't work (an unknown operator,
// a broken regex) is a problem that names the rule by its position.
func Compile(rules []Rule) (*Set, error) {
	s := &Set{root: map[string][]step{}, id: -1}
	var problems connector.Problems
	left := newEffort()
	paths := map[string]int32{}
	s.rules = make([]compiled, 0, len(rules))
	for i, r := range rules {
		if r.position == 0 {
			r.position = i + 1
		}
		c, err := compile(r, left)
		switch {
		case err != nil:
			problems = append(problems, connector.Problem{
				Pointer: fmt.Sprintf("/%d", r.position-1), Message: r.label() + ": " + err.Error()})
		case r.ID == DefaultID:
			s.fallback = c
		default:
			c.path = s.path(r.Field, paths)
			s.rules = append(s.rules, *c)
		}
	}
	slices.SortStableFunc(s.rules, func(a, b compiled) int { return a.order.compare(&b.order) })
	for i := range s.rules {
		s.rules[i].hits = new(atomic.Int64)
	}
	s.paths = len(paths)
	s.file()
	return s, problems.Err()
}

// path returns the number of a path and files it under the names by which it
// may begin: a field "a.b" is {"a.b": …} and {"a": {"b": …}}.
func (s *Set) path(field string, paths map[string]int32) int32 {
	if n, known := paths[field]; known {
		return n
	}
	n := int32(len(paths))
	paths[field] = n
	if field == "id" {
		s.id = n
		return n
	}
	s.begin(field, step{path: n, done: true})
	for at := 0; ; at++ {
		dot := strings.IndexByte(field[at:], '.')
		if dot < 0 {
			return n
		}
		at += dot
		s.begin(field[:at], step{path: n, rest: field[at+1:]})
	}
}

func (s *Set) begin(name string, st step) {
	s.root[name] = append(s.root[name], st)
}

// file makes the names quick to find.
func (s *Set) file() {
	for name, steps := range s.root {
		bucket := &s.names[len(name)%len(s.names)]
		*bucket = append(*bucket, named{name, steps})
	}
}

// named is a top-level field with the paths that it may hold.
type named struct {
	name  string
	steps []step
}

// fewNames is how many names are compared one by one.
const fewNames = 6

// top returns what a top-level field of this name may hold, or nil.
func (s *Set) top(name []byte) []step {
	bucket := s.names[len(name)%len(s.names)]
	if len(bucket) > fewNames {
		return s.root[string(name)]
	}
	for i := range bucket {
		if bucket[i].name == string(name) {
			return bucket[i].steps
		}
	}
	return nil
}

var readers = sync.Pool{New: func() any { return new(reader) }}

// Decide tells whether a document is indexed, and the id of the rule that
// decided: the first one that matches, else [DefaultID] when a default rule is
// stored, else none. The document is its id and its encoded fields without
// the braces around them, as [connector.Document.Fields] returns them.
func (s *Set) Decide(id string, fields []byte) (keep bool, rule string) {
	if s == nil {
		return true, ""
	}
	if len(s.rules) > 0 {
		if c := s.first(id, fields); c != nil {
			c.hits.Add(1)
			return c.keep, c.rule.ID
		}
	}
	if s.fallback == nil {
		return true, ""
	}
	s.fallback.hits.Add(1)
	return s.fallback.keep, DefaultID
}

// first returns the first rule that matches, or nil.
func (s *Set) first(id string, fields []byte) *compiled {
	r := readers.Get().(*reader)
	defer r.release()
	r.begin(s, id, fields)
	r.fields(0, 0, nil)
	for i := range s.rules {
		c := &s.rules[i]
		for at := r.heads[c.path]; at != 0; at = r.values[at-1].next {
			if c.match(&r.values[at-1]) {
				return c
			}
		}
	}
	return nil
}

// begin makes the reader ready for a document.
func (r *reader) begin(s *Set, id string, fields []byte) {
	r.set, r.b = s, fields
	if cap(r.heads) < s.paths {
		r.heads = make([]int32, s.paths)
	}
	r.heads = r.heads[:s.paths]
	clear(r.heads)
	if s.id >= 0 {
		r.text = append(r.text, id...)
		r.add([]step{{path: s.id, done: true}}, isString, r.text[:len(id):len(id)])
	}
}

// maxKept keeps one huge document from staying in memory for ever.
const maxKept = 1 << 20

func (r *reader) release() {
	if cap(r.text) > maxKept || cap(r.values) > maxKept/64 {
		return
	}
	clear(r.values)
	r.set, r.b, r.values, r.steps, r.text = nil, nil, r.values[:0], r.steps[:0], r.text[:0]
	readers.Put(r)
}

// Hits is how many documents a rule decided about.
type Hits struct {
	Rule Rule
	Hits int64
}

// Hits returns the rules in the order in which they are asked, the stored
// default rule last, each with the number of documents that it decided about.
func (s *Set) Hits() []Hits {
	if s == nil {
		return nil
	}
	hits := make([]Hits, 0, len(s.rules)+1)
	for i := range s.rules {
		hits = append(hits, Hits{s.rules[i].rule, s.rules[i].hits.Load()})
	}
	if s.fallback != nil {
		hits = append(hits, Hits{s.fallback.rule, s.fallback.hits.Load()})
	}
	return hits
}

// RuleHits is one rule of [Set.Tally].
type RuleHits struct {
	ID   string `json:"id"`
	Hits int64  `json:"hits"`
}

// Tally is [Set.Hits] in the shape in which results of syncs and the metadata
// of sync jobs hold it; never nil.
func (s *Set) Tally() []RuleHits {
	tally := []RuleHits{}
	for _, h := range s.Hits() {
		tally = append(tally, RuleHits{h.Rule.ID, h.Hits})
	}
	return tally
}

// Len is how many rules there are beside the default one.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.rules)
}
