package house

// room is a part of the house and what of the house it may import. A folder
// belongs to the room with the longest dir that it is in or below.
type room struct {
	dir   string
	knows []string // dirs; "x/*" means below x as well
	why   string
}

// rooms is the one direction of imports. Tests may import more.
var rooms = []room{
	{".", []string{"runtime/cli", "sources"}, "the program on one screen"},
	{"runtime/connector", nil, "the contract: everything knows it, it knows nothing"},
	{"runtime/schema", []string{"runtime/connector"}, "checks and decodes configurations"},
	{"runtime/rules", []string{"runtime/connector"}, "decides by a document's fields whether it is kept"},
	{"runtime/extract", []string{"runtime/connector"}, "turns attachments into text"},
	{"runtime/cron", nil, "Quartz schedules; knows time alone"},
	{"runtime/rest", []string{"runtime/connector"}, "HTTP for sources: retries, quotas, credentials"},
	{"runtime/page", nil, "pages of answers as one loop; knows HTTP headers alone"},
	{"runtime/resttest", nil, "recorded exchanges for the tests of HTTP sources"},
	{"runtime/job", []string{"runtime/connector"}, "declares the Index, Sink, Rules and Extractor that it needs"},
	{"runtime/protocol", []string{"runtime/connector", "runtime/rules", "runtime/job"}, "declares the Store that it needs; of job the words alone"},
	{"runtime/elastic", []string{"runtime/connector"}, "satisfies what job declares, without knowing it"},
	{"runtime/letters", []string{"runtime/connector", "runtime/elastic"}, "keeps the documents that failed; satisfies what job declares, without knowing it"},
	{"runtime/embedded", nil, "an Elasticsearch of its own; nothing but HTTP connects it to the rest"},
	{"runtime/settings", []string{"runtime/connector", "runtime/schema"}, "one struct of config.yml, environment and flags"},
	{"runtime/telemetry", nil, "logs, metrics, health"},
	{"runtime/connectortest", []string{"runtime/connector", "runtime/schema"}, "tests sources through the contract alone"},
	{"runtime/elastictest", []string{"runtime/embedded"}, "gives tests an Elasticsearch"},
	{"runtime/service", []string{
		"runtime/connector", "runtime/schema", "runtime/rules", "runtime/extract", "runtime/job", "runtime/elastic",
		"runtime/letters", "runtime/protocol", "runtime/cron", "runtime/settings", "runtime/telemetry",
	}, "wires protocol, engine and Elasticsearch; runs the loops"},
	{"runtime/cli", []string{
		"runtime/connector", "runtime/schema", "runtime/rules", "runtime/extract", "runtime/job", "runtime/elastic",
		"runtime/letters", "runtime/embedded", "runtime/settings", "runtime/telemetry", "runtime/service", "runtime/protocol", "runtime/cron",
	}, "the only place that wires the parts"},
	{"sources", []string{"runtime/connector", "sources/*"}, "the registry"},
	{"sources/*", []string{"runtime/connector", "runtime/schema", "runtime/rest", "runtime/page", "sources/internal/sqldb"}, "a source knows the contract, the decoder of its configuration and what HTTP APIs take"},
	{"sources/internal/sqldb", nil, "what sources of databases share; knows no driver"},
	{"sources/internal/indextest", []string{"runtime/cli", "runtime/connector", "runtime/elastictest"}, "tests of sources against an index"},
	{"sources/internal/mariadbtest", nil, "a MariaDB for fixtures; nothing but SQL connects it to the rest"},
	{"sources/internal/relaytest", nil, "a network that breaks, for fixtures and tests of sources"},
	{"sources/*/fixture", []string{"runtime/connectortest", "sources/internal/mariadbtest", "sources/internal/relaytest"}, "a backend for the conformance suite"},
	{"gen", []string{"gen/*"}, "the generator never imports a source, so that it can repair one"},
	{"gen/command", []string{"gen/*", "runtime/schema"}, "runs load, model, emit, verify, apply, in that order"},
	{"gen/diag", nil, "problems with their places"},
	{"gen/load", []string{"gen/diag"}, "bytes to a tree with positions"},
	{"gen/model", []string{"gen/diag", "gen/load", "runtime/connector", "runtime/schema"}, "what was decided about a declaration"},
	{"gen/emit", []string{"gen/model", "runtime/connector", "runtime/schema", "runtime/settings"}, "model to files; touches no disk"},
	{"gen/compat", []string{"gen/diag", "gen/load", "gen/model", "runtime/schema"}, "two versions of the declarations"},
	{"gen/verify", []string{"gen/load"}, "looks at what was emitted before it is written"},
	{"gen/apply", []string{"gen/diag"}, "the only part of the generator that touches the disk"},
	{"deploy", nil, "files for those who run it; a test reads them"},
	{"tools/docs", []string{"tools/docs/*", "sources"}, "writes the pages that are made, and checks all"},
	{"tools/docs/pages", []string{
		"gen/diag", "gen/load", "gen/model", "gen/emit", "runtime/connector", "runtime/cli", "runtime/settings", "runtime/protocol",
	}, "says what the code says"},
	{"tools/docs/doctest", []string{"runtime/connector", "runtime/cli"}, "reads documents; asks the command line about its words"},
	{"tools/ftest", []string{"tools/ftest/*", "runtime/connectortest"}, "worlds of sources; reads the index without the product's code"},
	{"tools/*", []string{"tools/*"}, "programs about the tree, not of it"},
	{"tools/faults/paper", []string{"runtime/connector"}, "a source for trials"},
	{"tools/faults/program", []string{"tools/faults/paper", "runtime/cli", "sources"}, "the program with one more source"},
	{"tools/kill", []string{"tools/*", "runtime/connectortest", "sources/directory/fixture", "sources/mysql/fixture"}, "worlds of sources that are synced while somebody kills"},
	{"tools/kill/trial", []string{
		"tools/storm/ledger", "tools/ftest/trial", "runtime/connectortest", "runtime/elastic", "runtime/job", "runtime/protocol",
	}, "users of a service that runs in processes of its own; reads the index without the product's code"},
	{"tools/simulation", []string{
		"tools/simulation/*", "runtime/connector", "runtime/job", "runtime/elastic", "runtime/protocol", "runtime/settings", "runtime/service",
	}, "plays the service against models of what is around it"},
	{"tools/simulation/model", nil, "a model of Elasticsearch; nothing but requests connects it to the rest"},
	{"tools/storm/ledger", []string{"runtime/job", "runtime/protocol"}, "the words of jobs"},
	{"tools/storm/trial", []string{"tools/storm/ledger", "runtime/elastic", "runtime/job", "runtime/protocol"}, "users of a service that runs in processes of its own"},
}

