package emit_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/emit"
	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/schema"
)

// setting reads a number from the environment.
func setting(t testing.TB, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

// newRandom seeds the generator from TRIBUTARY_SEED, so that a failure can be
// repeated.
func newRandom(t testing.TB) *random {
	seed := setting(t, "TRIBUTARY_SEED", 20260131)
	t.Logf("TRIBUTARY_SEED=%d", seed)
	return &random{Rand: rand.New(rand.NewPCG(uint64(seed), 1))}
}

// inputsPerSource is how many inputs each random declaration gets.
const inputsPerSource = 50

// TestAgreement holds that a configuration is accepted by the descriptions
// that generated code has if and only if it is accepted by the JSON Schema,
// read as 2020-12 and as draft-07. TRIBUTARY_PAIRS sets how many pairs of
// declaration and input are tried.
//
// Text is accepted for other types on the command line and from Kibana; the
// property speaks of DecodeStrict, which does not, and holds that Decode gives
// the same verdict and values wherever no such text is in play.
//
// The JSON Schema knows no former names, which are for the decoder alone to
// read. So the decoder is given some fields under a former name, the schema the
// same input under the names that it knows.
func TestAgreement(t *testing.T) {
	r := newRandom(t)
	pairs := setting(t, "TRIBUTARY_PAIRS", 10_000)
	a := &agreement{hits: map[string]int{}}
	for done := 0; done < pairs; done += inputsPerSource {
		a.source(t, r, fmt.Sprintf("s%d", done))
	}
	t.Logf("%d pairs, %d accepted, %d plain text comparisons, %d stored and read again; %d declarations refused by the model",
		a.pairs, a.accepted, a.compared, a.stored, r.refused)
	for _, k := range slices.Sorted(maps.Keys(a.hits)) {
		t.Logf("%-40s %d", k, a.hits[k])
	}
}

// agreement counts what the property was tried on.
type agreement struct {
	pairs, accepted, compared, stored int
	hits                              map[string]int
}

func (a *agreement) source(t *testing.T, r *random, dir string) {
	s := r.source(t, dir)
	fields := describe(t, s)
	modern, err := schema.Compile(s.ConfigSchema)
	require.NoError(t, err)
	old, err := schema.Compile([]byte(strings.Replace(string(s.ConfigSchema),
		"https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema", 1)))
	require.NoError(t, err)
	for range inputsPerSource {
		raw := json.RawMessage(r.input(s))
		former := json.RawMessage(r.formerNames(s, string(raw)))
		violations := modern.Violations(raw)
		values, problems := fields.DecodeStrict(former)
		verdict := problems.Err() == nil
		if verdict != (len(violations) == 0) || verdict != (len(old.Check(raw)) == 0) {
			t.Fatalf("schema %s\ninput %s\ndecoder: %v\n2020-12: %v\ndraft-07: %v", s.ConfigSchema, former, problems, modern.Check(raw), old.Check(raw))
		}
		a.count(s, verdict, violations)
		if string(former) != string(raw) {
			a.hits["under a former name"]++
		}
		a.text(t, s, fields, [2]json.RawMessage{raw, former}, values, verdict)
	}
}

func describe(t testing.TB, s model.Source) *schema.Fields {
	list := make([]schema.Field, len(s.Config))
	for i, f := range s.Config {
		var err error
		list[i], err = emit.Describe(f)
		require.NoError(t, err)
	}
	return schema.NewFields(list)
}

func (a *agreement) count(s model.Source, verdict bool, violations []schema.Violation) {
	a.pairs++
	if verdict {
		a.accepted++
	}
	for _, f := range s.Config {
		a.hits["declared "+string(f.Type)]++
		for what, used := range map[string]bool{
			"default": f.Default != nil, "depends_on": len(f.DependsOn) > 0, "required": f.Required,
			"x-renamed-from": len(f.RenamedFrom) > 0, "required and default": f.Required && f.Default != nil, "writeOnly": f.Secret, "enum": len(f.Enum) > 0,
		} {
			if used {
				a.hits["declared "+what]++
			}
		}
	}
	for _, v := range violations {
		a.hits["broken "+v.Keyword]++
	}
}

// text holds that reading text by a field's type changes nothing where there
// is no such text, and that values
// which are stored or written as text are read as the same values.
func (a *agreement) text(t *testing.T, s model.Source, fields *schema.Fields, both [2]json.RawMessage, strict *schema.Values, verdict bool) {
	raw, former := both[0], both[1]
	if hasTextForms(s, raw) {
		return
	}
	a.compared++
	values, problems := fields.Decode(former)
	require.Equal(t, verdict, problems.Err() == nil, "schema %s\ninput %s\n%v", s.ConfigSchema, raw, problems)
	if !verdict {
		return
	}
	require.Equal(t, string(strict.Document()), string(values.Document()))
	if !valid(t, s, raw) {
		return
	}
	a.stored++
	forms := []json.RawMessage{values.Document(), textForms(t, raw, `%s`), textForms(t, raw, `{"value":%s,"type":"any"}`),
		textForms(t, former, `%s`), textForms(t, former, `{"value":%s,"type":"any"}`)}
	for _, written := range forms {
		again, problems := fields.Decode(written)
		require.NoError(t, problems.Err(), "%s written as %s", s.ConfigSchema, written)
		require.Equal(t, string(values.Document()), string(again.Document()), "written as %s", written)
	}
}

// textForms writes every value as the text that a person would type.
func textForms(t *testing.T, raw json.RawMessage, wrap string) json.RawMessage {
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &members))
	for name, value := range members {
		if value[0] != '"' && string(value) != "null" {
			value, _ = json.Marshal(string(value))
		}
		members[name] = json.RawMessage(fmt.Sprintf(wrap, value))
	}
	written, err := json.Marshal(members)
	require.NoError(t, err)
	return written
}

// valid reports whether every value is valid, those of fields that do not
// count as well. A wrong value of such a field is not kept, and the default in
// its place may meet the condition of a third field.
func valid(t *testing.T, s model.Source, raw json.RawMessage) bool {
	config := slices.Clone(s.Config)
	for i := range config {
		config[i].DependsOn, config[i].Required = nil, false
	}
	s.Config = config
	_, problems := describe(t, s).Decode(raw)
	return problems.Err() == nil
}

// hasTextForms reports whether an input has text for a field of another type,
// or a value that looks like a rich field.
func hasTextForms(s model.Source, raw json.RawMessage) bool {
	var members map[string]any
	if json.Unmarshal(raw, &members) != nil {
		return false
	}
	for _, f := range s.Config {
		switch v := members[f.Name].(type) {
		case string:
			if f.Type != model.String {
				return true
			}
		case object:
			return true
		case []any:
			if f.Type == model.IntegerList && slices.ContainsFunc(v, func(item any) bool { _, isText := item.(string); return isText }) {
				return true
			}
		}
	}
	return false
}
