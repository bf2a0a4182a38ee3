module github.com/tributary-search/tributary

go 1.26.0

require (
	github.com/blevesearch/bleve/v2 v2.6.3 // search in the embedded node: analysis, inverted index, scoring
	github.com/blevesearch/bleve_index_api v1.4.1 // the interfaces through which the embedded node uses Bleve's index directly
	github.com/bmatcuk/doublestar/v4 v4.10.4 // globs with `**`, which the standard library lacks, for the directory source
	github.com/dave/jennifer v1.7.1 // Go source as a tree: names, imports and quoting cannot go wrong, whatever a declaration says
	github.com/elastic/elastic-transport-go/v8 v8.9.0 // Elastic's own HTTP transport: connections, authentication, telemetry headers
	github.com/go-sql-driver/mysql v1.10.1 // the protocol of MySQL and MariaDB: logging in with every kind of password, TLS, results; the binary log is read through its connections
	github.com/google/licensecheck v0.3.1 // tells licences by their texts, for the gate that keeps others out
	github.com/invopop/jsonschema v0.14.0 // the schema of `config.yml` from the Go structs, at generation time
	github.com/jackc/pglogrepl v0.0.0-20251213150135-2e8d0df862c1 // messages of PostgreSQL's logical replication, by the author of pgx
	github.com/jackc/pgx/v5 v5.12.0 // the protocol of PostgreSQL: of it `pgconn` alone, which hands over rows as they come from the network
	github.com/klauspost/compress v1.20.3 // gzip of bulk requests at a third of the CPU of the standard library
	github.com/prometheus/client_golang v1.25.0 // metrics in the format that Prometheus and OpenTelemetry collectors read
	github.com/reugn/go-quartz v0.15.2 // another reader of Quartz schedules, to compare with ours where it is right
	github.com/santhosh-tekuri/jsonschema/v5 v5.3.1 // JSON Schema validation, complete and with positions of what failed
	github.com/spf13/cobra v1.10.2 // commands, flags, help and completion
	github.com/stretchr/testify v1.12.1 // `require` in tests
	github.com/vbauerster/mpb/v8 v8.16.2 // progress on a terminal, several lines at once
	go.etcd.io/bbolt v1.5.0 // the embedded node's store: one file, transactions, fsync
	go.mongodb.org/mongo-driver/v2 v2.10.0 // MongoDB's own driver: its protocol, replica sets, sessions, change streams
	go.uber.org/goleak v1.3.0 // tests fail when a goroutine outlives them; the conformance suite too
	go.yaml.in/yaml/v3 v3.0.5 // `config.yml` with lines and columns; the maintained successor of gopkg.in/yaml.v3
	golang.org/x/oauth2 v0.38.0 // tokens for HTTP sources: client credentials, refreshing, the many ways in which servers answer
	golang.org/x/sync v0.24.0 // `errgroup` with a limit, for downloads
	golang.org/x/sys v0.49.0 // `fstatat` and the like: one system call a file where `os` needs several
	golang.org/x/term v0.47.0 // whether there is a terminal, its width, passwords without echo
	golang.org/x/time v0.16.0 // the rate limit of HTTP sources
	gopkg.in/dnaeon/go-vcr.v4 v4.0.7 // recorded exchanges for the tests of HTTP sources
	pgregory.net/rapid v1.3.0 // property tests: random schemas, random crashes
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	github.com/RoaringBitmap/roaring/v2 v2.14.5 // indirect
	github.com/VividCortex/ewma v1.2.0 // indirect
	github.com/acarl005/stripansi v0.0.0-20180116102854-5a71ef0e047d // indirect
	github.com/bahlo/generic-list-go v0.2.0 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/bits-and-blooms/bitset v1.24.2 // indirect
	github.com/blevesearch/geo v0.2.8 // indirect
	github.com/blevesearch/go-faiss v1.1.5 // indirect
	github.com/blevesearch/go-porterstemmer v1.0.3 // indirect
	github.com/blevesearch/mmap-go v1.2.0 // indirect
	github.com/blevesearch/scorch_segment_api/v2 v2.4.11 // indirect
	github.com/blevesearch/segment v0.9.1 // indirect
	github.com/blevesearch/snowballstem v0.9.0 // indirect
	github.com/blevesearch/upsidedown_store_api v1.0.2 // indirect
	github.com/blevesearch/vellum v1.2.1 // indirect
	github.com/blevesearch/zapx/v11 v11.4.3 // indirect
	github.com/blevesearch/zapx/v12 v12.4.3 // indirect
	github.com/blevesearch/zapx/v13 v13.4.3 // indirect
	github.com/blevesearch/zapx/v14 v14.4.3 // indirect
	github.com/blevesearch/zapx/v15 v15.4.3 // indirect
	github.com/blevesearch/zapx/v16 v16.3.4 // indirect
	github.com/blevesearch/zapx/v17 v17.2.5 // indirect
	github.com/buger/jsonparser v1.1.2 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/go-logr/logr v1.4.3 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/golang/snappy v1.0.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/jackc/pgio v1.0.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/json-iterator/go v1.1.12 // indirect
	github.com/mattn/go-runewidth v0.0.30 // indirect
	github.com/modern-go/concurrent v0.0.0-20180306012644-bacd9c7ef1dd // indirect
	github.com/modern-go/reflect2 v1.0.2 // indirect
	github.com/mschoch/smat v0.2.0 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/pb33f/ordered-map/v2 v2.3.1 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	github.com/vbauerster/cupwriter v0.0.5 // indirect
	github.com/xdg-go/scram v1.4.0 // indirect
	github.com/xdg-go/stringprep v1.0.4 // indirect
	github.com/youmark/pkcs8 v0.0.0-20240726163527-a2c0da244d78 // indirect
	go.opentelemetry.io/otel v1.29.0 // indirect
	go.opentelemetry.io/otel/metric v1.29.0 // indirect
	go.opentelemetry.io/otel/trace v1.29.0 // indirect
	go.yaml.in/yaml/v4 v4.0.0-rc.6 // indirect
	golang.org/x/crypto v0.54.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
