package mysql

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// query is one advanced rule.
type query struct {
	pointer  string // of the rule in its document
	name     string // for people
	database string // empty: the configured one
	tables   []string
	text     string
	ids      []string // columns that tell rows apart; none: the tables' keys
}

// listed is a rule in the form of a list.
type listed struct {
	Tables    []string `json:"tables"`
	Query     string   `json:"query"`
	IDColumns []string `json:"id_columns"`
}

// readRules returns the queries of a filter, in a fixed order; nil when there
// are none. The error names all that can't be run.
func readRules(filter connector.Filter) ([]query, error) {
	queries, problems := parseRules(filter.AdvancedRules)
	return queries, problems.Err()
}

// parseRules reads both forms of rules, and looks at their texts.
func parseRules(raw json.RawMessage) ([]query, connector.Problems) {
	rules, given, err := advancedRules(connector.Filter{AdvancedRules: raw})
	if err != nil {
		return nil, connector.Problems{{Message: err.Error()}}
	}
	if !given {
		return nil, nil
	}
	queries, err := decodeRules(rules)
	if err != nil {
		return nil, connector.Problems{{Message: err.Error()}}
	}
	var problems connector.Problems
	for _, q := range queries {
		if says := guard(q.text); says != "" {
			problems = append(problems, q.problem("the query "+says))
		}
	}
	return queries, problems
}

func decodeRules(rules json.RawMessage) ([]query, error) {
	if bytes.HasPrefix(bytes.TrimSpace(rules), []byte("[")) {
		return decodeList(rules)
	}
	var byDatabase map[string]map[string]string
	if err := json.Unmarshal(rules, &byDatabase); err != nil {
		return nil, errors.New(`advanced rules are a list, [{"tables": […], "query": "SELECT …"}], or queries by database and table, {"shop": {"orders": "SELECT …"}}`)
	}
	var queries []query
	for _, database := range slices.Sorted(maps.Keys(byDatabase)) {
		for _, table := range slices.Sorted(maps.Keys(byDatabase[database])) {
			queries = append(queries, query{
				pointer: "/" + escapePointer(database) + "/" + escapePointer(table), name: "the rule of " + database + "." + table,
				database: database, tables: []string{table}, text: trimEnd(byDatabase[database][table]),
			})
		}
	}
	return queries, nil
}

func decodeList(rules json.RawMessage) ([]query, error) {
	var list []listed
	if err := json.Unmarshal(rules, &list); err != nil {
		return nil, fmt.Errorf("advanced rules: %w", err)
	}
	queries := make([]query, len(list))
	for i, l := range list {
		tables := slices.Compact(slices.Sorted(slices.Values(l.Tables)))
		queries[i] = query{
			pointer: fmt.Sprintf("/%d", i), name: fmt.Sprintf("rule %d (%s)", i+1, strings.Join(tables, ", ")),
			tables: tables, text: trimEnd(l.Query), ids: l.IDColumns,
		}
	}
	return queries, nil
}

// trimEnd takes the semicolons at the end away: there is one statement.
func trimEnd(text string) string { return strings.TrimRight(text, "; \t\r\n") }

func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func (q query) problem(message string) connector.Problem {
	return connector.Problem{Pointer: q.pointer, Message: q.name + ": " + message}
}
