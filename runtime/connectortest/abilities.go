package connectortest

import (
	"encoding/json"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
)

// promise is an ability with the interface that it promises.
type promise struct {
	ability     connector.Ability
	iface       string
	implemented func(connector.Source) bool
}

func implements[T any](s connector.Source) bool {
	_, ok := s.(T)
	return ok
}

var promises = []promise{
	{connector.AbilityChanges, "ChangeDetector", implements[connector.ChangeDetector]},
	{connector.AbilityIncremental, "Incremental", implements[connector.Incremental]},
	{connector.AbilityAccessControl, "AccessController", implements[connector.AccessController]},
	{connector.AbilityFieldTypes, "FieldTyper", implements[connector.FieldTyper]},
	{connector.AbilityConfigCheck, "ConfigValidator", implements[connector.ConfigValidator]},
	{connector.AbilityBasicRulesCheck, "BasicRulesValidators", implements[connector.BasicRulesValidators]},
	{connector.AbilityBulkLimits, "BulkTuner", implements[connector.BulkTuner]},
	{connector.AbilityRulesCheck, "AdvancedRulesValidators", implements[connector.AdvancedRulesValidators]},
}

// checkAbilities compares what is declared with what is implemented.
func checkAbilities(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	for _, p := range promises {
		has := p.implemented(source)
		switch declared := s.kind.Can(p.ability); {
		case declared && !has:
			t.Errorf("schema.json declares the ability %q but %T is no connector.%s: implement it, or take the ability out", p.ability, source, p.iface)
		case has && !declared:
			t.Errorf("%T is a connector.%s but schema.json does not declare the ability %q: the runtime would not use it; add it to abilities", source, p.iface, p.ability)
		}
	}
	if v, ok := source.(connector.ConfigValidator); ok {
		if err := v.ValidateConfig(t.Context()); err != nil {
			t.Errorf("ValidateConfig failed with the fixture's configuration: %v; it refuses only what the system cannot do", err)
		}
	}
	s.checkRulesAbility(t, source)
}

func (s *suite) checkRulesAbility(t *testing.T, source connector.Source) {
	t.Helper()
	declared := s.kind.Can(connector.AbilityAdvancedRules)
	if has := s.kind.RulesSchema != nil && s.kind.CheckRules != nil; has != declared {
		t.Errorf("the ability advanced_rules is declared: %t, and there is a schema with a check of them: %t; schema.json has both or none", declared, has)
	}
	if v, ok := source.(connector.AdvancedRulesValidators); ok && !declared {
		t.Errorf("%T has %d checks of advanced rules but no advanced rules: declare them", source, len(v.AdvancedRulesValidators()))
	}
}

// emptyRules are the forms of no rules at all; the first is what Kibana stores
// for a connector that never had any.
var emptyRules = []json.RawMessage{json.RawMessage(`{}`), json.RawMessage(`[]`)}

// checkRules looks at the schema of the advanced rules.
func checkRules(t *testing.T, s *suite) {
	if s.kind.CheckRules == nil {
		return
	}
	for _, rules := range emptyRules {
		if problems := s.kind.CheckRules(rules); errorCount(problems) > 0 {
			t.Errorf("empty advanced rules %s have problems: %v; an empty document means no rules and is valid", rules, problems)
		}
	}
	for _, rules := range []string{`"text"`, `7`, `{`, `[{"\u0000no such member":1}]`} {
		if errorCount(s.kind.CheckRules(json.RawMessage(rules))) == 0 {
			t.Errorf("advanced rules %s have no problem: the schema refuses what is no object or list and members that it does not know; close it with additionalProperties false", rules)
		}
	}
	source, _ := s.open(t, s.base)
	v, ok := source.(connector.AdvancedRulesValidators)
	if !ok {
		return
	}
	for i, check := range v.AdvancedRulesValidators() {
		if problems := check(t.Context(), emptyRules[1]); errorCount(problems) > 0 {
			t.Errorf("check %d of AdvancedRulesValidators refuses empty rules: %v; no rules are always valid", i, problems)
		}
	}
}

// checkEmptyRules reads with rules that say nothing.
func checkEmptyRules(t *testing.T, s *suite) {
	if !s.kind.Can(connector.AbilityAdvancedRules) {
		return
	}
	for _, rules := range emptyRules {
		source, _ := s.open(t, s.base)
		docs, err := s.read(t, source, connector.Filter{AdvancedRules: rules})
		if err != nil || len(docs) != few {
			t.Errorf("with the empty advanced rules %s GetDocs%s emitted %d of %d documents (error: %v): an empty document means no rules", rules, s.place, len(docs), few, err)
		}
	}
}
