package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Check runs the default validators over a stored list of basic rules: the
// shape of every rule, regexes that match everything or are broken, rules that
// stand twice or contradict each other. A rule that can never decide is a
// warning.
func Check(raw json.RawMessage) Validation {
	_, v := check(raw)
	return v
}

// check returns the rules as well that have the right shape.
func check(raw json.RawMessage) ([]Rule, Validation) {
	rules, errors := Parse(raw)
	var warnings []Error
	e := newEffort()
	for i := range rules {
		errors, warnings = checkRule(&rules[i], e, errors, warnings)
	}
	errors = append(errors, checkIDs(rules)...)
	errors = append(errors, checkTwice(rules)...)
	warnings = append(warnings, checkReach(rules)...)
	return rules, result(errors, warnings)
}

// checkRule looks at the condition of one rule.
func checkRule(r *Rule, left *effort, errors, warnings []Error) (e, w []Error) {
	if r.ID == DefaultID {
		if r.Field != "_" || r.Value != ".*" {
			warnings = append(warnings, report(r.ID, r.label()+
				": the default rule decides about every document that no other rule matches; its field, rule and value are not looked at"))
		}
		return errors, warnings
	}
	if name, _ := r.operator(); name != Regex {
		return errors, warnings
	}
	p, err := compilePattern(r.Value, left)
	if err != nil {
		return append(errors, report(r.ID, r.label()+": "+err.Error()).of(r.position)), warnings
	}
	r.always = p.always
	switch {
	case p.plain:
		errors = append(errors, report(r.ID, r.label()+
			": the regex matches everything; change the policy of the default rule instead").of(r.position))
	case p.always:
		warnings = append(warnings, report(r.ID, r.label()+
			": the regex matches every document that has the field, because it can match the empty text at the start"))
	}
	return errors, warnings
}

// checkIDs finds rules that share an id.
func checkIDs(rules []Rule) (errors []Error) {
	for _, group := range grouped(rules, func(r *Rule) string { return r.ID }) {
		errors = append(errors, report(group[0].ID,
			fmt.Sprintf("%s have the same id %s", positions(group), quote(group[0].ID))).of(group[0].position))
	}
	return errors
}

// checkTwice finds rules with the same condition.
func checkTwice(rules []Rule) (errors []Error) {
	type condition struct{ field, operator, value string }
	groups := grouped(rules, func(r *Rule) condition {
		name, _ := r.operator()
		if r.ID == DefaultID {
			return condition{} // it has none
		}
		return condition{r.Field, name, r.Value}
	})
	for _, group := range groups {
		if group[0].ID == DefaultID {
			continue
		}
		first, _ := group[0].includes()
		other := func(r *Rule) bool { include, _ := r.includes(); return include != first }
		name, _ := group[0].operator()
		text := fmt.Sprintf("%s are the same (%s); delete all but one", positions(group), group[0].condition(name))
		if slices.ContainsFunc(group, other) {
			text = fmt.Sprintf("%s contradict each other (%s): one includes what another excludes; delete all but one",
				positions(group), group[0].condition(name))
		}
		e := Error{Messages: []string{text}, position: group[0].position}
		for _, r := range group {
			if !slices.Contains(e.IDs, r.ID) {
				e.IDs = append(e.IDs, r.ID)
			}
		}
		errors = append(errors, e)
	}
	return errors
}

// grouped returns the rules that have something in common with others.
func grouped[K comparable](rules []Rule, key func(*Rule) K) (groups [][]*Rule) {
	at := make(map[K]int, len(rules))
	all := make([][]*Rule, 0, len(rules))
	for i := range rules {
		k := key(&rules[i])
		n, known := at[k]
		if !known {
			n = len(all)
			at[k] = n
			all = append(all, nil)
		}
		all[n] = append(all[n], &rules[i])
	}
	for _, group := range all {
		if len(group) > 1 {
			groups = append(groups, group)
		}
	}
	return groups
}

// maxListed is how many positions a message lists.
const maxListed = 20

// positions names several rules: basic rules 1, 2 and 5.
func positions(group []*Rule) string {
	var b strings.Builder
	b.WriteString("basic rules ")
	for i, r := range group {
		switch {
		case i == maxListed:
			fmt.Fprintf(&b, " and %d more", len(group)-i)
			return b.String()
		case i > 0 && i == len(group)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, r.position)
	}
	return b.String()
}
