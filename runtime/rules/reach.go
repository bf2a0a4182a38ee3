package rules

import (
	"fmt"
	"slices"
	"strings"
)

// maxCompared is how many earlier rules of one field a rule is compared with.
const maxCompared = 200

// checkReach finds rules that can never decide, because an earlier rule
// matches whatever they match.
func checkReach(rules []Rule) (warnings []Error) {
	type asked struct {
		rule   *Rule
		order  decimal
		always bool
	}
	list := make([]asked, 0, len(rules))
	for i := range rules {
		r := &rules[i]
		if r.ID == DefaultID {
			continue
		}
		order, _ := parseDecimal([]byte(r.Order))
		list = append(list, asked{r, order, r.always})
	}
	slices.SortStableFunc(list, func(a, b asked) int { return a.order.compare(&b.order) })
	earlier := map[string][]asked{}
	var everything *Rule // every document has an id
	for _, a := range list {
		before := everything
		if before == nil {
			for _, e := range earlier[a.rule.Field] {
				if e.always || covers(e.rule, a.rule) {
					before = e.rule
					break
				}
			}
		}
		if before != nil {
			warnings = append(warnings, report(a.rule.ID, fmt.Sprintf(
				"%s can never decide: %s matches first", a.rule.label(), before.label())))
			continue
		}
		if a.always && a.rule.Field == "id" {
			everything = a.rule
		}
		if len(earlier[a.rule.Field]) < maxCompared {
			earlier[a.rule.Field] = append(earlier[a.rule.Field], a)
		}
	}
	return warnings
}

// covers reports whether a rule matches whatever a later one of the same
// field matches: texts that hold "ab" hold "a".
func covers(earlier, later *Rule) bool {
	first, _ := earlier.operator()
	second, _ := later.operator()
	if first == second && earlier.Value == later.Value {
		return false // reported as the same
	}
	switch first {
	case Contains:
		return (second == Contains || second == StartsWith || second == EndsWith) &&
			strings.Contains(later.Value, earlier.Value)
	case StartsWith:
		return second == StartsWith && strings.HasPrefix(later.Value, earlier.Value)
	case EndsWith:
		return second == EndsWith && strings.HasSuffix(later.Value, earlier.Value)
	}
	return false
}
