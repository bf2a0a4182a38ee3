package job

import (
	"context"
	"log/slog"
	"sync"
)

const (
	// lookedWhole is how many documents are looked at one after the other;
	// after that one of lookedEvery is.
	lookedWhole, lookedEvery = 200, 64
	// recent is how many documents are judged together, and tooMany how many
	// of them may bring names that were never seen.
	recent, tooMany = 100, 50
	// maxNames bounds what is remembered.
	maxNames = 10_000
)

// WatchFields returns a sink that warns, once, about a source whose documents
// name fields after their data: each brings new names, until the index may have
// no more fields and refuses what comes then. It looks at few documents, so
// that it costs nothing.
func WatchFields(sink Sink, log *slog.Logger) Sink {
	return &fieldWatch{Sink: sink, log: log, seen: map[string]bool{}}
}

type fieldWatch struct {
	Sink
	log *slog.Logger

	mu     sync.Mutex
	passed int
	told   bool
	seen   map[string]bool // names, those in objects with dots
	fresh  [recent]bool    // a ring: the document brought new names
	looked int
	bad    int // in the ring
}

// Put looks at a document and passes it on.
func (w *fieldWatch) Put(ctx context.Context, action, id string, source []byte, tally string) error {
	w.warn(id, source)
	return w.Sink.Put(ctx, action, id, source, tally)
}

// Take looks at a document and gives it away.
func (w *fieldWatch) Take(ctx context.Context, action, id string, source []byte, tally string) error {
	w.warn(id, source)
	return give(ctx, w.Sink, action, id, source, tally)
}

func (w *fieldWatch) warn(id string, source []byte) {
	if example := w.look(source); example != "" {
		w.log.Warn("documents keep bringing new names of fields, and an index takes 1000 fields "+
			"unless index.mapping.total_fields.limit says more; map the object that holds them as flattened, or leave it out",
			"document", id, "new_field", example)
	}
}

// look returns a name when it is time to warn.
func (w *fieldWatch) look(source []byte) (example string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passed++
	if w.told || w.passed > lookedWhole && w.passed%lookedEvery != 0 {
		return ""
	}
	example = w.names("", source)
	at := &w.fresh[w.looked%recent]
	if *at {
		w.bad--
	}
	if *at = example != ""; *at {
		w.bad++
	}
	if w.looked++; w.looked < recent || w.bad < tooMany || example == "" {
		return ""
	}
	w.told, w.seen = true, nil
	return example
}

// names remembers the names in an object and returns one that is new.
func (w *fieldWatch) names(prefix string, object []byte) (fresh string) {
	members, _ := appendMembers(nil, object)
	for _, m := range members {
		name := prefix + string(m.name)
		if !w.seen[name] && len(w.seen) < maxNames {
			w.seen[name] = true
			fresh = name
		}
		if isObject(m.value) {
			if inner := w.names(name+".", m.value); inner != "" {
				fresh = inner
			}
		}
	}
	return fresh
}
