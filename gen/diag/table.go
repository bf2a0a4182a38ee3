package diag

// Codes is every code, in order. It is read only.
var Codes = []Code{
	{Syntax, "the file is not JSON", `A declaration is one JSON object in UTF-8 without a byte order mark.
Comments and trailing commas are no JSON.`,
		`sources/e/schema.json:2:15: error G101: the text is not UTF-8
    2 |   "name": "caf�"
      |               ^`},
	{Unknown, "unknown keyword", `The dialect is closed: a keyword that the generator does not know would be
lost without a word, so it is refused. Look for a typing mistake. Keywords of
your own are not possible; text for readers belongs in $comment.`,
		`sources/a/schema.json:5:3: error G102: unknown keyword "abot" in a declaration
    5 |   "abot": "x",
      |   ^ did you mean "about"?`},
	{BadValue, "a keyword has a value of the wrong kind", `Each keyword takes one kind of value, such as text, a whole number or a list
of texts. schemas/source.schema.json says which, and editors show it.`,
		`sources/a/schema.json:20:15: error G103: a field is an object, not null
   20 |       "none": null
      |               ^`},
	{NotHere, "a keyword does not apply here", `JSON Schema ignores a keyword that does not fit the type, such as "pattern" on
an integer: it would look like a check and be none. It is refused instead.`,
		`sources/a/schema.json:25:43: error G104: "minLength" can't stand beside "$ref"
   25 |         "ref": { "$ref": "#/$defs/thing", "minLength": 3 },
      |                                           ^ move it to where $ref leads`},
	{Missing, "a keyword is missing", `A declaration says service_type, name, about and config; every node says its
type, every field its title, every list its items.`,
		`sources/a/schema.json:1:1: error G105: "about" is missing
    1 | {
      | ^ it is text that is not empty`},
	{Unsupported, "a keyword of JSON Schema is not supported", `The generator implements the part of JSON Schema that Go types and Kibana's
form can express. The message says why the keyword is left out and what serves
instead.`,
		`sources/a/schema.json:10:15: error G106: "allOf" takes shared blocks only
   10 |     "allOf": [{ "type": "object" }],
      |               ^ write {"$ref": "../../schemas/shared/NAME.json"}`},
	{Duplicate, "a key stands twice in one object", `JSON readers keep one of the two and say nothing. Remove or rename one.`,
		`sources/a/schema.json:5:3: error G107: the key "name" stands twice (first at 3:3)
    5 |   "name": "Twice",
      |   ^ remove or rename one`},
	{Limit, "the file is too large or nested too deeply", `A declaration is at most 1 MiB, and objects and lists are nested at most 64
deep.`,
		`sources/a/schema.json:1:76: error G108: nested deeper than 64 levels
    1 | { "config": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] }
      |                                                                            ^`},
	{MetaSchema, "the declaration does not meet schemas/source.schema.json", `The generator's own checks passed, but the published schema refuses the file.
One of the two is wrong; please report it.`,
		`sources/a/schema.json:3:11: error G109: /name: must have at most 0 characters
    3 |   "name": "A",
      |           ^ schemas/source.schema.json and the generator disagree`},
	{Reference, "a $ref leads nowhere", `A $ref names a part of the same file (#/$defs/NAME) or a file of
schemas/shared (../../schemas/shared/tls.json, with #/properties/NAME for one
field of it). Nothing is loaded from the network.`,
		`sources/a/schema.json:9:22: error G201: $ref "#/$defs/hots" leads nowhere
    9 |       "a": { "$ref": "#/$defs/hots" },
      |                      ^ did you mean "host"?`},
	{ReferenceCycle, "references run in a circle", `In a configuration no circle is possible. In advanced rules one is allowed
where a member that may be absent, or a list, ends it.`,
		`sources/a/schema.json:18:20: error G202: $ref "#/$defs/y" leads back to itself
   18 |     "x": { "$ref": "#/$defs/y" },
      |                    ^`},
	{DependsUnknown, "depends_on names no field", `depends_on names other fields of the same configuration and the value that
each must have for this field to count.`,
		`sources/a/schema.json:12:76: error G203: depends_on names "sorce", which is not a field
   12 |       "one": { "type": "string", "title": "One", "x-ui": { "depends_on": { "sorce": "a" } } },
      |                                                                            ^ did you mean "source"?`},
	{DependsCycle, "depends_on runs in a circle", `Fields that depend on each other could never be shown.`,
		`sources/a/schema.json:18:63: error G204: depends_on runs in a circle: self → self
   18 |       "self": { "type": "boolean", "title": "Self", "x-ui": { "depends_on": { "self": true } } },
      |                                                               ^ remove one of the conditions`},
	{DependsValue, "depends_on asks for a value that the field can't have", `The value must have the type of the field that depends_on names and, where it
has an enum, be one of its values. Lists and numbers can't be depended on.`,
		`sources/a/schema.json:19:87: error G205: "one" can't have this value: an empty text counts as no value
   19 |       "empty": { "type": "string", "title": "Empty", "x-ui": { "depends_on": { "one": "" } } }
      |                                                                                       ^`},
	{Required, "required names no property", `Every name in required stands once and is a property of the same object.`,
		`sources/a/schema.json:9:34: error G206: required names "host" twice
    9 |     "required": ["hots", "host", "host", "nothing"],
      |                                  ^ remove one`},
	{Default, "a default breaks its own schema", `No library checks defaults, so the generator does: type, enum, bounds, lengths
and pattern hold for the default too. A required field may have a default (it
is the value that Kibana's form starts with) if it is not empty.`,
		`sources/a/schema.json:19:64: error G207: the default of "none" is not valid: it must be a boolean, not null
   19 |       "none": { "type": "boolean", "title": "None", "default": null },
      |                                                                ^ leave it out`},
	{Secret, "a field looks like a secret", `A name that speaks of a password, token, key or secret must say "writeOnly":
true (it becomes connector.Secret, which never prints) or "writeOnly": false.
The default of a secret is empty.`,
		`sources/a/schema.json:9:7: error G208: "api_token" looks like a secret
    9 |       "api_token": { "type": "string", "title": "API token" },
      |       ^ say "writeOnly": true or "writeOnly": false`},
	{Enum, "enum and labels do not fit", `enum holds different values of the field's own type; x-ui.labels holds one text
for each, in the same order.`,
		`sources/a/schema.json:9:63: error G209: the value x stands twice in enum
    9 |       "a": { "type": "string", "title": "A", "enum": ["x", 1, "x", ""] },
      |                                                               ^ remove one`},
	{Title, "two fields have one title", `The title is the label in Kibana's form; two equal ones can't be told apart.`,
		`sources/a/schema.json:10:46: error G210: the title "Host" is used twice (first at 9:44, host)
   10 |       "server": { "type": "string", "title": "Host" }
      |                                              ^ labels in a form must differ`},
	{Pattern, "a pattern is no regular expression", `Patterns are RE2, as Go's regexp reads them: no look-ahead, no back references.
A pattern matches anywhere in the value; write ^ and $ to match the whole.`,
		`sources/a/schema.json:11:57: error G211: the pattern of a field must match the whole value, as it does in Kibana
   11 |       "c": { "type": "string", "title": "C", "pattern": "^a|b$" },
      |                                                         ^ write "^(?:^a|b$)$"`},
	{Format, "unknown format", `A format is checked, so only those that the runtime knows are allowed; the
message lists them. For others use pattern.`,
		`sources/a/schema.json:9:56: error G212: unknown format "hostnam"
    9 |       "a": { "type": "string", "title": "A", "format": "hostnam" },
      |                                                        ^ did you mean "hostname"?`},
	{Ability, "abilities do not fit", `abilities lists, each once: advanced_rules, changes, incremental,
access_control, field_types, config_check, basic_rules_check, rules_check,
bulk_limits. advanced_rules needs the section of that name and the section
needs the ability.`,
		`sources/c/schema.json:5:16: error G213: rules_check needs advanced_rules
    5 |   "abilities": ["rules_check"],
      |                ^ add the section and the ability, or remove rules_check`},
	{Identity, "x-identity names no field", `x-identity lists fields of the configuration that tell one configuration's
documents from another's. Secrets can't be among them.`,
		`sources/a/schema.json:5:18: error G214: x-identity names "hots", which is not a property
    5 |   "x-identity": ["hots", "token"],
      |                  ^ did you mean "host"?`},
	{Bounds, "bounds contradict each other", `No value could meet both. A number's inclusive bound can't be shown by Kibana:
use exclusiveMinimum or exclusiveMaximum, or say in x-ui.min_exclusive or
x-ui.max_exclusive what the form should check.`,
		`sources/a/schema.json:9:72: error G215: no value lies between the bounds
    9 |       "a": { "type": "integer", "title": "A", "minimum": 5, "maximum": 4 },
      |                                                                        ^ raise this one or lower the other`},
	{Int64, "a whole number is outside of int64", `Integers become Go's int64: -9223372036854775808 to 9223372036854775807.`,
		`sources/a/schema.json:11:59: error G216: a value of enum is outside of int64
   11 |       "c": { "type": "integer", "title": "C", "enum": [1, 1e30] }
      |                                                           ^ integers reach from -9223372036854775808 to 9223372036854775807`},
	{Shared, "a shared block clashes", `allOf takes shared blocks, each a $ref to a file of schemas/shared. Its fields
join those of the configuration, so no name may stand in both.`,
		`sources/a/schema.json:10:7: error G217: the field "ssl_enabled" stands in two blocks (the other at schemas/shared/tls.json:7:5)
   10 |       "ssl_enabled": { "type": "boolean", "title": "TLS" }
      |       ^ remove one of the two`},
	{Renamed, "x-renamed-from clashes", `x-renamed-from lists former names of a field. Each is the name of no field and
former name of one field only.`,
		`sources/a/schema.json:10:65: error G218: "old" is a field or the former name of another one
   10 |       "b": { "type": "string", "title": "B", "x-renamed-from": ["old"] }
      |                                                                 ^ a former name leads to one field`},
	{Example, "an example breaks its own schema", `Examples are shown in the documentation, so each must be valid where it stands.`,
		`sources/a/schema.json:15:57: error G219: the example is not valid: must be a list, not a number
   15 |     "examples": [[{ "query": "x" }], [{ "qery": "x" }], 7],
      |                                                         ^`},
	{GoNames, "two names become one Go name", `Go names leave out what identifiers can't have, so different keys can meet.
Rename one, or give one a name of its own with x-go-name.`,
		`sources/a/schema.json:22:14: error G301: the Go type RuleAB is declared already (for 21:12)
   22 |       "a_b": { "type": "string", "enum": ["c"] }
      |              ^ rename the key or the definition`},
	{GoName, "a name can't become a Go name", `Fields of a configuration are snake_case: a-z, 0-9 and _, starting with a
letter. x-go-name is an exported Go identifier.`,
		`sources/a/schema.json:10:7: error G302: the field "pageSize" is not in snake_case
   10 |       "pageSize": { "type": "integer", "title": "Page size" },
      |       ^ did you mean "page_size"?`},
	{Directory, "a folder's name is no package name", `The folder below sources/ is the Go package: a-z, 0-9 and _, starting with a
letter, no keyword or predeclared name of Go, none that the go command treats
apart (internal, vendor, testdata, main, …_test).`,
		`sources/type/schema.json: error G303: the folder "type" is a Go keyword; it would become package type
    rename the folder, for example "type_source"`},
	{ServiceTypes, "a service type is used twice", `service_type and aliases of all sources are one set of names: a stored
connector must lead to one source.`,
		`sources/a/schema.json:5:15: error G401: the service type "b" is used twice (first at sources/b/schema.json:2:19)
    5 |   "aliases": ["b", "a"],
      |               ^ service types and aliases must differ`},
	{RegistryType, "service_type differs from config.yml", `The key under sources: in config.yml is the service_type of the declaration.`,
		`config.yml:4:3: error G402: the service type is "wrong" here and "b" at sources/b/schema.json:2:19
    4 |   wrong: sources/b
      |   ^ make them equal`},
	{RegistryFolder, "config.yml lists a folder without declaration", `An entry under sources: leads to a folder below sources/ that holds a
schema.json.`,
		`config.yml:8:6: error G403: sources/cc/schema.json does not exist
    8 |   d: sources/cc
      |      ^ did you mean "sources/c"?`},
	{RegistryLacks, "a source is not listed in config.yml", `sources: in config.yml decides what is compiled in. Add the line, or remove
the folder.`,
		`config.yml:2:1: error G404: sources: does not list sources/c
    2 | sources:
      | ^ add the line: c: sources/c`},
	{RegistryTwice, "config.yml lists a source twice", `Each service type and each folder stands once under sources:.`,
		`config.yml:7:3: error G405: "a" stands twice under sources: (first at 3:3)
    7 |   a: sources/a # again
      |   ^ remove one`},
	{RegistryForm, "config.yml can't be read", `config.yml is YAML; sources: maps a service type to sources/FOLDER.`,
		`config.yml:2:1: error G406: not YAML: did not find expected key
    2 |   host: x
      | ^`},
	{Readme, "README.md lacks its markers", `The tables of a source's README.md are generated between
<!-- gen:begin configuration --> and <!-- gen:end configuration -->, and the
same with "rules" for sources with advanced rules. Each marker stands once.`,
		`sources/b/README.md:4:1: error G407: the marker <!-- gen:end configuration --> stands twice
    4 | <!-- gen:end configuration -->
      | ^ remove one`},
	{Differs, "a generated file differs", `The file was edited, or the declaration changed and nobody ran the generator.
Edit schema.json or the hand-written files, then run: go run ./gen generate`,
		`sources/a/config_gen.go:3:1: error G501: differs from what sources/a/schema.json gives
    3 | package edited
      | ^ edit that, not this, then run: make generate`},
	{Absent, "a generated file is missing", `Run: go run ./gen generate`,
		`sources/registry_gen.go: error G502: missing
    run: make generate`},
	{Stale, "a generated file has no declaration any more", `Run: go run ./gen generate, which removes it.`,
		`sources/old/config_gen.go: error G503: stale: nothing declares it any more
    run: make generate`},
	{Foreign, "a file has a generated file's name but not its header", `Names that end in _gen.go or _gen_test.go belong to the generator. It never
touches a file without its header; rename the file.`,
		`sources/a/kind_gen.go: error G504: foreign: a generated file's name without its header
    rename it; names that end in _gen.go and _gen_test.go are the generator's`},
	{FieldGone, "a field of stored configurations is gone", `Stored configurations hold a value under this name, and it would be lost.
Renamed, such as "token" to "api_key":
    "api_key": { …, "x-renamed-from": ["token"] }
No longer needed: keep it with "deprecated": true for a release; a field that
was deprecated may go.`,
		`sources/a/schema.json:5:5: error G601: the field "token" is gone (base: sources/a/schema.json:7:7)
    5 |     "properties": {
      |     ^ if "api_token" is its new name: "x-renamed-from": ["token"]`},
	{TypeChanged, "a field has another type", `Stored values have the old type. Only an integer may become a number. For any
other type add a field with a new name and make the old one "deprecated": true.`,
		`sources/a/schema.json:9:17: error G602: "type" was a string and is a boolean (base: sources/a/schema.json:9:17)
    9 |       "type": { "type": "boolean", "title": "Type" },
      |                 ^ keep the type, or add a field with a new name`},
	{Narrowed, "a field refuses values that it took", `A stored value that was valid would be refused, for example by "maximum": 10
where there was 100, or an enum that lost a value. Keep what was allowed; what
new configurations should not have belongs in the description or in code
(ability config_check).`,
		`sources/a/schema.json:8:7: error G603: "enum_to_pattern" takes "x1" no more (base: sources/a/schema.json:8:75)
    8 |       "enum_to_pattern": { "type": "string", "title": "3", "pattern": "^[a-z]*$" },
      |       ^ allow it`},
	{Demanded, "a field demands a value that stored configurations lack", `Stored configurations know nothing of a new field and may hold an empty value
for an optional one. Give a new required field a default:
    "region": { …, "default": "eu" }
or leave it optional, or let it depend on a value that no stored configuration
can have. A field that was optional stays optional; a default does not help,
as the stored value may be empty.`,
		`sources/a/schema.json:13:7: error G604: "preset" is required and lost its default (base: sources/a/schema.json:13:56)
   13 |       "preset": { "type": "string", "title": "Preset" },
      |       ^ keep the default`},
	{Exposed, "a secret would be shown", `Values that were stored under "writeOnly": true would be shown in forms and
messages. Keep it, or add a field with a new name.`,
		`sources/a/schema.json:11:56: error G605: "secret" was a secret and would be shown (base: sources/a/schema.json:11:56)
   11 |       "secret": { "type": "string", "title": "Secret", "writeOnly": false },
      |                                                        ^ keep "writeOnly": true`},
	{CountsNow, "a field counts where it did not", `A field whose conditions in depends_on are not met is not looked at, so stored
configurations may hold anything there. With fewer or other conditions it would
be validated. Keep the conditions, or add a field with a new name.`,
		`sources/a/schema.json:16:55: error G606: "shown" counted only when kind is true; that condition is gone (base: sources/a/schema.json:16:55)
   16 |       "shown": { "type": "integer", "title": "Shown", "x-ui": { "depends_on": { "mode": "x" } } },
      |                                                       ^ keep it as it was, or add a field with a new name`},
	{NameGone, "a service type is gone", `Stored connectors lead to a source by its service_type or one of its aliases.
A renamed service type stays as an alias:
    "service_type": "files", "aliases": ["directory"]`,
		`config.yml:1:1: error G607: no source answers to "b" any more (base: sources/b/schema.json:2:19)
    1 | sources:
      | ^ add it to the aliases of the source that takes its place: "b"`},
	{AbilityGone, "an ability is gone that stored documents rely on", `advanced_rules: stored rules would no longer be obeyed, and what they exclude
would be indexed. access_control: documents would be indexed without the list of
who may see them. The other abilities can be taken back.`,
		`sources/c/schema.json:2:3: error G608: the ability advanced_rules is gone (base: sources/c/schema.json:3:17)
    2 |   "service_type": "c", "name": "C", "about": "Things.",
      |   ^ keep it`},
	{RulesNarrowed, "advanced rules refuse what they took", `Stored rules that were valid would be refused: a member is gone from a closed
object, one is required that was not, or values are checked more strictly. Keep
what was allowed and check in code (ability rules_check) what can be checked
for new rules only.`,
		`sources/a/schema.json:8:19: error G609: "type" was of type null and is string (base: sources/a/schema.json:9:27)
    8 |         "type": { "type": "string" },
      |                   ^ keep the type`},
	{IdentityChanged, "a configuration would get another identity", `The values of x-identity tell one configuration's documents from another's, in
their order; without x-identity it is the required fields that are no secrets,
in the order of the file. With others, the documents that are indexed would
belong to nobody. Write down what it was:
    "x-identity": ["host", "port"]`,
		`sources/a/schema.json:4:3: error G610: the identity was ["x", "y"] and is ["y", "x"]: indexed documents would belong to nobody
    4 |   "config": {
      |   ^ write "x-identity": ["x", "y"]`},
	{DefaultChanged, "a default changed", `No stored configuration is refused, but each that leaves the field empty has
another value from now on. Only people can tell whether that is what they want.`,
		`sources/a/schema.json:14:55: note G611: the default of "other" was 1 and is 2
   14 |       "other": { "type": "integer", "title": "Other", "default": 2 },
      |                                                       ^ stored configurations that leave it empty change with it`},
	{NotJudged, "compat can't judge an edit", `Whether one union takes all that another took can't be told in general. Each
branch of the base is looked for among the branches of now; one that is not
found there is named. Look at it yourself.`,
		`sources/a/schema.json:14:20: note G612: "union": no branch alone takes all that this one of the base took (base: sources/a/schema.json:15:52)
   14 |         "union": { "anyOf": [{ "type": "boolean" }, { "type": "string" }] },
      |                    ^ look whether stored rules are still taken`},
}
