// Package model is the decided form of a declaration: names, Go types,
// defaults. It is what the emitters print; they decide nothing.
package model

import (
	"encoding/json"
	"math/big"

	"github.com/tributary-search/tributary/gen/load"
)

// Source is one declaration, sources/<Dir>/schema.json, free of problems.
type Source struct {
	Dir         string // folder below sources/, and the Go package's name
	Root        *load.Node
	ServiceType string
	Name, About string
	Aliases     []string
	Abilities   []string // as declared, sorted
	Identity    []string // names of configuration fields, x-identity
	Config      []Field  // in the order of the file
	Rules       *Type    // the Go type of the advanced rules; nil without them
	// RuleTypes are the named types that Rules needs, each once, in the order
	// of the file, Rules itself first where it is named.
	RuleTypes []*Type
	// ConfigSchema is the lowered schema of plain configuration values
	// (2020-12): non-empty where required, depends_on as if/then.
	ConfigSchema json.RawMessage
	// RulesSchema is the schema of the advanced rules, references resolved;
	// nil without them.
	RulesSchema json.RawMessage
}

// Field is one property of a configuration.
type Field struct {
	Name        string // key in the configuration, snake_case
	GoName      string
	Title       string
	Description string
	Tooltip     string
	Type        FieldType
	Required    bool
	Secret      bool // writeOnly: the Go type is connector.Secret
	Optional    bool // the Go type is connector.Opt[T]
	// Default is the decided default: string, int64, float64, bool, []string
	// or []int64; nil when there is none.
	Default any
	// Preset is what the form starts with where that is not what follows from
	// the default, in the same types; nil otherwise.
	Preset any
	Enum   []any // string or int64 values, or those of a list's items
	Labels []string
	Check  Check
	// DependsOn are conditions that must all hold for the field to count.
	DependsOn []Condition
	Advanced  bool   // shown by Kibana under advanced settings only
	Display   string // text, textarea, numeric, toggle or dropdown
	// Shown are the strict bounds that Kibana checks (greater_than and
	// less_than): decided from Check, or x-ui's min_exclusive and
	// max_exclusive.
	Shown       Bounds
	RenamedFrom []string
	Deprecated  bool
	// At is where the field joins the configuration, Node its declaration with
	// references resolved.
	At   *load.Member
	Node *load.Node
}

// FieldType is the type of a configuration field.
type FieldType string

// The types of configuration fields.
const (
	String      FieldType = "string"
	Integer     FieldType = "integer"
	Number      FieldType = "number"
	Boolean     FieldType = "boolean"
	StringList  FieldType = "string_list"
	IntegerList FieldType = "integer_list"
)

// Check is what a value must meet besides its type. Nil and empty members
// demand nothing; Items holds what every item of a list must meet.
type Check struct {
	Min, Max                   *big.Rat
	ExclusiveMin, ExclusiveMax bool // the bounds themselves are excluded
	MinLength, MaxLength       *int // characters, not bytes
	Pattern                    string
	Format                     string
	MultipleOf                 *big.Int
	MinItems, MaxItems         *int
	UniqueItems                bool
	Items                      *Check
}

// Condition is one entry of depends_on: Field has this value.
type Condition struct {
	Field string
	Value any // string, int64 or bool
}

// Type is a Go type of the advanced rules.
type Type struct {
	Kind   TypeKind
	GoName string // of a struct or a string enumeration
	Doc    string
	Fields []RuleField // of a struct, in the order of the file
	Elem   *Type       // of a slice or a map
	Enum   []string    // of a string enumeration
}

// TypeKind says what a Type is.
type TypeKind string

// The kinds of types. Raw is json.RawMessage: what Go cannot type.
const (
	StructKind TypeKind = "struct"
	SliceKind  TypeKind = "slice"
	MapKind    TypeKind = "map"
	StringKind TypeKind = "string"
	EnumKind   TypeKind = "enum"
	IntKind    TypeKind = "int64"
	FloatKind  TypeKind = "float64"
	BoolKind   TypeKind = "bool"
	TimeKind   TypeKind = "time"
	RawKind    TypeKind = "raw"
)

// RuleField is a member of a struct of the advanced rules. A member that is
// not required is a pointer, unless it is a slice, a map or raw.
type RuleField struct {
	Name     string // JSON key
	GoName   string
	Doc      string
	Type     *Type
	Required bool
}
