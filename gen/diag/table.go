package diag

import "slices"

// Codes returns every code, in order.
func Codes() []Code { return slices.Concat(ofDeclarations, ofProject) }

// ofDeclarations are the codes of what one declaration says: 1xx to 3xx.
var ofDeclarations = []Code{
	{
		ID: Syntax, Title: "the file is not JSON",
		Cause:  "A declaration is one JSON object in UTF-8 without a byte order mark. Comments and trailing commas are no JSON.",
		Remedy: `Write plain JSON where the caret stands, and save the file as UTF-8. What is meant for readers goes into "$comment".`,
		Example: `sources/e/schema.json:2:15: error G101: the text is not UTF-8
    2 |   "name": "caf�"
      |               ^`,
	},
	{
		ID: Unknown, Title: "unknown keyword",
		Cause:  "The dialect is closed: a keyword that the generator does not know would be lost without a word, so it is refused.",
		Remedy: `Correct the spelling, or remove the keyword. Put text for readers into "$comment".`,
		Example: `sources/a/schema.json:5:3: error G102: unknown keyword "abot" in a declaration
    5 |   "abot": "x",
      |   ^ did you mean "about"?`,
	},
	{
		ID: BadValue, Title: "a keyword has a value of the wrong kind",
		Cause:  "Each keyword takes one kind of value, such as text, a whole number or a list of texts.",
		Remedy: "Write a value of the kind that the message names. schemas/source.schema.json lists them, and editors show it.",
		Example: `sources/a/schema.json:20:15: error G103: a field is an object, not null
   20 |       "none": null
      |               ^`,
	},
	{
		ID: NotHere, Title: "a keyword does not apply here",
		Cause:  `JSON Schema ignores a keyword that does not fit the type, such as "pattern" on an integer: it would look like a check and be none.`,
		Remedy: "Remove the keyword, or write it where its type is declared.",
		Example: `sources/a/schema.json:25:43: error G104: "minLength" can't stand beside "$ref"
   25 |         "ref": { "$ref": "#/$defs/thing", "minLength": 3 },
      |                                           ^ move it to where $ref leads`,
	},
	{
		ID: Missing, Title: "a keyword is missing",
		Cause:  "A declaration says service_type, name, about and config; every node says its type, every field its title, every list its items.",
		Remedy: "Add the keyword that the message names to the object at the caret.",
		Example: `sources/a/schema.json:1:1: error G105: "about" is missing
    1 | {
      | ^ it is text that is not empty`,
	},
	{
		ID: Unsupported, Title: "a keyword of JSON Schema is not supported",
		Cause:  "The generator implements the part of JSON Schema that Go types and Kibana's form can express; this keyword is not in it.",
		Remedy: "Write what the message names in its place.",
		Example: `sources/a/schema.json:10:15: error G106: "allOf" takes shared blocks only
   10 |     "allOf": [{ "type": "object" }],
      |               ^ write {"$ref": "../../schemas/shared/NAME.json"}`,
	},
	{
		ID: Duplicate, Title: "a key stands twice in one object",
		Cause:  "JSON readers keep one of the two and say nothing.",
		Remedy: "Remove one of the two, or rename it.",
		Example: `sources/a/schema.json:5:3: error G107: the key "name" stands twice (first at 3:3)
    5 |   "name": "Twice",
      |   ^ remove or rename one`,
	},
	{
		ID: Limit, Title: "the file is too large or nested too deeply",
		Cause:  "A declaration is at most 1 MiB, and objects and lists are nested at most 64 deep.",
		Remedy: `Make it smaller. Give a part that repeats a name in "$defs" and refer to it by "$ref".`,
		Example: `sources/a/schema.json:1:76: error G108: nested deeper than 64 levels
    1 | { "config": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] }
      |                                                                            ^`,
	},
	{
		ID: MetaSchema, Title: "the declaration does not meet schemas/source.schema.json",
		Cause:  "The generator's own checks passed, but the published schema refuses the file. One of the two is wrong.",
		Remedy: "Report it with the declaration. Until then write the value as schemas/source.schema.json asks.",
		Example: `sources/a/schema.json:3:11: error G109: /name: must have at most 0 characters
    3 |   "name": "A",
      |           ^ schemas/source.schema.json and the generator disagree`,
	},
	{
		ID: Reference, Title: "a $ref leads nowhere",
		Cause:  "A $ref names a part of the same file or a file of schemas/shared; nothing is loaded from the network.",
		Remedy: `Write "#/$defs/NAME" for a part of this file, "../../schemas/shared/NAME.json" for a shared block, or "../../schemas/shared/NAME.json#/properties/FIELD" for one field of it.`,
		Example: `sources/a/schema.json:9:22: error G201: $ref "#/$defs/hots" leads nowhere
    9 |       "a": { "$ref": "#/$defs/hots" },
      |                      ^ did you mean "host"?`,
	},
	{
		ID: ReferenceCycle, Title: "references run in a circle",
		Cause:  "A value of this type would have no end. A configuration holds no circles at all; advanced rules may, where a list or a member that may be absent ends them.",
		Remedy: `Take the reference out, or make the member optional by removing it from "required".`,
		Example: `sources/a/schema.json:18:20: error G202: $ref "#/$defs/y" leads back to itself
   18 |     "x": { "$ref": "#/$defs/y" },
      |                    ^`,
	},
	{
		ID: DependsUnknown, Title: "depends_on names no field",
		Cause:  "depends_on names other fields of the same configuration, and the value that each must have for this field to count.",
		Remedy: "Write the name of a field of this configuration, or declare the field.",
		Example: `sources/a/schema.json:12:76: error G203: depends_on names "sorce", which is not a field
   12 |       "one": { "type": "string", "title": "One", "x-ui": { "depends_on": { "sorce": "a" } } },
      |                                                                            ^ did you mean "source"?`,
	},
	{
		ID: DependsCycle, Title: "depends_on runs in a circle",
		Cause:  "Each of these fields waits for the others, so none could ever be shown.",
		Remedy: "Remove one of the conditions from depends_on.",
		Example: `sources/a/schema.json:18:63: error G204: depends_on runs in a circle: self → self
   18 |       "self": { "type": "boolean", "title": "Self", "x-ui": { "depends_on": { "self": true } } },
      |                                                               ^ remove one of the conditions`,
	},
	{
		ID: DependsValue, Title: "depends_on asks for a value that the field can't have",
		Cause:  "The condition could never be met: the field that depends_on names can't hold this value. Lists and numbers can't be depended on.",
		Remedy: "Write a value of that field's type and, where it has an enum, one of its values.",
		Example: `sources/a/schema.json:19:87: error G205: "one" can't have this value: an empty text counts as no value
   19 |       "empty": { "type": "string", "title": "Empty", "x-ui": { "depends_on": { "one": "" } } }
      |                                                                                       ^`,
	},
	{
		ID: Required, Title: "required names no property",
		Cause:  "Every name in required stands once and is a property of the same object.",
		Remedy: `Correct the name, declare the property, or take the name out of "required".`,
		Example: `sources/a/schema.json:9:34: error G206: required names "host" twice
    9 |     "required": ["hots", "host", "host", "nothing"],
      |                                  ^ remove one`,
	},
	{
		ID: Default, Title: "a default breaks its own schema",
		Cause:  "No library checks defaults, so the generator does: type, enum, bounds, lengths and pattern hold for the default too.",
		Remedy: "Write a default that the field itself would take, or leave it out. Give a required field a default that is not empty.",
		Example: `sources/a/schema.json:19:64: error G207: the default of "none" is not valid: it must be a boolean, not null
   19 |       "none": { "type": "boolean", "title": "None", "default": null },
      |                                                                ^ leave it out`,
	},
	{
		ID: Secret, Title: "a field looks like a secret",
		Cause:  "The name speaks of a password, token, key or secret, but the declaration does not say whether the value must be hidden.",
		Remedy: `Write "writeOnly": true, which makes it a connector.Secret that never prints and has an empty default, or "writeOnly": false if it is no secret.`,
		Example: `sources/a/schema.json:9:7: error G208: "api_token" looks like a secret
    9 |       "api_token": { "type": "string", "title": "API token" },
      |       ^ say "writeOnly": true or "writeOnly": false`,
	},
	{
		ID: Enum, Title: "enum and labels do not fit",
		Cause:  "enum holds different values of the field's own type; x-ui.labels holds one text for each, in the same order.",
		Remedy: "Remove the value that does not fit, or write one label for every value.",
		Example: `sources/a/schema.json:9:63: error G209: the value x stands twice in enum
    9 |       "a": { "type": "string", "title": "A", "enum": ["x", 1, "x", ""] },
      |                                                               ^ remove one`,
	},
	{
		ID: Title, Title: "two fields have one title",
		Cause:  "The title is the label in Kibana's form; two equal ones can't be told apart.",
		Remedy: `Write another "title" for one of the two fields.`,
		Example: `sources/a/schema.json:10:46: error G210: the title "Host" is used twice (first at 9:44, host)
   10 |       "server": { "type": "string", "title": "Host" }
      |                                              ^ labels in a form must differ`,
	},
	{
		ID: Pattern, Title: "a pattern is no regular expression",
		Cause:  "Patterns are RE2, as Go's regexp reads them, without look-ahead and back references. A field's pattern must match the whole value, as it does in Kibana.",
		Remedy: "Write an expression that RE2 knows, between ^ and $.",
		Example: `sources/a/schema.json:11:57: error G211: the pattern of a field must match the whole value, as it does in Kibana
   11 |       "c": { "type": "string", "title": "C", "pattern": "^a|b$" },
      |                                                         ^ write "^(?:^a|b$)$"`,
	},
	{
		ID: Format, Title: "unknown format",
		Cause:  "A format is checked, so only those that the runtime knows are allowed.",
		Remedy: `Write one of the formats that the message lists, or write a "pattern" instead.`,
		Example: `sources/a/schema.json:9:56: error G212: unknown format "hostnam"
    9 |       "a": { "type": "string", "title": "A", "format": "hostnam" },
      |                                                        ^ did you mean "hostname"?`,
	},
	{
		ID: Ability, Title: "abilities do not fit",
		Cause:  "An ability is unknown, stands twice, or lacks what belongs to it: advanced_rules needs the section of that name and the section needs the ability.",
		Remedy: `List in "abilities", each once, some of: advanced_rules, changes, incremental, access_control, field_types, config_check, basic_rules_check, rules_check, bulk_limits. Add the section or the ability that the message names.`,
		Example: `sources/c/schema.json:5:16: error G213: rules_check needs advanced_rules
    5 |   "abilities": ["rules_check"],
      |                ^ add the section and the ability, or remove rules_check`,
	},
	{
		ID: Identity, Title: "x-identity names no field",
		Cause:  "x-identity lists the fields that tell one configuration's documents from another's. Secrets can't be among them.",
		Remedy: "Write names of fields of the configuration that are no secrets.",
		Example: `sources/a/schema.json:5:18: error G214: x-identity names "hots", which is not a property
    5 |   "x-identity": ["hots", "token"],
      |                  ^ did you mean "host"?`,
	},
	{
		ID: Bounds, Title: "bounds contradict each other",
		Cause:  "No value could meet both bounds, or Kibana's form can't show one of them.",
		Remedy: "Raise one bound or lower the other. For a number write exclusiveMinimum or exclusiveMaximum, or say in x-ui.min_exclusive or x-ui.max_exclusive what the form should check.",
		Example: `sources/a/schema.json:9:72: error G215: no value lies between the bounds
    9 |       "a": { "type": "integer", "title": "A", "minimum": 5, "maximum": 4 },
      |                                                                        ^ raise this one or lower the other`,
	},
	{
		ID: Int64, Title: "a whole number is outside of int64",
		Cause:  "Integers become Go's int64, which reaches from -9223372036854775808 to 9223372036854775807.",
		Remedy: "Write a value within these bounds, or declare the field as text.",
		Example: `sources/a/schema.json:11:59: error G216: a value of enum is outside of int64
   11 |       "c": { "type": "integer", "title": "C", "enum": [1, 1e30] }
      |                                                           ^ integers reach from -9223372036854775808 to 9223372036854775807`,
	},
	{
		ID: Shared, Title: "a shared block clashes",
		Cause:  "The fields of shared blocks, which allOf takes in, join those of the configuration, so no name may stand in both.",
		Remedy: `Remove the field from the configuration, or rename it. To take in one field alone, write a "$ref" to it in "properties".`,
		Example: `sources/a/schema.json:10:7: error G217: the field "ssl_enabled" stands in two blocks (the other at schemas/shared/tls.json:7:5)
   10 |       "ssl_enabled": { "type": "boolean", "title": "TLS" }
      |       ^ remove one of the two`,
	},
	{
		ID: Renamed, Title: "x-renamed-from clashes",
		Cause:  "x-renamed-from lists former names of a field. Each is the name of no field and the former name of one field only.",
		Remedy: "Remove the name from this list, or from the other one that the message speaks of.",
		Example: `sources/a/schema.json:10:65: error G218: "old" is a field or the former name of another one
   10 |       "b": { "type": "string", "title": "B", "x-renamed-from": ["old"] }
      |                                                                 ^ a former name leads to one field`,
	},
	{
		ID: Example, Title: "an example breaks its own schema",
		Cause:  "Examples are shown in the documentation, so each must be valid where it stands.",
		Remedy: "Write an example that the schema beside it takes, or remove it.",
		Example: `sources/a/schema.json:15:57: error G219: the example is not valid: must be a list, not a number
   15 |     "examples": [[{ "query": "x" }], [{ "qery": "x" }], 7],
      |                                                         ^`,
	},
	{
		ID: GoNames, Title: "two names become one Go name",
		Cause:  "Go names leave out what identifiers can't have, so different keys can become one name.",
		Remedy: `Rename one of the keys, or write "x-go-name" beside it with a name of its own.`,
		Example: `sources/a/schema.json:22:14: error G301: the Go type RuleAB is declared already (for 21:12)
   22 |       "a_b": { "type": "string", "enum": ["c"] }
      |              ^ rename the key or the definition`,
	},
	{
		ID: GoName, Title: "a name can't become a Go name",
		Cause:  "Fields of a configuration are snake_case (a-z, 0-9 and _, starting with a letter); x-go-name is an exported Go identifier.",
		Remedy: "Write the name that the message proposes, or one in that form.",
		Example: `sources/a/schema.json:10:7: error G302: the field "pageSize" is not in snake_case
   10 |       "pageSize": { "type": "integer", "title": "Page size" },
      |       ^ did you mean "page_size"?`,
	},
	{
		ID: Directory, Title: "a folder's name is no package name",
		Cause:  "The folder below sources/ is the Go package, and this name can't be one: it is a word of Go or of the go command, or has other characters than a-z, 0-9 and _.",
		Remedy: `Rename the folder, for example by adding _source, and write its new name under "sources" in config.yml.`,
		Example: `sources/type/schema.json: error G303: the folder "type" is a Go keyword; it would become package type
    rename the folder, for example "type_source"`,
	},
}
