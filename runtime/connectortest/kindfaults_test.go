package connectortest_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// plainSource has no ability.
type plainSource struct{ connector.Source }

// kindFaults are what a declaration or an ability can do wrong.
var kindFaults = map[string]variant{
	"keeps state": {
		change: func(k *connector.Kind) {
			k.Open = openAs(func(n *notes) connector.Source {
				read := int64(0)
				return reads{n, func(n *notes, _ context.Context, emit func(connector.Document) error) error {
					for ; read < n.cfg.count; read++ {
						if err := emit(n.note(read)); err != nil {
							return err
						}
					}
					return nil
				}}
			})
		},
		fails: []string{"twice"},
		says:  "keep what belongs to a run in local variables",
	},
	"secret in a problem": {
		change: func(k *connector.Kind) {
			check := k.CheckConfig
			k.CheckConfig = func(raw json.RawMessage) connector.Problems {
				problems := check(raw)
				if len(problems) > 0 {
					problems[0].Message += " in " + string(raw)
				}
				return problems
			}
		},
		fails: []string{"secrets"},
		says:  "a problem of CheckConfig",
	},
	"undeclared ability": {
		change: func(k *connector.Kind) { k.Abilities = k.Abilities[1:] },
		fails:  []string{"abilities"},
		says:   `does not declare the ability "changes"`,
	},
	"missing ability": {
		change: func(k *connector.Kind) {
			k.Open = openAs(func(n *notes) connector.Source { return plainSource{n} })
		},
		fails: []string{"abilities", "access"},
		says:  "is no connector.Incremental",
	},
	"lenient bound": {
		change: func(k *connector.Kind) {
			k.ConfigSchema = json.RawMessage(strings.Replace(notesSchema, `"minimum": 1`, `"minimum": 2`, 1))
		},
		fails: []string{"bounds"},
		says:  "minimum of field \"count\"",
	},
	"strict bound": {
		change: func(k *connector.Kind) {
			k.ConfigSchema = json.RawMessage(strings.Replace(notesSchema, `"exclusiveMaximum": 1000000`, `"maximum": 1000000`, 1))
		},
		fails: []string{"bounds"},
		says:  "maximum of field \"count\"",
	},
	"doubled order": {
		change: func(k *connector.Kind) {
			k.Configuration = json.RawMessage(strings.Replace(string(k.Configuration), `"order":2`, `"order":1`, 1))
		},
		fails: []string{"configuration", "prepare"},
		says:  "has the order 1 of another field",
	},
	"prepare rewrites": {
		change: func(k *connector.Kind) {
			prepare := k.Prepare
			k.Prepare = func(raw json.RawMessage) (json.RawMessage, connector.Problems) {
				prepared, reports := prepare(raw)
				return append(json.RawMessage(" "), prepared...), reports
			}
		},
		fails: []string{"prepare"},
		says:  "nothing is written when nothing changed",
	},
	"prepare forgets": {
		change: func(k *connector.Kind) {
			prepare := k.Prepare
			k.Prepare = func(raw json.RawMessage) (json.RawMessage, connector.Problems) {
				prepared, reports := prepare(raw)
				return json.RawMessage(strings.Replace(string(prepared), `"of-another-version":{"value":"1.0"},`, "", 1)), reports
			}
		},
		fails: []string{"prepare"},
		says:  "what the declaration does not know is kept as it is",
	},
	"silent default": {
		change: func(k *connector.Kind) {
			k.CheckConfig = func(json.RawMessage) connector.Problems { return nil }
		},
		fails: []string{"default", "required", "bounds"},
		says:  "required field",
	},
	"validates what does not count": {
		change: func(k *connector.Kind) {
			k.CheckConfig = func(raw json.RawMessage) connector.Problems {
				problems := notesFields.Check(raw)
				if strings.Contains(string(raw), "yesterday") && len(at("/since", problems)) == 0 {
					problems = append(problems, connector.Problem{Pointer: "/since", Message: "must be a date"})
				}
				return problems
			}
		},
		fails: []string{"inactive"},
		says:  "a field that does not count is not validated",
	},
	"request in Open": {
		change: func(k *connector.Kind) {
			open := k.Open
			k.Open = func(ctx context.Context, raw json.RawMessage, deps connector.Deps) (connector.Source, error) {
				if resp, err := deps.HTTP.Get("http://127.0.0.1:1/"); err == nil {
					_ = resp.Body.Close()
				}
				return open(ctx, raw, deps)
			}
		},
		fails: []string{"open"},
		says:  "Open made 1 requests",
	},
	"closes once": {
		change: func(k *connector.Kind) {
			k.Open = openAs(func(n *notes) connector.Source { return &closer{notes: n} })
		},
		fails: []string{"close"},
		says:  "the second Close failed",
	},
	"keeps no position": {
		change: func(k *connector.Kind) {
			k.Open = openAs(func(n *notes) connector.Source { return forgetful{n} })
		},
		fails: []string{"incremental", "changes", "field-types"},
		says:  "return connector.ErrPositionLost",
	},
	"secret in the identity": {
		change: func(k *connector.Kind) {
			k.Identity = func(raw json.RawMessage) ([]string, connector.Problems) {
				return notesFields.Identity(raw, "notebook", "token")
			}
		},
		fails: []string{"identity"},
		says:  "Identity holds a secret",
	},
}

func at(pointer string, problems connector.Problems) connector.Problems {
	var found connector.Problems
	for _, p := range problems {
		if p.Pointer == pointer {
			found = append(found, p)
		}
	}
	return found
}

// closer can be closed once.
type closer struct {
	*notes
	closed bool
}

func (c *closer) Close() error {
	if c.closed {
		return errors.New("closed already")
	}
	c.closed = true
	return nil
}

// forgetful takes any cursor, and types a field that no document has.
type forgetful struct{ *notes }

func (forgetful) Changed(context.Context, connector.Cursor) (bool, error) { return false, nil }

func (forgetful) Changes(_ context.Context, since connector.Cursor, _ connector.Filter, _ func(connector.Change) error) (connector.Cursor, error) {
	return since, nil
}

func (forgetful) Fields(context.Context) (map[string]connector.FieldType, error) {
	return map[string]connector.FieldType{"missing": connector.Keyword, "number": "int"}, nil
}
