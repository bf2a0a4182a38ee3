package mysql

import (
	"context"
	"encoding/json"

	"github.com/tributary-search/tributary/runtime/connector"
)

func readRules(connector.Filter) ([]int, error) { return nil, nil }
func (s *Source) readQueries(context.Context, []int, func(connector.Document) error) error { return nil }
func (s *Source) AdvancedRulesValidators() []connector.RulesValidator { return nil }
func (s *Source) ValidateConfig(context.Context) error { return nil }
func (s *Source) Position(context.Context) (connector.Cursor, error) { return json.RawMessage("{}"), nil }
func (s *Source) Changed(context.Context, connector.Cursor) (bool, error) { return true, nil }
func (s *Source) Changes(context.Context, connector.Cursor, connector.Filter, func(connector.Change) error) (connector.Cursor, error) { return nil, connector.ErrPositionLost }
