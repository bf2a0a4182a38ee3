package diag

// Codes is every code, in order. It is read only.
var Codes = []Code{
	{Syntax, "the file is not JSON", `A declaration is one JSON object in UTF-8 without a byte order mark.
Comments and trailing commas are no JSON.`},
	{Unknown, "unknown keyword", `The dialect is closed: a keyword that the generator does not know would be
lost without a word, so it is refused. Look for a typing mistake. Keywords of
your own are not possible; text for readers belongs in $comment.`},
	{BadValue, "a keyword has a value of the wrong kind", `Each keyword takes one kind of value, such as text, a whole number or a list
of texts. schemas/source.schema.json says which, and editors show it.`},
	{NotHere, "a keyword does not apply here", `JSON Schema ignores a keyword that does not fit the type, such as "pattern" on
an integer: it would look like a check and be none. It is refused instead.`},
	{Missing, "a keyword is missing", `A declaration says service_type, name, about and config; every node says its
type, every field its title, every list its items.`},
	{Unsupported, "a keyword of JSON Schema is not supported", `The generator implements the part of JSON Schema that Go types and Kibana's
form can express. The message says why the keyword is left out and what serves
instead.`},
	{Duplicate, "a key stands twice in one object", `JSON readers keep one of the two and say nothing. Remove or rename one.`},
	{Limit, "the file is too large or nested too deeply", `A declaration is at most 1 MiB, and objects and lists are nested at most 64
deep.`},
	{MetaSchema, "the declaration does not meet schemas/source.schema.json", `The generator's own checks passed, but the published schema refuses the file.
One of the two is wrong; please report it.`},
	{Reference, "a $ref leads nowhere", `A $ref names a part of the same file (#/$defs/NAME) or a file of
schemas/shared (../../schemas/shared/tls.json, with #/properties/NAME for one
field of it). Nothing is loaded from the network.`},
	{ReferenceCycle, "references run in a circle", `In a configuration no circle is possible. In advanced rules one is allowed
where a member that may be absent, or a list, ends it.`},
	{DependsUnknown, "depends_on names no field", `depends_on names other fields of the same configuration and the value that
each must have for this field to count.`},
	{DependsCycle, "depends_on runs in a circle", `Fields that depend on each other could never be shown.`},
	{DependsValue, "depends_on asks for a value that the field can't have", `The value must have the type of the field that depends_on names and, where it
has an enum, be one of its values. Lists and numbers can't be depended on.`},
	{Required, "required names no property", `Every name in required stands once and is a property of the same object.`},
	{Default, "a default breaks its own schema", `No library checks defaults, so the generator does: type, enum, bounds, lengths
and pattern hold for the default too. A required field may have a default (it
is the value that Kibana's form starts with) if it is not empty.`},
	{Secret, "a field looks like a secret", `A name that speaks of a password, token, key or secret must say "writeOnly":
true (it becomes connector.Secret, which never prints) or "writeOnly": false.
The default of a secret is empty.`},
	{Enum, "enum and labels do not fit", `enum holds different values of the field's own type; x-ui.labels holds one text
for each, in the same order.`},
	{Title, "two fields have one title", `The title is the label in Kibana's form; two equal ones can't be told apart.`},
	{Pattern, "a pattern is no regular expression", `Patterns are RE2, as Go's regexp reads them: no look-ahead, no back references.
A pattern matches anywhere in the value; write ^ and $ to match the whole.`},
	{Format, "unknown format", `A format is checked, so only those that the runtime knows are allowed; the
message lists them. For others use pattern.`},
	{Ability, "abilities do not fit", `abilities lists, each once: advanced_rules, changes, incremental,
access_control, field_types, config_check, basic_rules_check, rules_check,
bulk_limits. advanced_rules needs the section of that name and the section
needs the ability.`},
	{Identity, "x-identity names no field", `x-identity lists fields of the configuration that tell one configuration's
documents from another's. Secrets can't be among them.`},
	{Bounds, "bounds contradict each other", `No value could meet both. A number's inclusive bound can't be shown by Kibana:
use exclusiveMinimum or exclusiveMaximum, or say in x-ui.min_exclusive or
x-ui.max_exclusive what the form should check.`},
	{Int64, "a whole number is outside of int64", `Integers become Go's int64: -9223372036854775808 to 9223372036854775807.`},
	{Shared, "a shared block clashes", `allOf takes shared blocks, each a $ref to a file of schemas/shared. Its fields
join those of the configuration, so no name may stand in both.`},
	{Renamed, "x-renamed-from clashes", `x-renamed-from lists former names of a field. Each is the name of no field and
former name of one field only.`},
	{Example, "an example breaks its own schema", `Examples are shown in the documentation, so each must be valid where it stands.`},
	{GoNames, "two names become one Go name", `Go names leave out what identifiers can't have, so different keys can meet.
Rename one, or give one a name of its own with x-go-name.`},
	{GoName, "a name can't become a Go name", `Fields of a configuration are snake_case: a-z, 0-9 and _, starting with a
letter. x-go-name is an exported Go identifier.`},
	{Directory, "a folder's name is no package name", `The folder below sources/ is the Go package: a-z, 0-9 and _, starting with a
letter, no keyword or predeclared name of Go, none that the go command treats
apart (internal, vendor, testdata, main, …_test).`},
	{ServiceTypes, "a service type is used twice", `service_type and aliases of all sources are one set of names: a stored
connector must lead to one source.`},
	{RegistryType, "service_type differs from config.yml", `The key under sources: in config.yml is the service_type of the declaration.`},
	{RegistryFolder, "config.yml lists a folder without declaration", `An entry under sources: leads to a folder below sources/ that holds a
schema.json.`},
	{RegistryLacks, "a source is not listed in config.yml", `sources: in config.yml decides what is compiled in. Add the line, or remove
the folder.`},
	{RegistryTwice, "config.yml lists a source twice", `Each service type and each folder stands once under sources:.`},
	{RegistryForm, "config.yml can't be read", `config.yml is YAML; sources: maps a service type to sources/FOLDER.`},
	{Readme, "README.md lacks its markers", `The tables of a source's README.md are generated between
<!-- gen:begin configuration --> and <!-- gen:end configuration -->, and the
same with "rules" for sources with advanced rules. Each marker stands once.`},
	{Differs, "a generated file differs", `The file was edited, or the declaration changed and nobody ran the generator.
Edit schema.json or the hand-written files, then run: go run ./gen generate`},
	{Absent, "a generated file is missing", `Run: go run ./gen generate`},
	{Stale, "a generated file has no declaration any more", `Run: go run ./gen generate, which removes it.`},
	{Foreign, "a file has a generated file's name but not its header", `Names that end in _gen.go or _gen_test.go belong to the generator. It never
touches a file without its header; rename the file.`},
	{FieldGone, "a field of stored configurations is gone", `Stored configurations hold a value under this name, and it would be lost.
Renamed, such as "token" to "api_key":
    "api_key": { …, "x-renamed-from": ["token"] }
No longer needed: keep it with "deprecated": true for a release; a field that
was deprecated may go.`},
	{TypeChanged, "a field has another type", `Stored values have the old type. Only an integer may become a number. For any
other type add a field with a new name and make the old one "deprecated": true.`},
	{Narrowed, "a field refuses values that it took", `A stored value that was valid would be refused, for example by "maximum": 10
where there was 100, or an enum that lost a value. Keep what was allowed; what
new configurations should not have belongs in the description or in code
(ability config_check).`},
	{Demanded, "a field demands a value that stored configurations lack", `Stored configurations know nothing of a new field and may hold an empty value
for an optional one. Give a new required field a default:
    "region": { …, "default": "eu" }
or leave it optional, or let it depend on a value that no stored configuration
can have. A field that was optional stays optional; a default does not help,
as the stored value may be empty.`},
	{Exposed, "a secret would be shown", `Values that were stored under "writeOnly": true would be shown in forms and
messages. Keep it, or add a field with a new name.`},
	{CountsNow, "a field counts where it did not", `A field whose conditions in depends_on are not met is not looked at, so stored
configurations may hold anything there. With fewer or other conditions it would
be validated. Keep the conditions, or add a field with a new name.`},
	{NameGone, "a service type is gone", `Stored connectors lead to a source by its service_type or one of its aliases.
A renamed service type stays as an alias:
    "service_type": "files", "aliases": ["directory"]`},
	{AbilityGone, "an ability is gone that stored documents rely on", `advanced_rules: stored rules would no longer be obeyed, and what they exclude
would be indexed. access_control: documents would be indexed without the list of
who may see them. The other abilities can be taken back.`},
	{RulesNarrowed, "advanced rules refuse what they took", `Stored rules that were valid would be refused: a member is gone from a closed
object, one is required that was not, or values are checked more strictly. Keep
what was allowed and check in code (ability rules_check) what can be checked
for new rules only.`},
	{IdentityChanged, "a configuration would get another identity", `The values of x-identity tell one configuration's documents from another's, in
their order; without x-identity it is the required fields that are no secrets,
in the order of the file. With others, the documents that are indexed would
belong to nobody. Write down what it was:
    "x-identity": ["host", "port"]`},
	{DefaultChanged, "a default changed", `No stored configuration is refused, but each that leaves the field empty has
another value from now on. Only people can tell whether that is what they want.`},
	{NotJudged, "compat can't judge an edit", `Whether one union takes all that another took can't be told in general. Each
branch of the base is looked for among the branches of now; one that is not
found there is named. Look at it yourself.`},
}
