package compat

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
)

// limits compares what one value must meet besides its type.
type limits struct {
	*comparison
	code string
	name string // of what is compared, for messages
	at   *load.Member
	// floor is the least length that demands nothing.
	floor int64
}

func (l *limits) compare(base, now *load.Node) {
	if base == nil || now == nil {
		return
	}
	if list := values(base); list != nil {
		l.values(list, now)
		return
	}
	if m := valuesMember(now); m != nil {
		l.refuse(m, fmt.Sprintf("%s took any value and takes %s only", l.name, listed(values(now))), "remove it")
	}
	l.bounds(base, now)
	for _, key := range []string{"minLength", "minItems", "minProperties"} {
		l.least(base.Get(key), now.Member(key))
	}
	for _, key := range []string{"maxLength", "maxItems", "maxProperties"} {
		l.most(base.Get(key), now.Member(key))
	}
	l.text(base, now)
	l.multiple(base.Get("multipleOf"), now.Member("multipleOf"))
	if now.True("uniqueItems") && !base.True("uniqueItems") {
		l.refuse(now.Member("uniqueItems"), l.name+" took a value twice", "remove it")
	}
}

func (l *limits) refuse(m *load.Member, message, hint string) {
	l.add(m.At(l.code, message, hint))
}

// values returns what an enum or const allows; nil without them.
func values(n *load.Node) []*load.Node {
	if c := n.Get("const"); c != nil {
		return []*load.Node{c}
	}
	return n.Get("enum").List()
}

func valuesMember(n *load.Node) *load.Member {
	if m := n.Member("const"); m != nil {
		return m
	}
	return n.Member("enum")
}

// values asks for each value that was allowed whether it still is.
func (l *limits) values(list []*load.Node, now *load.Node) {
	var lost []*load.Node
	for _, v := range list {
		if !model.Accepts(now, v) {
			lost = append(lost, v)
		}
	}
	if lost == nil {
		return
	}
	m := valuesMember(now)
	if m == nil {
		m = l.at
	}
	l.refuse(m, fmt.Sprintf("%s takes %s no more%s", l.name, listed(lost), wasAt(lost[0].File, lost[0].Offset)), "allow it")
}

// maxListed is how many values a message names.
const maxListed = 5

func listed(list []*load.Node) string {
	var texts []string
	for i, v := range list {
		if i == maxListed {
			texts = append(texts, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		texts = append(texts, value(v))
	}
	return strings.Join(texts, ", ")
}

func value(n *load.Node) string {
	switch n.Kind {
	case load.String:
		return fmt.Sprintf("%.40q", n.Text)
	case load.Null, load.Object, load.Array:
		return "the " + string(n.Kind)
	}
	return fmt.Sprintf("%.40s", n.Text)
}

func (l *limits) least(base *load.Node, m *load.Member) {
	if m == nil {
		return
	}
	now, ok := m.Value.Rat()
	was := big.NewRat(l.floor, 1)
	if r, given := base.Rat(); given && r.Cmp(was) > 0 {
		was = r
	}
	if ok && now.Cmp(was) > 0 {
		l.refuse(m, fmt.Sprintf("%s: %q was %s and is %s", l.name, m.Key, was.RatString(), now.RatString()), "do not raise it")
	}
}

func (l *limits) most(base *load.Node, m *load.Member) {
	if m == nil {
		return
	}
	now, ok := m.Value.Rat()
	was, limited := base.Rat()
	switch {
	case !ok:
	case !limited:
		l.refuse(m, fmt.Sprintf("%s: %q is new", l.name, m.Key), "remove it")
	case now.Cmp(was) < 0:
		l.refuse(m, fmt.Sprintf("%s: %q was %s and is %s", l.name, m.Key, was.RatString(), now.RatString()), "do not lower it")
	}
}

// text compares pattern and format.
func (l *limits) text(base, now *load.Node) {
	if m := now.Member("pattern"); m != nil && base.Str("pattern") != m.Value.Text {
		l.pattern(base, m)
	}
	if m := now.Member("format"); m != nil && base.Str("format") != m.Value.Text {
		l.refuse(m, fmt.Sprintf("%s had %s and must be of format %q", l.name, orNone("format", base.Str("format")), m.Value.Text), "keep it as it was")
	}
}

func orNone(what, text string) string {
	if text == "" {
		return "no " + what
	}
	return fmt.Sprintf("%s %.60q", what, text)
}

func (l *limits) pattern(base *load.Node, m *load.Member) {
	longest := int64(-1)
	if r, ok := base.Get("maxLength").Rat(); ok && r.IsInt() {
		longest = r.Num().Int64()
	}
	was := base.Str("pattern")
	text, found, decided := lost(was, m.Value.Text, l.floor, longest)
	switch {
	case found:
		l.refuse(m, fmt.Sprintf("%s had %s and takes %q no more", l.name, orNone("pattern", was), text), "keep it as it was, or check in code")
	case !decided:
		l.refuse(m, fmt.Sprintf("%s had %s, and whether this one takes all that it took can't be told", l.name, orNone("pattern", was)), "keep it as it was, or check in code")
	}
}

func (l *limits) multiple(base *load.Node, m *load.Member) {
	if m == nil {
		return
	}
	now, ok := m.Value.Rat()
	was, limited := base.Rat()
	if !ok || now.Sign() <= 0 || limited && new(big.Rat).Quo(was, now).IsInt() || now.Cmp(big.NewRat(1, 1)) == 0 {
		return
	}
	l.refuse(m, fmt.Sprintf("%s took numbers that are no multiples of %s", l.name, now.RatString()), "keep it as it was")
}
