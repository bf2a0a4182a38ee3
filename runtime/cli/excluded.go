package cli

import (
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/rules"
)

// excludedLine is a document in `preview --json` that a rule excludes.
type excludedLine struct {
	Type string `json:"type"` // "excluded"
	ID   string `json:"id"`
	Rule string `json:"rule"` // id of the rule
}

// explainer decides as the rules do and says which rule excludes a document.
type explainer struct {
	*rules.Set
	why  map[string]string // what a rule does, by its id
	show *shower
}

var _ job.Rules = (*explainer)(nil)

func newExplainer(set *rules.Set, show *shower) *explainer {
	e := &explainer{Set: set, why: map[string]string{}, show: show}
	for _, h := range set.Hits() {
		e.why[h.Rule.ID] = h.Rule.String()
	}
	return e
}

// Decide is [rules.Set.Decide].
func (e *explainer) Decide(id string, fields []byte) (keep bool, rule string) {
	if keep, rule = e.Set.Decide(id, fields); !keep {
		e.show.excluded(id, rule, e.why[rule])
	}
	return keep, rule
}

// excluded shows a document that a rule excludes; it does not count among the
// shown ones.
func (s *shower) excluded(id, rule, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.app.json {
		_ = s.app.printJSON(excludedLine{"excluded", id, rule}) // the next document that can't be printed ends the preview
		return
	}
	_ = s.app.print("exclude %s\n  rule %s: %s\n\n", printable(id), printable(rule), printable(why))
}

// hitsText is a line for each rule, with how many documents it decided about.
func hitsText(set *rules.Set) string {
	var b strings.Builder
	for _, h := range set.Hits() {
		fmt.Fprintf(&b, "%s for rule %s: %s\n", counted(h.Hits, "hit"), printable(h.Rule.ID), printable(h.Rule.String()))
	}
	return b.String()
}
