package compat

import (
	"fmt"
	"math"
	"math/big"

	"github.com/tributary-search/tributary/gen/load"
)

// bound is one end of a range; nil is none.
type bound struct {
	value    *big.Rat
	excluded bool
	member   *load.Member
}

func boundOf(n *load.Node, inclusive, exclusive string) bound {
	for _, key := range []string{inclusive, exclusive} {
		m := n.Member(key)
		if m == nil {
			continue
		}
		if r, ok := m.Value.Rat(); ok {
			return bound{value: r, excluded: key == exclusive, member: m}
		}
	}
	return bound{}
}

// bounds compares the ranges of numbers; those of integers by the integers that
// they hold.
func (l *limits) bounds(base, now *load.Node) {
	whole := base.Str("type") == "integer"
	for _, end := range []struct {
		inclusive, exclusive string
		up                   int // 1 where a greater bound is the narrower one
		outermost            int64
	}{{"minimum", "exclusiveMinimum", 1, math.MinInt64}, {"maximum", "exclusiveMaximum", -1, math.MaxInt64}} {
		was, is := boundOf(base, end.inclusive, end.exclusive), boundOf(now, end.inclusive, end.exclusive)
		if is.value == nil {
			continue
		}
		m := is.member
		if whole {
			was, is = was.whole(end.up), is.whole(end.up)
			if was.value == nil {
				was.value = new(big.Rat).SetInt64(end.outermost)
			}
		}
		if is.narrower(was, end.up) {
			l.refuse(m, fmt.Sprintf("%s: %q is %s, which shuts out what was allowed%s", l.name, m.Key, m.Value.Text, was.place()), "keep it as it was")
		}
	}
}

// whole returns the outermost integer within a bound.
func (b bound) whole(up int) bound {
	if b.value == nil {
		return b
	}
	n := new(big.Int).Div(b.value.Num(), b.value.Denom()) // rounds down
	switch {
	case up > 0 && (b.excluded || !b.value.IsInt()):
		n.Add(n, big.NewInt(1))
	case up < 0 && b.excluded && b.value.IsInt():
		n.Sub(n, big.NewInt(1))
	}
	return bound{value: new(big.Rat).SetInt(n), member: b.member}
}

func (b bound) narrower(than bound, up int) bool {
	if than.value == nil {
		return true
	}
	order := b.value.Cmp(than.value) * up
	return order > 0 || order == 0 && b.excluded && !than.excluded
}

func (b bound) place() string {
	if b.member == nil {
		return ""
	}
	return wasAt(b.member.Value.File, b.member.Offset)
}
