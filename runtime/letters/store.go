package letters

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// Store is where the dead letters of all connectors are: an index, and files on
// this machine with what could not be written to it.
type Store struct {
	Client *elastic.Client
	Index  string // empty: there are files only
	Dir    string // folder of the files; empty: there is the index only
	// MaxFile is the largest size of one file in bytes; 0 is 64 MiB.
	MaxFile int64
	Log     *slog.Logger
}

// Place is where a letter is kept.
type Place string

// The places of letters.
const (
	InIndex Place = "index"
	InFile  Place = "file"
)

// Query chooses letters.
type Query struct {
	Connector string   // empty: of every connector
	IDs       []string // of documents, of that connector; nil: all of them
	Bodies    bool     // whether the letters have their bodies
}

// Each calls visit for each letter once, with the newest of those about one
// document. An index that may not be read is passed over with a warning when
// there are files; the letters in them are more than none.
func (s Store) Each(ctx context.Context, q Query, visit func(*Letter, Place) error) error {
	kept, err := s.inFiles(q)
	if err != nil {
		return err
	}
	if s.Index != "" {
		err := index{s.Client, s.Index}.each(ctx, q.inner(), func(l *Letter) error {
			if other, both := kept[l.Key]; both {
				if other.at >= l.At.UnixNano() {
					return nil
				}
				delete(kept, l.Key)
			}
			return visit(l, InIndex)
		})
		if err != nil && (len(kept) == 0 || ctx.Err() != nil) {
			return fmt.Errorf("read the dead letters: %w", err)
		}
		if err != nil {
			s.Log.Warn("the dead letters in the index can't be read; these are those of this machine's files", "error", err)
		}
	}
	return s.visitFiles(q, kept, visit)
}

func (q Query) inner() query {
	in := query{connector: q.Connector, bodies: q.Bodies}
	for _, id := range q.IDs {
		in.keys = append(in.keys, Key(q.Connector, id))
	}
	return in
}

// spot is the newest line about a document in a file.
type spot struct {
	at   int64 // of the letter
	line int
	file int
}

// file is the file of a connector.
func (s Store) file(connectorID string) file {
	return file{FileOf(s.Dir, connectorID), cmp.Or(s.MaxFile, maxFile)}
}

// files are the files that may hold letters that q asks for.
func (s Store) files(q Query) []file {
	if s.Dir == "" {
		return nil
	}
	if q.Connector != "" {
		return []file{s.file(q.Connector)}
	}
	entries, _ := os.ReadDir(s.Dir) // an absent folder has none
	var list []file
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".ndjson" {
			list = append(list, file{path: filepath.Join(s.Dir, e.Name())})
		}
	}
	return list
}

// inFiles finds the newest line of each document.
func (s Store) inFiles(q Query) (map[string]spot, error) {
	found, keys := map[string]spot{}, q.inner().keys
	for i, f := range s.files(q) {
		n := 0
		err := f.each(func(_ []byte, l *Letter) error {
			n++
			if (q.Connector == "" || l.Connector == q.Connector) && (keys == nil || slices.Contains(keys, l.Key)) {
				found[l.Key] = spot{l.At.UnixNano(), n, i}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s Store) visitFiles(q Query, kept map[string]spot, visit func(*Letter, Place) error) error {
	if len(kept) == 0 {
		return nil
	}
	for i, f := range s.files(q) {
		n := 0
		err := f.each(func(_ []byte, l *Letter) error {
			n++
			if at, ok := kept[l.Key]; !ok || at.file != i || at.line != n {
				return nil
			}
			if !q.Bodies {
				l.Body = nil
			}
			return visit(l, InFile)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Remove removes letters of a connector, by where Each found them. Of those in a
// file there may be older ones in the index.
func (s Store) Remove(ctx context.Context, connectorID string, keys map[Place][]string) error {
	if s.Index != "" {
		err := index{s.Client, s.Index}.remove(ctx, keys[InIndex])
		if err == nil {
			if err = (index{s.Client, s.Index}).remove(ctx, keys[InFile]); unusable(err) {
				err = nil
			}
		}
		if err != nil {
			return fmt.Errorf("remove dead letters: %w", err)
		}
	}
	if s.Dir == "" {
		return nil
	}
	gone := map[string]bool{}
	for _, list := range keys {
		for _, k := range list {
			gone[k] = true
		}
	}
	return s.file(connectorID).remove(func(l *Letter) bool { return gone[l.Key] })
}

// Dropped is how many letters of a connector had to go because its file was full.
func (s Store) Dropped(connectorID string) (int64, error) {
	if s.Dir == "" {
		return 0, nil
	}
	return s.file(connectorID).dropped()
}
