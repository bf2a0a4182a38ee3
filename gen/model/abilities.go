package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/runtime/connector"
)

// Abilities returns the abilities that a declaration may list.
func Abilities() []string {
	return []string{
		string(connector.AbilityAdvancedRules), string(connector.AbilityChanges), string(connector.AbilityIncremental),
		string(connector.AbilityAccessControl), string(connector.AbilityFieldTypes),
		string(connector.AbilityConfigCheck), string(connector.AbilityBasicRulesCheck),
		string(connector.AbilityRulesCheck), string(connector.AbilityBulkLimits),
	}
}

func (s *sourceBuilder) abilities() {
	n := s.root.Get("abilities")
	if wrong(n, load.Array) {
		return
	}
	if n != nil && n.Kind == load.Array {
		for _, item := range n.Items {
			s.ability(item)
		}
	}
	slices.Sort(s.out.Abilities)
	listed := slices.Contains(s.out.Abilities, string(connector.AbilityAdvancedRules))
	section := s.root.Member("advanced_rules")
	switch {
	case listed && section == nil:
		s.add(n.At(diag.Ability, "abilities lists advanced_rules, but there is no section of that name", "add the section, or remove the ability"))
	case !listed && section != nil:
		s.add(section.At(diag.Ability, "there are advanced_rules, but abilities does not list them", `add "advanced_rules" to "abilities"`))
	case section == nil && slices.Contains(s.out.Abilities, string(connector.AbilityRulesCheck)):
		s.add(n.At(diag.Ability, "rules_check needs advanced_rules", "add the section and the ability, or remove rules_check"))
	}
}

func (s *sourceBuilder) ability(item *load.Node) {
	switch known := Abilities(); {
	case item.Kind != load.String:
	case slices.Contains(s.out.Abilities, item.Text):
		s.add(item.At(diag.Ability, fmt.Sprintf("the ability %q stands twice", item.Text), "remove one"))
	case !slices.Contains(known, item.Text):
		hint := didYouMean(item.Text, known)
		if hint == "" {
			hint = "one of " + strings.Join(known, ", ")
		}
		s.add(item.At(diag.Ability, fmt.Sprintf("unknown ability %q", shorten(item.Text)), hint))
	default:
		s.out.Abilities = append(s.out.Abilities, item.Text)
	}
}
