package model

import (
	"slices"
	"strings"
)

// scope is a kind of place in a declaration.
type scope string

// The scopes.
const (
	inDeclaration scope = "a declaration"
	inShared      scope = "a shared block"
	inConfig      scope = "the configuration"
	inField       scope = "a field"
	inItem        scope = "the items of a field"
	inReference   scope = "a field with $ref"
	inUI          scope = "x-ui"
	inRule        scope = "advanced rules"
	inUnion       scope = "a union of advanced rules"
)

// form is the kind of value that a keyword takes.
type form string

// The forms.
const (
	anyValue   form = "any value"
	text       form = "text that is not empty"
	texts      form = "a list of texts"
	boolean    form = "true or false"
	number     form = "a number"
	integer    form = "an integer"
	count      form = "an integer that is not negative"
	positive   form = "a positive integer"
	list       form = "a list that is not empty"
	object     form = "an object"
	typeName   form = "the name of a type"
	typeNames  form = "the name of a type or a list of two"
	falseOnly  form = "false"
	openOrNode form = "false, true or a schema"
)

// keyword is one word of the dialect: where it may stand and what it holds.
type keyword struct {
	name   string
	scopes []scope
	types  string // the types of nodes it applies to; empty for all
	form   form
	must   bool // it may not be left out (of nodes of these types)
}

var (
	nodes  = []scope{inField, inItem, inRule, inUnion}
	fields = []scope{inField, inReference}
	rules  = []scope{inRule, inUnion}
	tops   = []scope{inDeclaration, inShared}
)

