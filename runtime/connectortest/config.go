package connectortest

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
)

// names returns the fields in a fixed order.
func (s *suite) names() []string {
	return slices.Sorted(maps.Keys(s.schema.nodes))
}

// at returns the problems of one field that are no warnings.
func at(problems connector.Problems, name string) connector.Problems {
	var found connector.Problems
	for _, p := range problems {
		if !p.Warning && (p.Pointer == "/"+name || strings.HasPrefix(p.Pointer, "/"+name+"/")) {
			found = append(found, p)
		}
	}
	return found
}

// forms returns a configuration in the two forms in which it can be given.
func (s *suite) forms(v values) map[string]json.RawMessage {
	return map[string]json.RawMessage{"plain": v.plain(), "stored": s.stored(v)}
}

// checkDefault gives no value at all: the problems are those that the schema
// predicts.
func checkDefault(t *testing.T, s *suite) {
	nothing := values{}
	for form, raw := range s.forms(nothing) {
		problems := s.kind.CheckConfig(raw)
		expected := 0
		for _, name := range s.names() {
			want := 0
			if s.active(nothing, name) && s.demands(name) {
				want = 1
			}
			expected += want
			if got := at(problems, name); len(got) != want {
				t.Errorf("the %s default configuration has %d problems at /%s, its schema predicts %d: %v; a required field without default is one problem, every other field none", form, len(got), name, want, got)
			}
		}
		if all := errorCount(problems); all != expected {
			t.Errorf("the %s default configuration has %d problems, its schema predicts %d: %v; every problem points at a field", form, all, expected, problems)
		}
		s.checkRefused(t, form, raw, expected > 0)
	}
}

// checkRefused compares Open with CheckConfig's verdict.
func (s *suite) checkRefused(t *testing.T, form string, raw json.RawMessage, refused bool) {
	t.Helper()
	source, err := s.kind.Open(t.Context(), raw, newLent(t).deps())
	if err == nil {
		_ = shut(source)
		if refused {
			t.Errorf("Open accepted the %s default configuration although it has problems: Open returns them as connector.Problems", form)
		}
		return
	}
	var problems connector.Problems
	if refused && !errors.As(err, &problems) {
		t.Errorf("Open refused the %s default configuration with %T: a bad configuration is refused with connector.Problems, which name the fields", form, err)
	}
}

func errorCount(problems connector.Problems) int {
	count := 0
	for _, p := range problems {
		if !p.Warning {
			count++
		}
	}
	return count
}

// checkBase checks the fixture's own configuration, which all that follows
// starts from.
func checkBase(t *testing.T, s *suite) {
	if len(s.base) == 0 && len(s.schema.required) > 0 {
		t.Error("Fixture.Start returned no values: it returns the plain configuration as a JSON object")
	}
	for name := range s.base {
		if _, known := s.schema.nodes[name]; !known {
			t.Errorf("Fixture.Start returned the field %q, which schema.json does not declare: return declared fields only", name)
		}
	}
	if problems := s.kind.CheckConfig(s.base.plain()); errorCount(problems) > 0 {
		t.Errorf("the configuration of Fixture.Start has problems: %v; return one that is valid", problems)
	}
}

// checkRequired takes each required field away, and gives it empty.
func checkRequired(t *testing.T, s *suite) {
	for _, name := range s.names() {
		base, ok := s.activate(s.base, name)
		if !ok {
			t.Logf("field %s is not looked at: no valid values could be made up under which it counts; give them in Fixture.Start", name)
			continue
		}
		if s.requires(name) {
			s.checkLeftOut(t, base, name)
		}
		s.checkEmpty(t, base, name)
	}
}

func (s *suite) checkLeftOut(t *testing.T, base values, name string) {
	t.Helper()
	demanded := s.demands(name)
	for form, raw := range s.forms(base.without(name)) {
		got := at(s.kind.CheckConfig(raw), name)
		if demanded && len(got) == 0 {
			t.Errorf("required field %q left out of the %s configuration is no problem: CheckConfig names it at /%s", name, form, name)
		}
		if !demanded && len(got) > 0 {
			t.Errorf("required field %q left out of the %s configuration has a default, yet is a problem: %v; its default counts", name, form, got)
		}
	}
}

