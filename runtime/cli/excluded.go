package cli

import (
	"fmt"
	"slices"
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
	byID map[string]rules.Rule
	show *shower
}

var _ job.Rules = (*explainer)(nil)

func newExplainer(set *rules.Set, show *shower) *explainer {
	e := &explainer{Set: set, byID: map[string]rules.Rule{}, show: show}
	for _, h := range set.Hits() {
		e.byID[h.Rule.ID] = h.Rule
	}
	return e
}

// Decide is [rules.Set.Decide].
func (e *explainer) Decide(id string, fields []byte) (keep bool, rule string) {
	if keep, rule = e.Set.Decide(id, fields); !keep {
		e.show.excluded(id, e.byID[rule], fields)
	}
	return keep, rule
}

// excluded shows a document that a rule excludes; it does not count among the
// shown ones.
func (s *shower) excluded(id string, rule rules.Rule, fields []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.app.json {
		_ = s.app.printJSON(excludedLine{"excluded", id, rule.ID}) // the next document that can't be printed ends the preview
		return
	}
	_ = s.app.print("exclude %s\n  rule %s: %s\n%s\n", printable(id), printable(rule.ID), printable(rule.String()), lookedAt(rule, fields))
}

// lookedAt is the field of a document that a rule looks at, else its first one,
// so that people know which document it is.
func lookedAt(rule rules.Rule, fields []byte) string {
	members, err := membersInOrder(slices.Concat([]byte("{"), fields, []byte("}")))
	if err != nil || len(members) == 0 {
		return ""
	}
	shown := members[0]
	for _, m := range members {
		if m.name == rule.Field {
			shown = m
		}
	}
	return fmt.Sprintf("  %s: %s\n", printable(shown.name), printable(shorten(string(shown.value), shownText)))
}

// hitsText is a line for each rule, with how many documents it decided about.
func hitsText(set *rules.Set) string {
	var b strings.Builder
	for _, h := range set.Hits() {
		fmt.Fprintf(&b, "%s for rule %s: %s\n", counted(h.Hits, "hit"), printable(h.Rule.ID), printable(h.Rule.String()))
	}
	return b.String()
}
