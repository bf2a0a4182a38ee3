package emit_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/compat"
	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/schema"
)

// TestCompatible holds that where compat finds no break between a declaration
// and an edited one, every configuration that the old one took, plain, as text
// or stored, is taken by the edited one, stored ones also after Prepare.
func TestCompatible(t *testing.T) {
	r := newRandom(t)
	silent, refused, tried := 0, 0, 0
	for i := range setting(t, "TRIBUTARY_PAIRS", 10_000) / 20 {
		dir := fmt.Sprintf("s%d", i)
		old, declaration, _ := r.accepted(t, dir)
		declaration["x-identity"] = []string{}
		base := inputOf(t, dir, declaration)
		edited := r.edit(t, declaration)
		now := inputOf(t, dir, edited)
		p, problems := model.Build(now)
		if len(problems) > 0 {
			continue
		}
		if compat.Compare(base, now).Problems() > 0 {
			refused++
			continue
		}
		silent++
		before, after := describe(t, old), describe(t, p.Sources[0])
		for range 20 {
			raw := json.RawMessage(r.formerNames(old, r.input(old)))
			for _, written := range storedForms(t, raw) {
				if before.Check(written).Err() != nil {
					continue
				}
				tried++
				checkTaken(t, before, after, written, func() string {
					was, _ := json.Marshal(declaration["config"])
					is, _ := json.Marshal(edited["config"])
					return fmt.Sprintf("\nwas %s\nis  %s", was, is)
				})
			}
		}
	}
	t.Logf("%d edits refused, %d not; %d configurations tried on those", refused, silent, tried)
	require.Positive(t, refused)
	require.Positive(t, tried)
}

func checkTaken(t *testing.T, before, after *schema.Fields, written json.RawMessage, explain func() string) {
	t.Helper()
	if problems := after.Check(written); problems.Err() != nil {
		t.Fatalf("%s: %v: %s", written, problems.Err(), explain())
	}
	prepared, _ := before.Prepare(written)
	if before.Check(prepared).Err() != nil {
		return // it lacked fields of its own time
	}
	for _, stored := range []json.RawMessage{written, prepared} {
		now, _ := after.Prepare(stored)
		if problems := after.Check(now); problems.Err() != nil {
			t.Fatalf("%s prepared: %s: %v: %s", stored, now, problems.Err(), explain())
		}
	}
}

// storedForms are the ways in which a configuration may be kept.
func storedForms(t *testing.T, raw json.RawMessage) []json.RawMessage {
	if raw[0] != '{' {
		return []json.RawMessage{raw}
	}
	return []json.RawMessage{raw, textForms(t, raw, `%s`), textForms(t, raw, `{"value":%s,"type":"any"}`)}
}

// edit returns a declaration with some edits of its configuration.
func (r *random) edit(t *testing.T, d object) object {
	text, err := json.Marshal(d)
	require.NoError(t, err)
	var edited object
	require.NoError(t, json.Unmarshal(text, &edited))
	config := edited["config"].(object)
	for range 1 + r.IntN(2) {
		r.editConfig(config)
	}
	return edited
}

func (r *random) editConfig(config object) {
	properties := config["properties"].(object)
	name := pick(r, slices.Sorted(maps.Keys(properties))...)
	f := properties[name].(object)
	required, _ := config["required"].([]any)
	switch r.IntN(9) {
	case 0: // demanded or not
		if i := slices.Index(required, any(name)); i >= 0 {
			config["required"] = slices.Delete(required, i, i+1)
		} else {
			config["required"] = append(required, name)
		}
	case 1:
		r.rename(config, name)
	case 2:
		added := r.field(len(properties) + 10)
		added["title"] = "Added"
		if r.chance(50) {
			r.depend(added, name, properties)
		}
		properties["added"] = added
		if r.chance(50) {
			config["required"] = append(required, "added")
		}
	case 3:
		delete(f, "x-ui")
	case 4: // other constraints of the same type
		r.reconstrain(f)
	default: // one keyword less
		key := pick(r, slices.Sorted(maps.Keys(f))...)
		if key != "title" && key != "type" && key != "items" {
			delete(f, key)
		}
	}
}

// rename gives a field another name, nearly always with the former one noted.
func (r *random) rename(config object, name string) {
	properties := config["properties"].(object)
	f := properties[name].(object)
	former, _ := f["x-renamed-from"].([]any)
	if r.chance(90) {
		f["x-renamed-from"] = append(former, name)
	}
	delete(properties, name)
	properties["z_"+name] = f
	required, _ := config["required"].([]any)
	if i := slices.Index(required, any(name)); i >= 0 {
		required[i] = "z_" + name
	}
	for _, other := range properties {
		ui, _ := other.(object)["x-ui"].(object)
		if depends, _ := ui["depends_on"].(object); depends[name] != nil {
			depends["z_"+name] = depends[name]
			delete(depends, name)
		}
	}
}

func (r *random) reconstrain(f object) {
	for _, key := range []string{"minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "enum"} {
		delete(f, key)
	}
	switch f["type"] {
	case "string":
		r.textRules(f)
	case "integer":
		if r.chance(20) {
			f["type"] = "number"
			r.numberRules(f)
			return
		}
		r.integerRules(f)
	case "number":
		r.numberRules(f)
	case "array":
		r.listOf(f)
	}
}

// TestCompatibleRules holds the same for advanced rules.
func TestCompatibleRules(t *testing.T) {
	r := newRandom(t)
	silent, refused, tried := 0, 0, 0
	for i := range setting(t, "TRIBUTARY_PAIRS", 10_000) / 10 {
		dir := fmt.Sprintf("s%d", i)
		old, declaration, base := r.accepted(t, dir)
		if old.Rules == nil {
			continue
		}
		edited := maps.Clone(declaration)
		edited["advanced_rules"] = r.editRules(t, declaration["advanced_rules"])
		now := inputOf(t, dir, edited)
		p, problems := model.Build(now)
		if len(problems) > 0 {
			continue
		}
		if len(compat.Compare(base, now)) > 0 {
			refused++
			continue
		}
		silent++
		before, after := schema.New(string(old.RulesSchema)), schema.New(string(p.Sources[0].RulesSchema))
		for range 50 {
			rules := json.RawMessage(r.rulesInput())
			if before.CheckRules(rules).Err() != nil {
				continue
			}
			tried++
			require.NoError(t, after.CheckRules(rules).Err(), "%s\nwas %s\nis  %s", rules, old.RulesSchema, p.Sources[0].RulesSchema)
		}
	}
	t.Logf("%d edits refused, %d not; %d rules tried on those", refused, silent, tried)
	require.Positive(t, refused)
	require.Positive(t, tried)
}

// editRules returns rules with one member made anew, gone, or with one keyword
// less.
func (r *random) editRules(t *testing.T, rules any) object {
	text, err := json.Marshal(rules)
	require.NoError(t, err)
	var edited object
	require.NoError(t, json.Unmarshal(text, &edited))
	closed := edited
	if items, ok := edited["items"].(object); ok {
		closed = items
	}
	properties := closed["properties"].(object)
	name := pick(r, ruleNames...)
	member, there := properties[name].(object)
	switch {
	case !there || r.chance(20):
		properties[name] = r.rule(2)
	case r.chance(10):
		delete(properties, name)
	case r.chance(10):
		delete(closed, "required")
	case r.chance(10):
		closed["required"] = []string{name}
	default:
		delete(member, pick(r, slices.Sorted(maps.Keys(member))...))
		if r.chance(50) && member["type"] == "string" {
			r.textRules(member)
		}
	}
	return edited
}
