package connectortest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/connectortest"
	"github.com/tributary-search/tributary/runtime/rules"
	"github.com/tributary-search/tributary/runtime/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// ruled is a source with checks of its own for both kinds of rules: of each
// basic rule, of all together, and two of its advanced ones.
type ruled struct{ *notes }

// ruledNotes is the schema of its advanced rules: which notes are wanted.
var ruledNotes = schema.New(`{
	"type": "array",
	"items": {
		"type": "object", "additionalProperties": false, "required": ["notebook"],
		"properties": {"notebook": {"type": "string", "minLength": 1}, "first": {"type": "integer", "minimum": 0}}
	}
}`)

// BasicRulesValidators refuses a field that no note has, and more than three
// rules.
func (r ruled) BasicRulesValidators() (each, set []connector.RulesValidator) {
	return []connector.RulesValidator{r.knownField}, []connector.RulesValidator{r.fewRules}
}

func (ruled) knownField(_ context.Context, raw json.RawMessage) connector.Problems {
	var rule struct{ ID, Field string }
	if err := json.Unmarshal(raw, &rule); err != nil {
		return connector.Problems{{Message: err.Error()}}
	}
	switch rule.Field {
	case "id", "title", "number", "_":
		return nil
	}
	return connector.Problems{{Pointer: "/field", Message: fmt.Sprintf("notes have no field %q; they have title and number", rule.Field)}}
}

func (ruled) fewRules(_ context.Context, raw json.RawMessage) connector.Problems {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || len(list) <= 3 {
		return nil
	}
	return connector.Problems{{Pointer: "/3", Message: "a notebook takes three rules at most"}}
}

// AdvancedRulesValidators looks first whether a notebook exists, then whether
// it has so many notes.
func (r ruled) AdvancedRulesValidators() []connector.RulesValidator {
	each := func(check func(i int, notebook string, first int64) *connector.Problem) connector.RulesValidator {
		return func(_ context.Context, raw json.RawMessage) (found connector.Problems) {
			var list []struct {
				Notebook string
				First    int64
			}
			if err := json.Unmarshal(raw, &list); err != nil {
				return connector.Problems{{Message: err.Error()}}
			}
			for i, rule := range list {
				if p := check(i, rule.Notebook, rule.First); p != nil {
					found = append(found, *p)
				}
			}
			return found
		}
	}
	return []connector.RulesValidator{
		each(func(i int, notebook string, _ int64) *connector.Problem {
			if notebook == r.cfg.notebook {
				return nil
			}
			return &connector.Problem{Pointer: fmt.Sprintf("/%d/notebook", i), Message: fmt.Sprintf("there is no notebook %q", notebook)}
		}),
		each(func(i int, _ string, first int64) *connector.Problem {
			if first < r.cfg.count {
				return nil
			}
			return &connector.Problem{Pointer: fmt.Sprintf("/%d/first", i), Message: fmt.Sprintf("there are %d notes only", r.cfg.count)}
		}),
	}
}

func ruledKind() connector.Kind {
	k := notesKind()
	k.Abilities = append(k.Abilities, connector.AbilityAdvancedRules, connector.AbilityBasicRulesCheck, connector.AbilityRulesCheck)
	k.RulesSchema, k.CheckRules = ruledNotes.Text(), ruledNotes.CheckRules
	k.Open = openAs(func(n *notes) connector.Source { return ruled{n} })
	return k
}

// TestConformanceWithRules is the suite for a source that checks rules.
func TestConformanceWithRules(t *testing.T) { connectortest.Run(t, ruledKind(), notebook{}) }

// The golden files are what is stored in a connector document: the default
// checks first, then those of the source; of advanced rules the schema first,
// then the source's list in its order.
func TestResultsOfASourcesChecks(t *testing.T) {
	source, err := ruledKind().Open(t.Context(), notebook{}.Start(t, 5), connector.Deps{})
	require.NoError(t, err)
	files, err := filepath.Glob("testdata/rules/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		stored, err := os.ReadFile(file)
		require.NoError(t, err)
		out, due := rules.ParseFiltering(stored).Validate(t.Context(), rules.AllFeatures(), rules.ValidatorsOf(ruledKind(), source))
		require.True(t, due, file)
		require.Equal(t, out.Validation.State == rules.Valid, out.Activate)
		got, err := json.MarshalIndent(out.Validation, "", "  ")
		require.NoError(t, err)
		golden := strings.TrimSuffix(file, ".json") + ".golden"
		if *update {
			require.NoError(t, os.WriteFile(golden, append(got, '\n'), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(bytes.TrimSpace(want)), string(got), file)

		var after []struct {
			Draft struct{ Validation json.RawMessage }
		}
		require.NoError(t, json.Unmarshal(out.Filtering, &after))
		require.JSONEq(t, string(want), string(after[0].Draft.Validation), "what is stored")
	}
}
