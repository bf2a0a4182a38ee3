package trial

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

// shown is how many differences are shown with both sides.
const shown = 5

// difference is a document that is not as expected. A side that lacks it is
// nil.
type difference struct {
	id         string
	want, have map[string]any
}

// comparison is the outcome of comparing an index with what it must hold.
type comparison struct {
	documents                    int
	missing, unexpected, differs int
	first                        []difference
	seen                         map[string]bool
}

func (c *comparison) equal() bool { return c.missing+c.unexpected+c.differs == 0 }

func (c *comparison) note(d difference) {
	if len(c.first) < shown {
		c.first = append(c.first, d)
	}
}

// compare reads the index once, and the truth again for those documents that
// are shown.
func (t truth) compare(stored iter.Seq2[document, error], again iter.Seq[connectortest.Expected]) (*comparison, error) {
	c := &comparison{seen: make(map[string]bool, len(t))}
	for d, err := range stored {
		if err != nil {
			return nil, err
		}
		if err := t.look(c, d); err != nil {
			return nil, fmt.Errorf("document %q of the index: %w", d.id, err)
		}
	}
	for id := range t {
		if !c.seen[id] {
			c.missing++
			c.note(difference{id: id})
		}
	}
	if c.equal() {
		return c, nil
	}
	for d := range again {
		for i := range c.first {
			if c.first[i].id == d.ID {
				c.first[i].want, _ = members(d.Fields) // it could be read before
			}
		}
	}
	return c, nil
}

// look compares one document of the index.
func (t truth) look(c *comparison, d document) error {
	have, err := members(d.source)
	if err != nil {
		return err
	}
	c.documents++
	c.seen[d.id] = true
	want, expected := t[d.id]
	named := have["id"] == d.id
	strip(have, want.timed)
	if !expected {
		c.unexpected++
		c.note(difference{id: d.id, have: have})
		return nil
	}
	if !named {
		have["id"] = "not the _id of the document" // shown as a difference
	}
	s, err := digest(have)
	if err == nil && s != want.sum {
		c.differs++
		c.note(difference{id: d.id, have: have})
	}
	return err
}

// strip takes away what the runtime adds.
func strip(doc map[string]any, timed bool) {
	for _, name := range added {
		delete(doc, name)
	}
	if !timed {
		delete(doc, timestamp)
	}
}

// String names the first differences, member by member, with both sides.
func (c *comparison) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the index holds %s; missing %s, unexpected %s, different %s; the first:\n",
		documents(c.documents), count(c.missing), count(c.unexpected), count(c.differs))
	for _, d := range c.first {
		fmt.Fprintf(&b, "  %q", d.id)
		switch {
		case d.have == nil:
			fmt.Fprintf(&b, " is missing; expected: %s\n", clip(text(d.want)))
		case d.want == nil:
			fmt.Fprintf(&b, " is not expected; in the index: %s\n", clip(text(d.have)))
		default:
			b.WriteString("\n")
			d.write(&b)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (d difference) write(b *strings.Builder) {
	all := maps.Clone(d.want)
	maps.Copy(all, d.have)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		want, have := side(d.want, name), side(d.have, name)
		if want == have {
			continue
		}
		at := 0
		for at < len(want) && at < len(have) && want[at] == have[at] {
			at++
		}
		fmt.Fprintf(b, "    %s\n      expected  %s\n      index     %s\n", name, around(want, at), around(have, at))
	}
}

func side(doc map[string]any, name string) string {
	value, ok := doc[name]
	if !ok {
		return "(no such field)"
	}
	return text(value)
}

func text(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// wide is how many bytes of a value are shown.
const wide = 160

func clip(s string) string { return around(s, 0) }

// around is the part of a text that holds a place.
func around(s string, at int) string {
	from := 0
	if at > wide/2 {
		from = at - wide/2
	}
	part := s[from:min(len(s), from+wide)]
	if from > 0 {
		part = "…" + part
	}
	if from+wide < len(s) {
		part += fmt.Sprintf("… (%s bytes)", count(len(s)))
	}
	return strings.ToValidUTF8(part, "")
}