// keywords is the dialect. What is neither here nor in unsupported is unknown.
var keywords = []keyword{
	{name: "$schema", scopes: tops, form: text},
	{name: "$comment", scopes: []scope{inDeclaration, inShared, inConfig, inField, inItem, inReference, inRule, inUnion}, form: text},
	{name: "$defs", scopes: []scope{inDeclaration, inShared}, form: object},
	{name: "service_type", scopes: []scope{inDeclaration}, form: text, must: true},
	{name: "name", scopes: []scope{inDeclaration}, form: text, must: true},
	{name: "about", scopes: []scope{inDeclaration}, form: text, must: true},
	{name: "aliases", scopes: []scope{inDeclaration}, form: texts},
	{name: "abilities", scopes: []scope{inDeclaration}, form: texts},
	{name: "x-identity", scopes: []scope{inDeclaration}, form: texts},
	{name: "config", scopes: []scope{inDeclaration}, form: object, must: true},
	{name: "advanced_rules", scopes: []scope{inDeclaration}, form: object},

	{name: "type", scopes: []scope{inConfig, inShared}, form: typeName, must: true},
	{name: "type", scopes: []scope{inField, inItem}, form: typeName, must: true},
	{name: "type", scopes: rules, form: typeNames},
	{name: "title", scopes: []scope{inField}, form: text, must: true},
	{name: "title", scopes: []scope{inShared, inConfig, inReference, inRule, inUnion}, form: text},
	{name: "description", scopes: []scope{inShared, inConfig, inField, inReference, inRule, inUnion}, form: text},
	{name: "examples", scopes: rules, form: list},
	{name: "deprecated", scopes: fields, form: boolean},
	{name: "default", scopes: fields, form: anyValue},
	{name: "writeOnly", scopes: []scope{inField}, types: "string", form: boolean},
	{name: "x-go-name", scopes: []scope{inField, inReference, inRule}, form: text},
	{name: "x-renamed-from", scopes: fields, form: texts},
	{name: "x-ui", scopes: fields, form: object},

	{name: "properties", scopes: []scope{inConfig}, form: object},
	{name: "properties", scopes: []scope{inShared}, form: object, must: true},
	{name: "properties", scopes: rules, types: "object", form: object},
	{name: "required", scopes: []scope{inConfig}, form: texts},
	{name: "required", scopes: rules, types: "object", form: texts},
	{name: "additionalProperties", scopes: []scope{inConfig}, form: falseOnly, must: true},
	{name: "additionalProperties", scopes: rules, types: "object", form: openOrNode, must: true},
	{name: "x-why", scopes: rules, types: "object", form: text},
	{name: "minProperties", scopes: rules, types: "object", form: count},
	{name: "maxProperties", scopes: rules, types: "object", form: count},
	{name: "allOf", scopes: []scope{inConfig}, form: list},
	{name: "anyOf", scopes: rules, form: list},
	{name: "oneOf", scopes: rules, form: list},
	{name: "const", scopes: []scope{inUnion}, form: anyValue},
	{name: "$ref", scopes: []scope{inReference, inRule, inUnion}, form: text},

	{name: "enum", scopes: nodes, types: "string integer", form: list},
	{name: "minLength", scopes: nodes, types: "string", form: count},
	{name: "maxLength", scopes: nodes, types: "string", form: count},
	{name: "pattern", scopes: nodes, types: "string", form: text},
	{name: "format", scopes: nodes, types: "string", form: text},
	{name: "minimum", scopes: nodes, types: "integer number", form: number},
	{name: "maximum", scopes: nodes, types: "integer number", form: number},
	{name: "exclusiveMinimum", scopes: nodes, types: "integer number", form: number},
	{name: "exclusiveMaximum", scopes: nodes, types: "integer number", form: number},
	{name: "multipleOf", scopes: nodes, types: "integer", form: positive},
	{name: "items", scopes: []scope{inField, inRule, inUnion}, types: "array", form: object, must: true},
	{name: "minItems", scopes: []scope{inField, inRule, inUnion}, types: "array", form: count},
	{name: "maxItems", scopes: []scope{inField, inRule, inUnion}, types: "array", form: count},
	{name: "uniqueItems", scopes: []scope{inField, inRule, inUnion}, types: "array", form: boolean},

	{name: "display", scopes: []scope{inUI}, form: text},
	{name: "depends_on", scopes: []scope{inUI}, form: object},
	{name: "advanced", scopes: []scope{inUI}, form: boolean},
	{name: "labels", scopes: []scope{inUI}, form: texts},
	{name: "tooltip", scopes: []scope{inUI}, form: text},
	{name: "preset", scopes: []scope{inUI}, form: anyValue},
	{name: "min_exclusive", scopes: []scope{inUI}, form: number},
	{name: "max_exclusive", scopes: []scope{inUI}, form: number},
}

// refusal says why a keyword of JSON Schema is not in the dialect and what
// serves instead.
type refusal struct{ reason, instead string }

const (
	noConditions = "conditions between members can't be shown in a form or in Go types"
	useDepends   = `use "x-ui": {"depends_on": …}, or check in code (ability config_check or rules_check)`
	noUnions     = "a field has one type and its values are known one by one"
)

