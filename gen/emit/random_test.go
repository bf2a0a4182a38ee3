package emit_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/schema"
)

// random makes declarations of the dialect and inputs for them.
type random struct {
	*rand.Rand
	refused int // declarations that the model refused
}

func (r *random) chance(percent int) bool { return r.IntN(100) < percent }

func pick[T any](r *random, list ...T) T { return list[r.IntN(len(list))] }

// source returns a random source that the model accepts, named dir.
func (r *random) source(t testing.TB, dir string) model.Source {
	s, _, _ := r.accepted(t, dir)
	return s
}

// accepted returns a random source, its declaration, and that as it was read.
func (r *random) accepted(t testing.TB, dir string) (model.Source, object, load.Input) {
	for range 200 {
		d := r.declaration(dir)
		in := inputOf(t, dir, d)
		if p, problems := model.Build(in); len(problems) == 0 {
			return p.Sources[0], d, in
		}
		r.refused++
	}
	t.Fatal("the model refuses every random declaration")
	return model.Source{}, nil, load.Input{}
}

// inputOf is a tree with one declaration.
func inputOf(t testing.TB, dir string, d object) load.Input {
	text, err := json.Marshal(d)
	require.NoError(t, err)
	readme := "<!-- gen:begin configuration -->\n<!-- gen:end configuration -->\n"
	if d["advanced_rules"] != nil {
		readme += "<!-- gen:begin rules -->\n<!-- gen:end rules -->\n"
	}
	in, problems, err := load.Tree(fstest.MapFS{
		"go.mod":                          {Data: []byte("module " + module + "\n")},
		"config.yml":                      {Data: []byte("sources:\n  " + dir + ": sources/" + dir + "\n")},
		"sources/" + dir + "/README.md":   {Data: []byte(readme)},
		"sources/" + dir + "/schema.json": {Data: text},
	})
	require.NoError(t, err)
	require.Empty(t, problems)
	return in
}

type object = map[string]any

func (r *random) declaration(dir string) object {
	properties, required := object{}, []string{}
	names := []string{}
	for i := range 1 + r.IntN(6) {
		name := fmt.Sprintf("f%d", i)
		f := r.field(i)
		if i > 0 && r.chance(30) {
			r.depend(f, pick(r, names...), properties)
		}
		if r.chance(40) {
			required = append(required, name)
		}
		if r.chance(20) {
			f["x-renamed-from"] = []string{"was_" + name, "first_" + name}[:1+r.IntN(2)]
		}
		properties[name], names = f, append(names, name)
	}
	d := object{
		"service_type": dir, "name": "Random", "about": "Random fields.",
		"config": object{"type": "object", "additionalProperties": false, "required": required, "properties": properties},
	}
	if r.chance(70) {
		d["abilities"], d["advanced_rules"] = []string{"advanced_rules"}, r.rules()
	}
	return d
}

// rules makes a schema of advanced rules: a list of objects, or an object.
func (r *random) rules() object {
	properties := object{}
	for _, name := range ruleNames {
		if r.chance(60) {
			properties[name] = r.rule(2)
		}
	}
	closed := object{"type": "object", "additionalProperties": false, "properties": properties}
	if properties["a"] != nil && r.chance(50) {
		closed["required"] = []string{"a"}
	}
	if r.chance(30) {
		return closed
	}
	return object{"type": "array", "items": closed}
}

var ruleNames = []string{"a", "b", "aB", "c"}

func (r *random) rule(depth int) object {
	f := object{"type": pick(r, "string", "integer", "number", "boolean", "array", "object")}
	switch f["type"] {
	case "string":
		r.textRules(f)
	case "integer":
		r.integerRules(f)
	case "array":
		f["items"] = object{"type": "integer"}
		if depth > 0 {
			f["items"] = r.rule(depth - 1)
		}
	case "object":
		if depth == 0 || r.chance(30) {
			return object{"type": "object", "additionalProperties": object{"type": "number"}}
		}
		f["additionalProperties"], f["properties"] = false, object{"a": r.rule(depth - 1), "x-y": r.rule(depth - 1)}
	}
	return f
}

