package diag

// ofProject are the codes of what lies around a declaration, and of what was
// released: 4xx to 6xx.
var ofProject = []Code{
	{
		ID: ServiceTypes, Title: "a service type is used twice",
		Cause:  "service_type and aliases of all sources are one set of names: a stored connector must lead to one source.",
		Remedy: "Write another service_type, or remove the alias.",
		Example: `sources/a/schema.json:5:15: error G401: the service type "b" is used twice (first at sources/b/schema.json:2:19)
    5 |   "aliases": ["b", "a"],
      |               ^ service types and aliases must differ`,
	},
	{
		ID: RegistryType, Title: "service_type differs from config.yml",
		Cause:  "The key under sources: in config.yml is the service_type of the declaration; here they differ.",
		Remedy: "Write the service_type of the declaration as the key, or change it in the declaration.",
		Example: `config.yml:4:3: error G402: the service type is "wrong" here and "b" at sources/b/schema.json:2:19
    4 |   wrong: sources/b
      |   ^ make them equal`,
	},
	{
		ID: RegistryFolder, Title: "config.yml lists a folder without declaration",
		Cause:  "An entry under sources: leads to a folder below sources/ that holds a schema.json, and this one does not.",
		Remedy: "Correct the folder's name, or remove the line.",
		Example: `config.yml:8:6: error G403: sources/cc/schema.json does not exist
    8 |   d: sources/cc
      |      ^ did you mean "sources/c"?`,
	},
	{
		ID: RegistryLacks, Title: "a source is not listed in config.yml",
		Cause:  "sources: in config.yml decides what is compiled in, and no line of it leads to this source.",
		Remedy: `Add the line that the message proposes under "sources", or remove the folder.`,
		Example: `config.yml:2:1: error G404: sources: does not list sources/c
    2 | sources:
      | ^ add the line: c: sources/c`,
	},
	{
		ID: RegistryTwice, Title: "config.yml lists a source twice",
		Cause:  "Each service type and each folder stands once under sources:.",
		Remedy: "Remove one of the two lines.",
		Example: `config.yml:7:3: error G405: "a" stands twice under sources: (first at 3:3)
    7 |   a: sources/a # again
      |   ^ remove one`,
	},
	{
		ID: RegistryForm, Title: "config.yml can't be read",
		Cause:  "config.yml is YAML, and sources: in it maps each service type to its folder.",
		Remedy: `Write the lines under "sources" in the form "mysql: sources/mysql", indented by two blanks.`,
		Example: `config.yml:2:1: error G406: not YAML: did not find expected key
    2 |   host: x
      | ^`,
	},
	{
		ID: Readme, Title: "README.md lacks its markers",
		Cause:  `The tables of a source's README.md are written between marks, "configuration" for all sources and "rules" for those with advanced rules; a pair is missing, stands twice or is out of order.`,
		Remedy: "Write <!-- gen:begin configuration --> and below it <!-- gen:end configuration -->, once each, and the same with rules where the source has advanced rules.",
		Example: `sources/b/README.md:4:1: error G407: the marker <!-- gen:end configuration --> stands twice
    4 | <!-- gen:end configuration -->
      | ^ remove one`,
	},
	{
		ID: Differs, Title: "a generated file differs",
		Cause:  "The file was edited, or the declaration changed and nobody ran the generator.",
		Remedy: "Edit schema.json or the hand-written files, not this one, and run: make generate",
		Example: `sources/a/config_gen.go:3:1: error G501: differs from what sources/a/schema.json gives
    3 | package edited
      | ^ edit that, not this, then run: make generate`,
	},
	{
		ID: Absent, Title: "a generated file is missing",
		Cause:  "The declarations give this file, and it is not on the disk.",
		Remedy: "Run: make generate",
		Example: `sources/registry_gen.go: error G502: missing
    run: make generate`,
	},
	{
		ID: Stale, Title: "a generated file has no declaration any more",
		Cause:  "The file was generated from a declaration that is gone.",
		Remedy: "Run: make generate, which removes it",
		Example: `sources/old/config_gen.go: error G503: stale: nothing declares it any more
    run: make generate`,
	},
	{
		ID: Foreign, Title: "a file has a generated file's name but not its header",
		Cause:  "Names that end in _gen.go or _gen_test.go belong to the generator, which never touches a file without its header.",
		Remedy: "Rename the file, so that its name ends in neither.",
		Example: `sources/a/kind_gen.go: error G504: foreign: a generated file's name without its header
    rename it; names that end in _gen.go and _gen_test.go are the generator's`,
	},
	{
		ID: FieldGone, Title: "a field of stored configurations is gone",
		Cause:  "Stored configurations hold a value under this name, and it would be lost.",
		Remedy: `Write "x-renamed-from": ["OLD"] beside the field that takes its place. If none does, keep it with "deprecated": true for a release; after that it may go.`,
		Example: `sources/a/schema.json:5:5: error G601: the field "token" is gone (base: sources/a/schema.json:7:7)
    5 |     "properties": {
      |     ^ if "api_token" is its new name: "x-renamed-from": ["token"]`,
	},
	{
		ID: TypeChanged, Title: "a field has another type",
		Cause:  "Stored values have the old type. Only an integer may become a number.",
		Remedy: `Keep the type, or add a field with a new name and write "deprecated": true on the old one.`,
		Example: `sources/a/schema.json:9:17: error G602: "type" was a string and is a boolean (base: sources/a/schema.json:9:17)
    9 |       "type": { "type": "boolean", "title": "Type" },
      |                 ^ keep the type, or add a field with a new name`,
	},
	{
		ID: Narrowed, Title: "a field refuses values that it took",
		Cause:  `A stored value that was valid would be refused, for example by "maximum": 10 where there was 100, or an enum that lost a value.`,
		Remedy: "Allow what was allowed. Say in the description, or check in code (ability config_check), what new configurations should not have.",
		Example: `sources/a/schema.json:8:7: error G603: "enum_to_pattern" takes "x1" no more (base: sources/a/schema.json:8:75)
    8 |       "enum_to_pattern": { "type": "string", "title": "3", "pattern": "^[a-z]*$" },
      |       ^ allow it`,
	},
	{
		ID: Demanded, Title: "a field demands a value that stored configurations lack",
		Cause:  "Stored configurations know nothing of a new field, and may hold an empty value for one that was optional; a default does not help there.",
		Remedy: `Write a "default" for a new required field, or leave it out of "required". Keep optional what was optional.`,
		Example: `sources/a/schema.json:13:7: error G604: "preset" is required and lost its default (base: sources/a/schema.json:13:56)
   13 |       "preset": { "type": "string", "title": "Preset" },
      |       ^ keep the default`,
	},
	{
		ID: Exposed, Title: "a secret would be shown",
		Cause:  `Values that were stored under "writeOnly": true would be shown in forms and messages.`,
		Remedy: `Keep "writeOnly": true, or add a field with a new name.`,
		Example: `sources/a/schema.json:11:56: error G605: "secret" was a secret and would be shown (base: sources/a/schema.json:11:56)
   11 |       "secret": { "type": "string", "title": "Secret", "writeOnly": false },
      |                                                        ^ keep "writeOnly": true`,
	},
	{
		ID: CountsNow, Title: "a field counts where it did not",
		Cause:  "A field whose conditions in depends_on are not met is not looked at, so stored configurations may hold anything there. With fewer or other conditions it would be validated.",
		Remedy: "Keep the conditions in depends_on, or add a field with a new name.",
		Example: `sources/a/schema.json:16:55: error G606: "shown" counted only when kind is true; that condition is gone (base: sources/a/schema.json:16:55)
   16 |       "shown": { "type": "integer", "title": "Shown", "x-ui": { "depends_on": { "mode": "x" } } },
      |                                                       ^ keep it as it was, or add a field with a new name`,
	},
	{
		ID: NameGone, Title: "a service type is gone",
		Cause:  "Stored connectors lead to a source by its service_type or one of its aliases, and this name leads nowhere any more.",
		Remedy: `Write the former name into "aliases" of the source that takes its place, such as "service_type": "files", "aliases": ["directory"].`,
		Example: `config.yml:1:1: error G607: no source answers to "b" any more (base: sources/b/schema.json:2:19)
    1 | sources:
      | ^ add it to the aliases of the source that takes its place: "b"`,
	},
	{
		ID: AbilityGone, Title: "an ability is gone that stored documents rely on",
		Cause:  "Without advanced_rules stored rules would no longer be obeyed, and what they exclude would be indexed; without access_control documents would lose the list of who may see them. The other abilities can be taken back.",
		Remedy: `Write the ability back into "abilities".`,
		Example: `sources/c/schema.json:2:3: error G608: the ability advanced_rules is gone (base: sources/c/schema.json:3:17)
    2 |   "service_type": "c", "name": "C", "about": "Things.",
      |   ^ keep it`,
	},
	{
		ID: RulesNarrowed, Title: "advanced rules refuse what they took",
		Cause:  "Stored rules that were valid would be refused: a member is gone from a closed object, one is required that was not, or values are checked more strictly.",
		Remedy: "Allow what was allowed, and check in code (ability rules_check) what new rules should not have.",
		Example: `sources/a/schema.json:8:19: error G609: "type" was of type null and is string (base: sources/a/schema.json:9:27)
    8 |         "type": { "type": "string" },
      |                   ^ keep the type`,
	},
	{
		ID: IdentityChanged, Title: "a configuration would get another identity",
		Cause:  "The identity is the values of x-identity or, without it, of the required fields that are no secrets, in their order. With another one the documents that are indexed would belong to nobody.",
		Remedy: `Write down what the identity was, such as "x-identity": ["host", "port"].`,
		Example: `sources/a/schema.json:4:3: error G610: the identity was ["x", "y"] and is ["y", "x"]: indexed documents would belong to nobody
    4 |   "config": {
      |   ^ write "x-identity": ["x", "y"]`,
	},
	{
		ID: DefaultChanged, Title: "a default changed",
		Cause:  "No stored configuration is refused, but each that leaves the field empty has another value from now on.",
		Remedy: "Ask whether that is wanted, and write it in the changelog; else write the old default back.",
		Example: `sources/a/schema.json:14:55: note G611: the default of "other" was 1 and is 2
   14 |       "other": { "type": "integer", "title": "Other", "default": 2 },
      |                                                       ^ stored configurations that leave it empty change with it`,
	},
	{
		ID: NotJudged, Title: "compat can't judge an edit",
		Cause:  "Whether one union takes all that another took can't be told in general: each branch of the base is looked for among the branches of now, and this one was not found.",
		Remedy: "Compare the two by hand, and keep a branch that takes what the old one took.",
		Example: `sources/a/schema.json:14:20: note G612: "union": no branch alone takes all that this one of the base took (base: sources/a/schema.json:15:52)
   14 |         "union": { "anyOf": [{ "type": "boolean" }, { "type": "string" }] },
      |                    ^ look whether stored rules are still taken`,
	},
}