// unsupported are the keywords of JSON Schema, and of other dialects, that
// people will try.
var unsupported = map[string]refusal{
	"if":                    {noConditions, useDepends},
	"then":                  {noConditions, useDepends},
	"else":                  {noConditions, useDepends},
	"not":                   {noConditions, useDepends},
	"dependencies":          {noConditions, useDepends},
	"dependentRequired":     {noConditions, useDepends},
	"dependentSchemas":      {noConditions, useDepends},
	"contains":              {"Go has no type for it", "check in code (ability config_check or rules_check)"},
	"minContains":           {"Go has no type for it", "check in code (ability config_check or rules_check)"},
	"maxContains":           {"Go has no type for it", "check in code (ability config_check or rules_check)"},
	"prefixItems":           {"a list has items of one type", `use an object with named members, or "items"`},
	"additionalItems":       {"a list has items of one type", `use "items"`},
	"unevaluatedItems":      {"a list has items of one type", `use "items"`},
	"unevaluatedProperties": {"objects are closed one by one", `use "additionalProperties": false`},
	"patternProperties":     {"Go has no type for it", `use "additionalProperties" with a schema, which becomes a map`},
	"propertyNames":         {"Go has no type for it", "check in code (ability rules_check)"},
	"definitions":           {"there is one place for definitions", `write "$defs" at the top of the file`},
	"$id":                   {"files are named by their path", `leave it out and use "$ref" with a path`},
	"$anchor":               {"parts are named by their path", `use "$ref": "#/$defs/NAME"`},
	"$dynamicRef":           {"references are resolved when Go is generated", `use "$ref"`},
	"$dynamicAnchor":        {"references are resolved when Go is generated", `use "$ref"`},
	"$recursiveRef":         {"references are resolved when Go is generated", `use "$ref"`},
	"$vocabulary":           {"the dialect is one and closed", "leave it out"},
	"contentEncoding":       {"nothing checks it", `say it in "description"`},
	"contentMediaType":      {"nothing checks it", `say it in "description"`},
	"contentSchema":         {"nothing checks it", `say it in "description"`},
	"readOnly":              {"every field of a configuration is written by users", "leave it out"},
	"nullable":              {"absent is the only way to give no value", `leave the name out of "required"`},
	"oneOf":                 {noUnions, `use "enum", or two fields with "x-ui": {"depends_on": …}`},
	"anyOf":                 {noUnions, `use "enum", or two fields with "x-ui": {"depends_on": …}`},
	"allOf":                 {"only a configuration takes shared blocks, by $ref", `write the members out, or use "$ref"`},
	"const":                 {"it has no choice to offer", `use "enum" with one value`},
	"examples":              {"Kibana's form does not show it", `say it in "description" or "x-ui": {"tooltip": …}`},
	"minProperties":         {"a configuration has the fields that it declares", `use "required"`},
	"maxProperties":         {"a configuration has the fields that it declares", "leave it out"},
	"x-since":               {"there is no release yet to compare with", "leave it out"},
	"x-deprecated":          {"nothing reads it", `use "deprecated": true and say in "description" what to use`},
	"x-changes":             {"there is no release yet to compare with", "leave it out"},
	"x-tests":               {"the conformance suite has no exceptions", "leave it out"},
	"x-kibana":              {"one object holds what JSON Schema can't say", `use "x-ui"`},
	"sensitive":             {"JSON Schema has a keyword for it", `use "writeOnly": true`},
	"default_value":         {"it is Kibana's word", `use "default"`},
	"label":                 {"JSON Schema has a keyword for it", `use "title"`},
	"order":                 {"the order is that of the file", "move the field"},
	"options":               {"JSON Schema has a keyword for it", `use "enum", and "x-ui": {"labels": …}`},
}

// find returns the keyword of a name for a place, and all places where a
// keyword of this name may stand.
func find(name string, in scope, nodeType string) (found *keyword, elsewhere []*keyword) {
	for i := range keywords {
		k := &keywords[i]
		if k.name != name {
			continue
		}
		if slices.Contains(k.scopes, in) && k.applies(nodeType) {
			return k, nil
		}
		elsewhere = append(elsewhere, k)
	}
	return nil, elsewhere
}

// applies reports whether the keyword fits a node's type. A node without a
// known type takes every keyword: its missing type is the problem.
func (k *keyword) applies(nodeType string) bool {
	return k.types == "" || nodeType == "" || slices.Contains(strings.Fields(k.types), nodeType)
}

// names returns the keywords that may stand in a place.
func names(in scope, nodeType string) []string {
	var list []string
	for i := range keywords {
		if slices.Contains(keywords[i].scopes, in) && keywords[i].applies(nodeType) {
			list = append(list, keywords[i].name)
		}
	}
	return list
}

// Keywords returns every word of the dialect, sorted.
func Keywords() []string {
	var list []string
	for i := range keywords {
		list = append(list, keywords[i].name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