func (r *random) field(i int) object {
	f := object{"title": fmt.Sprintf("Field %d", i)}
	switch r.IntN(6) {
	case 0, 1:
		f["type"] = "string"
		r.textRules(f)
	case 2:
		f["type"] = "integer"
		r.integerRules(f)
	case 3:
		f["type"] = "number"
		r.numberRules(f)
	case 4:
		f["type"] = "boolean"
	case 5:
		r.listOf(f)
	}
	r.fallback(f)
	if f["type"] == "string" && f["default"] == nil && r.chance(10) {
		f["writeOnly"] = true
	}
	if f["default"] != nil && r.chance(20) {
		f["x-ui"] = object{"preset": f["default"]}
		delete(f, pick(r, "default", ""))
	}
	return f
}

func (r *random) textRules(f object) {
	if r.chance(30) {
		f["enum"] = []string{"a", "bc", "déf"}[:1+r.IntN(3)]
		return
	}
	if r.chance(30) {
		f["minLength"] = r.IntN(4)
	}
	if r.chance(30) {
		f["maxLength"] = 3 + r.IntN(4)
	}
	if r.chance(30) {
		f["pattern"] = pick(r, "^[a-c]*$", `^\d+$`, "^(?:a|bc)$", "^.{2}$")
	}
	if r.chance(30) {
		f["format"] = pick(r, schema.Formats()...)
	}
	if f["format"] == "path" { // becomes absolute, which no rule for texts should see
		delete(f, "minLength")
		delete(f, "maxLength")
		delete(f, "pattern")
	}
}

func (r *random) integerRules(f object) {
	if r.chance(20) {
		f["enum"] = []int{1, 100, -3}[:1+r.IntN(3)]
		return
	}
	if r.chance(40) {
		f[pick(r, "minimum", "exclusiveMinimum")] = json.Number(pick(r, "0", "-5", "1.5", "99", "1e2", "-9223372036854775808"))
	}
	if r.chance(40) {
		f[pick(r, "maximum", "exclusiveMaximum")] = json.Number(pick(r, "100", "101", "1000.5", "9007199254740992", "9223372036854775807"))
	}
	if r.chance(20) {
		f["multipleOf"] = pick(r, 1, 5, 50)
	}
}

func (r *random) numberRules(f object) {
	if r.chance(40) {
		f["exclusiveMinimum"] = json.Number(pick(r, "0", "-0.5", "1.25", "1e-3"))
	}
	if r.chance(40) {
		f["exclusiveMaximum"] = json.Number(pick(r, "100", "1.5", "9007199254740993", "1e300"))
	}
}

func (r *random) listOf(f object) {
	f["type"] = "array"
	items := object{"type": "string"}
	if r.chance(40) {
		items["type"] = "integer"
		r.integerRules(items)
	} else {
		r.textRules(items)
	}
	f["items"] = items
	if r.chance(25) {
		f["minItems"] = r.IntN(3)
	}
	if r.chance(25) {
		f["maxItems"] = 2 + r.IntN(2)
	}
	if r.chance(25) {
		f["uniqueItems"] = true
	}
}

func (r *random) fallback(f object) {
	if !r.chance(35) {
		return
	}
	switch f["type"] {
	case "string":
		f["default"] = pick(r, "a", "bc", "12", "ab", "2026-01-31", "https://example.com/")
	case "integer":
		f["default"] = pick(r, 0, 1, 50, 100)
	case "number":
		f["default"] = pick(r, 0.5, 1.3, 2, 50)
	case "boolean":
		f["default"] = r.chance(50)
	case "array":
		if f["items"].(object)["type"] == "string" {
			f["default"] = pick(r, []string{"a"}, []string{"a", "bc"})
		} else {
			f["default"] = pick(r, []int{1}, []int{100, 50})
		}
	}
}

// depend makes a field depend on an earlier one.
func (r *random) depend(f object, on string, earlier object) {
	value := map[any]any{"string": pick(r, "a", "bc"), "integer": pick(r, 1, 100), "boolean": r.chance(50)}[earlier[on].(object)["type"]]
	if value != nil {
		f["x-ui"] = object{"depends_on": object{on: value}}
	}
}