// library is a dependency that few may import.
type library struct {
	path  string   // import path; it and all below
	rooms []string // dirs that may import it; empty: none
	why   string
}

var libraries = []library{
	{"github.com/dave/jennifer", []string{"gen/emit"}, "how Go is written stays in one place"},
	{"github.com/santhosh-tekuri/jsonschema", []string{"runtime/schema"}, "problems are told in our words"},
	{"github.com/invopop/jsonschema", []string{"gen/emit"}, "it reflects; the product does not"},
	{"github.com/blevesearch", []string{"runtime/embedded"}, "the embedded node can be taken out whole"},
	{"go.etcd.io/bbolt", []string{"runtime/embedded"}, "the embedded node can be taken out whole"},
	{"github.com/elastic/elastic-transport-go", []string{"runtime/elastic"}, "one client of Elasticsearch"},
	{"github.com/elastic/go-elasticsearch/v8/esapi", []string{"runtime/elastic"}, "one client of Elasticsearch"},
	{"github.com/elastic/go-elasticsearch/v8", nil, "its root package and esutil triple the time of a build"},
	{"github.com/spf13/cobra", []string{"runtime/cli"}, "commands are one room"},
	{"github.com/vbauerster/mpb", []string{"runtime/cli"}, "the terminal is one room"},
	{"github.com/go-sql-driver/mysql", []string{"sources"}, "drivers are for sources; this one is the template's for databases too"},
	{"github.com/jackc", []string{"sources/postgresql"}, "a driver is its source's alone"},
	{"go.mongodb.org/mongo-driver", []string{"sources/mongodb"}, "a driver is its source's alone"},
	{"golang.org/x/oauth2", []string{"runtime/rest"}, "tokens are got below the requests"},
	{"golang.org/x/time", []string{"runtime/rest"}, "sources set a rate, they do not keep it"},
	{"gopkg.in/dnaeon/go-vcr.v4", []string{"runtime/resttest"}, "recordings are for tests"},
	{"github.com/prometheus", []string{"runtime/telemetry"}, "metrics are one room"},
}

