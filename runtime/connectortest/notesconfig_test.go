package connectortest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tributary-search/tributary/runtime/connector"
)

// What the generator would make from a schema.json, by hand.

const notesSchema = `{
	"type": "object", "additionalProperties": false, "required": ["notebook", "count", "order"],
	"properties": {
		"notebook": {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[^/]*$"},
		"count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 1000000},
		"order": {"type": "string", "minLength": 1, "enum": ["up", "down"], "default": "up"},
		"token": {"type": "string", "writeOnly": true, "default": ""},
		"tags": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 3, "default": ["*"]},
		"dated": {"type": "boolean", "default": false},
		"since": {"type": "string"}
	},
	"allOf": [{
		"if": {"properties": {"dated": {"const": true}}, "required": ["dated"]},
		"then": {"properties": {"since": {"minLength": 4, "maxLength": 10}}, "required": ["since"]}
	}]
}`

const notesConfiguration = `{
	"notebook": {"label": "Notebook", "order": 1, "type": "str", "display": "text", "required": true, "value": ""},
	"count": {"label": "Count", "order": 2, "type": "int", "display": "numeric", "required": true, "value": null},
	"order": {"label": "Order", "order": 3, "type": "str", "display": "dropdown", "required": true, "value": "up",
		"options": [{"label": "Up", "value": "up"}, {"label": "Down", "value": "down"}]},
	"token": {"label": "Token", "order": 4, "type": "str", "display": "text", "required": false, "sensitive": true, "value": ""},
	"tags": {"label": "Tags", "order": 5, "type": "list", "display": "text", "required": false, "default_value": "*", "value": ""},
	"dated": {"label": "Dated only", "order": 6, "type": "bool", "display": "toggle", "required": false, "default_value": false, "value": false},
	"since": {"label": "Since", "order": 7, "type": "str", "display": "text", "required": true, "value": "",
		"depends_on": [{"field": "dated", "value": true}]}
}`

type config struct {
	notebook, order, since string
	count                  int64
	token                  connector.Secret
	tags                   []string
	dated                  bool
}

// decoder takes fields out of either form of a configuration.
type decoder struct {
	raw      map[string]json.RawMessage
	problems connector.Problems
}

func decode(raw json.RawMessage) (config, connector.Problems) {
	d := &decoder{}
	if json.Unmarshal(raw, &d.raw) != nil {
		return config{}, connector.Problems{{Message: "the configuration is no object"}}
	}
	c := config{
		notebook: d.text("notebook", ""), order: d.text("order", "up"), token: connector.NewSecret(d.text("token", "")),
		count: d.integer("count"), tags: d.list("tags", "*"), dated: d.text("dated", "false") == "true",
	}
	d.require(c.notebook != "" && utf8.RuneCountInString(c.notebook) <= 40 && !strings.Contains(c.notebook, "/"), "notebook", "give its name, up to 40 characters without a slash")
	d.require(c.count >= 1 && c.count < 1000000, "count", "give a number from 1 to 999999")
	d.require(c.order == "up" || c.order == "down", "order", "choose up or down")
	d.require(len(c.tags) <= 3 && !slices.Contains(c.tags, ""), "tags", "give at most three")
	if c.dated {
		c.since = d.text("since", "")
		length := utf8.RuneCountInString(c.since)
		d.require(length >= 4 && length <= 10, "since", "give 4 to 10 characters")
	}
	return c, d.problems
}

func (d *decoder) require(ok bool, name, message string) {
	for _, p := range d.problems {
		if p.Pointer == "/"+name {
			return
		}
	}
	if !ok {
		d.problems = append(d.problems, connector.Problem{Pointer: "/" + name, Message: message})
	}
}

// value is a field's plain value: text, or JSON as it stands.
func (d *decoder) value(name, preset string) string {
	raw := d.raw[name]
	var rich struct{ Value json.RawMessage }
	if json.Unmarshal(raw, &rich) == nil && rich.Value != nil {
		raw = rich.Value
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	if len(raw) == 0 || string(raw) == "null" || strings.HasPrefix(string(raw), `{"label"`) {
		return preset
	}
	return string(raw)
}

func (d *decoder) text(name, preset string) string {
	text := d.value(name, preset)
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		d.require(false, name, "it must be a text")
	}
	return text
}

func (d *decoder) integer(name string) int64 {
	i, err := strconv.ParseInt(d.value(name, ""), 10, 64)
	if err != nil {
		d.require(false, name, fmt.Sprintf("give a number (%s)", name))
	}
	return i
}

func (d *decoder) list(name, preset string) []string {
	text := d.value(name, preset)
	var items []string
	if json.Unmarshal([]byte(text), &items) != nil {
		items = strings.Split(text, ",")
	}
	return items
}
