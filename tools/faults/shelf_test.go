package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tributary-search/tributary/runtime/connector"
)

// shelf is a source whose truth is known: documents by number, each with a
// version. It is safe for concurrent use.
type shelf struct {
	mu       sync.Mutex
	versions map[int]int

	emitted atomic.Int64
	// before, when set, is called before the document at a position is emitted;
	// its error ends the read.
	before func(ctx context.Context, at int) error
	// shows, when set, is how many documents the source emits before it says that
	// these are all.
	shows *int
}

// newShelf holds the documents 0 to n-1 in version 1.
func newShelf(n int) *shelf {
	s := &shelf{versions: map[int]int{}}
	for i := range n {
		s.versions[i] = 1
	}
	return s
}

// id is that of a document.
func id(number int) string { return fmt.Sprintf("doc-%05d", number) }

// put makes a new document or a new version of one.
func (s *shelf) put(numbers ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range numbers {
		s.versions[n]++
	}
}

// drop deletes documents.
func (s *shelf) drop(numbers ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range numbers {
		delete(s.versions, n)
	}
}

// content is a word that stands in documents and must be in no log.
const content = "planted-content"

func document(number, version int) connector.Document {
	d := connector.NewDocument(id(number))
	d.Set("n", number)
	d.Set("version", version)
	d.Set("title", fmt.Sprintf("Document %d <&> \"ü\"", number))
	d.Set("text", content+strings.Repeat(" lorem ipsum", number%40))
	return d
}

// truth is what the index must hold: the fields of the source by id.
func (s *shelf) truth() map[string]json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	truth := map[string]json.RawMessage{}
	for number, version := range s.versions {
		d := document(number, version)
		truth[d.ID] = json.RawMessage("{" + string(d.Fields()) + "}")
		d.Release()
	}
	return truth
}

func (s *shelf) Ping(context.Context) error { return nil }

// GetDocs emits the documents in the order of their numbers.
func (s *shelf) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	s.mu.Lock()
	versions := maps.Clone(s.versions)
	s.mu.Unlock()
	for at, number := range slices.Sorted(maps.Keys(versions)) {
		if s.shows != nil && at == *s.shows {
			return nil
		}
		if s.before != nil {
			if err := s.before(ctx, at); err != nil {
				return err
			}
		}
		s.emitted.Add(1)
		if err := emit(document(number, versions[number])); err != nil {
			return err
		}
	}
	return nil
}
