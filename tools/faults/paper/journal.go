package paper

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Entry is one line of a journal: what became of a document.
type Entry struct {
	ID      string
	Value   int
	Deleted bool `json:",omitempty"`

	end int64 // offset after it
}

func (e Entry) document() connector.Document {
	d := connector.NewDocument(e.ID)
	if !e.Deleted {
		d.Set("value", e.Value)
		d.Set("text", fmt.Sprintf("Document %s, value %d. %s", e.ID, e.Value, filler))
	}
	return d
}

// Fields are an entry's document as the index must hold it.
func (e Entry) Fields() json.RawMessage {
	d := e.document()
	return json.RawMessage("{" + string(d.Fields()) + "}")
}

// Read returns the whole lines of a journal from an offset on, and its end. No
// file is an empty journal.
func Read(path string, from int64) (entries []Entry, end int64, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) || path == "" {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.NewSectionReader(f, from, 1<<40))
	if err != nil {
		return nil, 0, err
	}
	end = from
	for {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole { // the writer is not done with it
			return entries, end, nil
		}
		text = rest
		end += int64(len(line)) + 1
		e := Entry{end: end}
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, 0, fmt.Errorf("journal, before byte %d: %w", end, err)
		}
		entries = append(entries, e)
	}
}

// Append writes entries to a journal, all at once.
func Append(path string, entries ...Entry) error {
	var lines []byte
	for _, e := range entries {
		raw, err := json.Marshal(e)
		if err != nil {
			return err
		}
		lines = append(append(lines, raw...), '\n')
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(lines)
	return errors.Join(err, f.Close())
}