// checkEmpty gives a field a value that its type has for nothing.
func (s *suite) checkEmpty(t *testing.T, base values, name string) {
	t.Helper()
	n := s.schema.nodes[name]
	none, ok := nothingOf[n.Type]
	if !ok || n.accepts(none) {
		return
	}
	for form, raw := range s.forms(base.with(name, none)) {
		if len(at(s.kind.CheckConfig(raw), name)) == 0 {
			t.Errorf("required field %q given empty (%s) in the %s configuration is no problem: required texts and lists are non-empty, those with a default too", name, none, form)
		}
	}
}

// nothingOf are the empty values of types that have one.
var nothingOf = map[string]json.RawMessage{
	"string": json.RawMessage(`""`),
	"array":  json.RawMessage(`[]`),
}

// checkBounds tries values on both sides of each bound.
func checkBounds(t *testing.T, s *suite) {
	for _, name := range s.names() {
		trials := s.schema.nodes[name].trials()
		base, ok := s.activate(s.base, name)
		if !ok && len(trials) > 0 {
			t.Logf("field %s is not looked at: no valid values could be made up under which it counts; give them in Fixture.Start", name)
			continue
		}
		for _, trial := range trials {
			if empty(trial.value) {
				continue // counts as not given: the check "required" looks at that
			}
			for form, raw := range s.forms(base.with(name, trial.value)) {
				s.judge(t, raw, name, form, trial)
			}
		}
	}
}

func (s *suite) judge(t *testing.T, raw json.RawMessage, name, form string, trial trial) {
	t.Helper()
	got := at(s.kind.CheckConfig(raw), name)
	shown := string(trial.value)
	if s.schema.nodes[name].WriteOnly {
		shown = "a secret"
	}
	switch {
	case trial.valid && len(got) > 0:
		t.Errorf("%s of field %q: the %s value %.60s is allowed by the schema, yet a problem: %v; CheckConfig accepts what ConfigSchema accepts", trial.what, name, form, shown, got)
	case !trial.valid && len(got) == 0:
		t.Errorf("%s of field %q: the %s value %.60s is forbidden by the schema, yet no problem: CheckConfig refuses what ConfigSchema refuses, at /%s", trial.what, name, form, shown, name)
	}
}

// checkInactive gives a bad value to each field that does not count.
func checkInactive(t *testing.T, s *suite) {
	for _, name := range s.names() {
		if len(s.fields[name].DependsOn) == 0 || s.active(s.base, name) {
			continue
		}
		for _, trial := range s.schema.nodes[name].trials() {
			for form, raw := range s.forms(s.base.with(name, trial.value)) {
				if got := at(s.kind.CheckConfig(raw), name); len(got) > 0 {
					t.Errorf("field %q depends on another that does not hold, yet its %s value %.60s is a problem: %v; a field that does not count is not validated", name, form, trial.value, got)
				}
			}
		}
	}
}

// checkStored compares the stored form with the plain one.
func checkStored(t *testing.T, s *suite) {
	plain, stored := s.kind.CheckConfig(s.base.plain()), s.kind.CheckConfig(s.stored(s.base))
	if errorCount(plain) != errorCount(stored) {
		t.Errorf("the configuration as Kibana stores it has other problems (%v) than the same plain values (%v): numbers, booleans and lists may come as text", stored, plain)
	}
	a, _ := s.kind.Identity(s.base.plain())
	b, _ := s.kind.Identity(s.stored(s.base))
	if !slices.Equal(a, b) {
		t.Errorf("the configuration as Kibana stores it has the identity %q, the same plain values %q: both forms decode alike", b, a)
	}
}

// checkIdentity asks twice, and looks for secrets.
func checkIdentity(t *testing.T, s *suite) {
	canaries := s.secretNames()
	planted := s.plant(s.base, canaries, canary)
	first, problems := s.kind.Identity(planted.plain())
	if errorCount(problems) > 0 && errorCount(s.kind.CheckConfig(planted.plain())) == 0 {
		t.Errorf("Identity has problems with a valid configuration: %v; it fails only where CheckConfig does", problems)
	}
	if len(first) == 0 && errorCount(problems) == 0 && len(s.schema.required) > 0 {
		t.Error("Identity is empty: name the fields that tell one backend from another in x-identity of schema.json")
	}
	second, _ := s.kind.Identity(planted.plain())
	if !slices.Equal(first, second) {
		t.Errorf("Identity gave %q and then %q for one configuration: documents would change their owner; make it from configuration values only", first, second)
	}
	if found := leaks(strings.Join(first, "\n"), canary); found {
		t.Error("Identity holds a secret: leave writeOnly fields out of x-identity in schema.json")
	}
}
