package compat

import (
	"fmt"
	"slices"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// unions notes branches of base that no branch of now takes whole. That is no
// proof: several together may take it.
func (r *rules) unions(base, now *load.Node, m *load.Member, name string) {
	for _, was := range branches(base) {
		if r.taken(was, base, now) {
			continue
		}
		message := fmt.Sprintf("%s: no branch alone takes all that this one of the base took%s", name, wasAt(was.File, was.Offset))
		r.note(unionAt(now, m).At(diag.NotJudged, message, "look whether stored rules are still taken"))
	}
}

// branches returns the branches of a union; any other schema is its own.
func branches(n *load.Node) []*load.Node {
	if list := append(n.Get("anyOf").List(), n.Get("oneOf").List()...); len(list) > 0 {
		return list
	}
	return []*load.Node{n}
}

func unionAt(n *load.Node, otherwise *load.Member) *load.Member {
	for _, key := range []string{"anyOf", "oneOf"} {
		if m := n.Member(key); m != nil {
			return m
		}
	}
	return otherwise
}

// taken reports whether now takes all that one branch of base took: what stands
// beside its union does, and a branch does. Of oneOf a value may meet one
// branch only, so there the other branches count: they must be the same ones, in
// the same order.
func (r *rules) taken(was, base, now *load.Node) bool {
	if isUnion(now) && was != base && !r.fits(was, r.bare(now)) {
		return false
	}
	if now.Get("oneOf") != nil {
		return r.sameBranches(base, now)
	}
	for _, is := range branches(now) {
		if r.fits(was, is) {
			return true
		}
	}
	return false
}

// bare returns a node without its union.
func (r *rules) bare(n *load.Node) *load.Node {
	if done, ok := r.there.bare[n]; ok {
		return done
	}
	bare := *n
	bare.Members = slices.DeleteFunc(slices.Clone(n.Members), func(m load.Member) bool { return m.Key == "anyOf" || m.Key == "oneOf" })
	r.there.bare[n] = &bare
	return &bare
}

func (r *rules) sameBranches(base, now *load.Node) bool {
	was, is := branches(base), branches(now)
	if base.Get("oneOf") == nil || len(was) != len(is) {
		return false
	}
	reverse := &rules{base: r.now, now: r.base, there: r.back, back: r.there}
	for i := range was {
		if !r.fits(was[i], is[i]) || !reverse.fits(is[i], was[i]) {
			return false
		}
	}
	return true
}

// fits reports whether comparing two schemas finds nothing.
func (r *rules) fits(base, now *load.Node) bool {
	key := [2]*load.Node{base, now}
	if fits, known := r.there.fits[key]; known {
		return fits
	}
	r.there.fits[key] = true // ends the recursion
	trial := &rules{comparison: &comparison{}, base: r.base, now: r.now, seen: map[[2]*load.Node]bool{}, there: r.there, back: r.back}
	trial.compare(base, &load.Member{Value: now, Offset: now.Offset}, "it")
	r.there.fits[key] = len(trial.found) == 0
	return r.there.fits[key]
}