// place is a file or folder with a leave, and the reason for it.
type place struct{ path, why string }

// goroutines are the only files that start some: by a go statement or by the
// Go method of a group.
var goroutines = []place{
	{"runtime/job/download.go", "downloads, with a limit"},
	{"runtime/page/each.go", "requests for the items of a list, with a limit"},
	{"runtime/elastic/bulk.go", "the flushers of the bulk writer"},
	{"runtime/letters/box.go", "dead letters are written beside the sync"},
	{"runtime/embedded/follower.go", "Bleve follows the store in the background"},
	{"runtime/embedded/node.go", "writes of many requests are committed together"},
	{"runtime/embedded/attach.go", "watches the process that has the node"},
	{"runtime/embedded/serving.go", "the node answers HTTP while the command runs"},
	{"runtime/service/claim.go", "every job runs beside the loop"},
	{"runtime/service/ready.go", "connectors are checked beside the loop"},
	{"runtime/service/work.go", "a lease is kept beside its job"},
	{"runtime/service/loop.go", "waits for the others"},
	{"runtime/service/sources.go", "sources are closed beside the loop"},
	{"runtime/cli/progress.go", "progress is shown while the sync runs"},
	{"runtime/telemetry/server.go", "metrics are served while the service runs"},
	{"runtime/connectortest", "tests cancel, and call from many sides"},
	{"tools/simulation", "processes and the far ends of their connections, in a bubble that waits for all of them"},
	{"tools/storm/trial", "users, weather and what stands between processes, all at once"},
	{"tools/faults/proxy", "two directions of every connection pass at once"},
	{"sources/internal/relaytest", "two directions of every connection pass at once"},
	{"tools/faults/program", "signals limit its files while it works"},
	{"tools/kill/trial", "lanes, and what stands between processes, all at once"},
	{"tools/ftest/trial", "the program runs beside its test; a fixture may end its goroutine"},
}

// exits are the files that may end the process.
var exits = []place{
	{"main.go", "the program"},
	{"gen/main.go", "the generator"},
	{"tools", "programs for people who work on the project"},
}

// reflection is where reflect may be imported.
var reflection = []place{
	{"gen/emit", "tests compare generated types; invopop hands over a reflect.Type"},
}

// makers are functions of other modules whose result nobody changes, so that a
// package may hold it.
var makers = map[string]string{
	"errors.New":           "an error value",
	"fmt.Errorf":           "an error value",
	"regexp.MustCompile":   "safe for concurrent use",
	"strings.NewReplacer":  "safe for concurrent use",
	"template.Must":        "executed, never parsed again",
	"crc32.MakeTable":      "a table",
	"sync.OnceValue":       "computed once, then read",
	"sync.OnceValues":      "computed once, then read",
	"schema.New":           "checks, and is never changed",
	"schema.NewFields":     "describes fields, and is never changed",
	"json.RawMessage":      "a conversion",
	"base64.NewEncoding":   "a table",
	"bytes.Clone":          "a copy of a constant",
	"strings.Fields":       "a list of constants",
	"strings.Split":        "a list of constants",
	"strings.Repeat":       "a constant",
	"bytes.Repeat":         "a constant",
	"big.NewInt":           "a constant; changing it needs its address",
	"time.Date":            "a constant",
	"language.MustParse":   "a constant",
	"math.Inf":             "a constant",
	"math.Float64frombits": "a constant",
}
