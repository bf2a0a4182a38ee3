package connectortest_test

import (
	"encoding/json"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
)

// What the generator would make from a schema.json, by hand.

type config struct {
	notebook, order, since string
	count                  int64
	token                  connector.Secret
	tags                   []string
	dated, secured         bool
}

func decodeConfig(raw json.RawMessage) (config, connector.Problems) {
	v, problems := notesFields.Decode(raw)
	return config{
		notebook: v.String("notebook"), order: v.String("order"), since: v.String("since"),
		count: v.Int("count"), token: v.Secret("token"), tags: v.Strings("tags"), dated: v.Bool("dated"),
		secured: v.Bool("use_document_level_security"),
	}, problems
}

var notesFields = schema.NewFields([]schema.Field{
	{
		Name: "notebook", Label: "Notebook", Type: schema.String, Required: true,
		Check: schema.Check{MinLength: new(1), MaxLength: new(40), Pattern: "^[^/]*$"},
	},
	{
		Name: "count", Label: "Count", Type: schema.Integer, Required: true,
		Check: schema.Check{Min: "1", Max: "1000000", ExclusiveMax: true},
	},
	{
		Name: "order", Label: "Order", Type: schema.String, Required: true, Default: "up",
		Enum: []any{"up", "down"}, Labels: []string{"Up", "Down"},
	},
	{Name: "token", Label: "Token", Type: schema.String, Secret: true, Default: "", Check: schema.Check{MaxLength: new(64)}},
	{
		Name: "tags", Label: "Tags", Type: schema.StringList, Default: []string{"*"},
		Check: schema.Check{MaxItems: new(3), Items: &schema.Check{MinLength: new(1)}},
	},
	{Name: "share", Label: "Share", Type: schema.Number, Default: 0.5, Check: schema.Check{Min: "0", ExclusiveMin: true, Max: "1", ExclusiveMax: true}},
	{Name: "dated", Label: "Dated only", Type: schema.Boolean, Default: false},
	{
		Name: "since", Label: "Since", Type: schema.String, Required: true, Check: schema.Check{Format: "date"},
		DependsOn: []schema.Condition{{Field: "dated", Value: true}},
	},
	{Name: "use_document_level_security", Label: "Enable document level security", Type: schema.Boolean, Default: false},
})

const notesSchema = `{
	"$schema": "https://json-schema.org/draft/2020-12/schema",
	"type": "object", "additionalProperties": false, "required": ["notebook", "count"],
	"properties": {
		"notebook": {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[^/]*$"},
		"count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 1000000},
		"order": {"type": "string", "minLength": 1, "enum": ["up", "down"], "default": "up"},
		"token": {"type": "string", "writeOnly": true, "default": "", "maxLength": 64},
		"tags": {"type": "array", "default": ["*"], "items": {"type": "string", "minLength": 1},
			"anyOf": [{"maxItems": 0}, {"maxItems": 3}]},
		"share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.5},
		"dated": {"type": "boolean", "default": false},
		"since": true,
		"use_document_level_security": {"type": "boolean", "default": false}
	},
	"allOf": [{
		"if": {"properties": {"dated": {"const": true}}, "required": ["dated"]},
		"then": {"properties": {"since": {"type": "string", "format": "date", "minLength": 1}}, "required": ["since"]}
	}]
}`
