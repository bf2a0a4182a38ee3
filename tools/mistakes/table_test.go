package mistakes_test

// mistake is a row of the table: what an author does wrong and how it is caught.
type mistake struct {
	name, gate string
	// right and wrong are what stands in the good file and what the author wrote
	// in its place; of a GetDocs neither, as the wrong line is marked there.
	right, wrong string
	// says is what the sentence must hold: the mistake's name, and the remedy.
	says, remedy string
}

const declaration = `{
  "service_type": "shop",
  "name": "Shop",
  "about": "Items of a shop, one document each.",
  "abilities": ["changes"],
  "config": {
    "type": "object",
    "additionalProperties": false,
    "required": ["url"],
    "properties": {
      "url": { "type": "string", "title": "URL", "minLength": 1 },
      "pages": { "type": "integer", "title": "Pages", "default": 10 },
      "token": { "type": "string", "title": "Token", "writeOnly": true },
      "kind": { "type": "string", "title": "Kind", "enum": ["new", "used"], "default": "new", "x-ui": { "depends_on": { "pages": 1 } } }
    }
  }
}
`

var declarations = []mistake{
	{"a keyword that is misspelt", "gen", `"minLength": 1`, `"minLenght": 1`, `unknown keyword "minLenght"`, `did you mean "minLength"?`},
	{"a default of another type", "gen", `"default": 10`, `"default": "ten"`, `"default"`, `"ten"`},
	{"a secret that is not said to be one", "gen", `, "writeOnly": true`, ``, `"token" looks like a secret`, `say "writeOnly": true`},
	{"a field depends on one that does not exist", "gen", `{ "pages": 1 }`, `{ "page": 1 }`, `depends_on names "page", which is not a field`, `did you mean "pages"?`},
	{"an ability that does not exist", "gen", `["changes"]`, `["chnages"]`, `unknown ability "chnages"`, `did you mean "changes"?`},
	{"a field without title", "gen", `"title": "URL", `, ``, `"title" is missing`, `it is text that is not empty`},
	{"a required field that does not exist", "gen", `"required": ["url"]`, `"required": ["uri"]`, `"uri"`, `"url"`},
	{"JSON that is broken", "gen", `"name": "Shop",`, `"name": "Shop"`, `G101`, ``},
}

const ruleFile = `{
  "rules": [
    {"id": "drafts", "policy": "exclude", "field": "path", "rule": "contains", "value": "draft", "order": 1},
    {"id": "old", "policy": "exclude", "field": "size", "rule": ">", "value": "100", "order": 2},
    {"id": "names", "policy": "include", "field": "name", "rule": "regex", "value": "^a.*[0-9]$", "order": 3}
  ],
  "advanced_snippet": {"value": [
    {"pattern": "**/*.md"}
  ]}
}
`

var ruleFiles = []mistake{
	{"a policy that does not exist", "rules check", `"drafts", "policy": "exclude"`, `"drafts", "policy": "drop"`, `policy must be include or exclude, not "drop"`, `include or exclude`},
	{"an operator in other words", "rules check", `">"`, `"greater_than"`, `rule must be one of`, `write ">"`},
	{"an id that stands twice", "rules check", `"id": "drafts"`, `"id": "old"`, `have the same id`, `"old"`},
	{"a regex that is broken", "rules check", `[0-9]$`, `[0-9$`, `regex`, ``},
	{"a rule without field", "rules check", `"field": "size", `, ``, `field is missing`, ``},
	{"an advanced rule with a misspelt member", "rules check", `"pattern"`, `"patern"`, `patern`, `did you mean "pattern"?`},
}

const settingsFile = `elasticsearch:
  host: http://127.0.0.1:9
sync:
  max_deletes: 100
  max_delete_share: 0.2
log:
  level: info
`

var settingsFiles = []mistake{
	{"a setting that is misspelt", "settings", "  host:", "  hots:", "unknown setting elasticsearch.hots", `did you mean "elasticsearch.host"?`},
	{"a number in words", "settings", "max_deletes: 100", "max_deletes: many", "sync.max_deletes", "must be a whole number"},
	{"a value that is out of range", "settings", "0.2", "20", "sync.max_delete_share", "must be between 0 and 1, not 20"},
	{"a choice that does not exist", "settings", "level: info", "level: inof", "must be one of debug, info, warn, error", `did you mean "info"?`},
	{"a host without scheme", "settings", "http://127.0.0.1:9", "127.0.0.1:9", "elasticsearch.host", "must be a URL that begins with http:// or https://"},
}

var getDocs = []mistake{
	{name: "a document without id", says: "has no id", remedy: "give NewDocument the item's key"},
	{name: "ids that are not unique", says: "have the id", remedy: "make ids from a key that is unique in the source"},
	{name: "ids that change", says: "in one run and not in the next", remedy: "make them from the item's own key"},
	{name: "goes on after emit failed", says: "after the cancel", remedy: "stop at the first error of emit"},
	{name: "ignores cancel", says: "it stood still in", remedy: "give ctx to every call that waits"},
	{name: "swallows the error of emit", says: "returned nil although emit had failed", remedy: "return emit's error"},
	{name: "swallows the error of a page", says: "returned nil although a request", remedy: "return the error"},
	{name: "swallows the error of a page of its own client", says: "returned nil although a request", remedy: "return the error"},
	{name: "an empty shop when the token is refused", says: "401 Unauthorized", remedy: "look at the status and return an error"},
	{name: "leaks a goroutine", says: "goroutines are left", remedy: "end each before the function that started it returns"},
	{name: "fields in the order of a map", says: "has other fields in the second run", remedy: "emit fields in one order"},
	{name: "the time of reading in a document", says: "has other fields in the second run", remedy: "leave out what the reading itself changes"},
	{name: "all documents in memory", says: "memory must not grow with the data", remedy: "emit each document as it is read"},
	{name: "writes to a document after emit", says: "was changed after emit", remedy: "set everything before emit"},
	{name: "a secret in the log", says: "holds the secret of field", remedy: "keep them in connector.Secret"},
	{name: "a secret in a document", says: "holds the secret of field", remedy: "keep them in connector.Secret"},
	{name: "panics", says: "GetDocs panicked", remedy: "return an error"},
}
