package letters

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// How is what a run that ended tells about the letters that are left of earlier
// ones.
type How int

const (
	// Broken says that the run ended early, and tells nothing.
	Broken How = iota
	// Changes says that what [Box.Came] names came in.
	Changes
	// Everything says that all documents were read, so what did not fail came in, or is
	// gone from the source.
	Everything
)

// Summary is what became of the letters of a connector.
type Summary struct {
	// Waiting is how many documents of the connector wait in the dead letters.
	Waiting int64 `json:"waiting"`
	// Index holds them; empty when there is none.
	Index string `json:"index,omitempty"`
	// File holds those of this run that the index did not take, and Problem says
	// why it did not.
	File    string `json:"file,omitempty"`
	Problem string `json:"problem,omitempty"`
	// Dropped is how many old letters had to go because the file was full, Unkept
	// how many letters of this run could not be kept.
	Dropped int64 `json:"dropped,omitempty"`
	Unkept  int64 `json:"unkept,omitempty"`
}

// finishTime is how long the end may take: letters that nobody needs are removed.
const finishTime = 30 * time.Second

// Finish writes what is left, removes the letters of documents that came in, and
// returns where things stand. What is given to the box later is not kept. It is
// to be called once.
func (b *Box) Finish(ctx context.Context, how How) Summary {
	b.settle()
	close(b.last)
	<-b.idle
	w := &b.out
	if w.lost {
		return Summary{}
	}
	w.tell()
	if err := b.clear(ctx, how); err != nil {
		b.o.Log.Warn("dead letters of documents that came in could not be removed; the next sync tries again", "error", err)
	}
	s := Summary{Index: b.o.Index, File: w.name, Dropped: w.dropped, Unkept: w.unkept}
	for _, n := range b.notes() {
		if !how.clears(n) {
			s.Waiting++
		}
	}
	s.Waiting -= w.unkept
	if err := firstOf(w.problem, w.failed); err != nil {
		s.Problem = err.Error()
	}
	if err := w.unwritable; err != nil && w.problem != nil {
		s.Problem += "; the file takes none either: " + err.Error()
	}
	return s
}

func firstOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// tell says where the letters are when they are not in the index.
func (w *writer) tell() {
	switch {
	case w.inFile > 0 && w.o.Index == "":
		w.o.Log.Info("failed documents are kept in a file", "file", w.name, "documents", w.inFile, "dropped", w.dropped)
	case w.inFile > 0:
		w.o.Log.Warn("failed documents are kept in a file, since the index for them can't be written", "file", w.name, "documents", w.inFile,
			"dropped", w.dropped, "index", w.o.Index, "error", firstOf(w.problem, w.failed))
	}
	if w.unkept > 0 {
		w.o.Log.Error("failed documents could not be kept", "documents", w.unkept, "index", w.o.Index, "error", firstOf(w.problem, w.failed), "file", w.failed)
	}
}

// clears reports whether a letter is to go.
func (how How) clears(n note) bool {
	switch how {
	case Everything:
		return n.state != failing
	case Changes:
		return n.state == arrived
	}
	return false
}

// notes is what is known at the end; what comes later changes another map.
func (b *Box) notes() map[uint64]note {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.over {
		b.over = true
		b.ended, b.known = b.known, map[uint64]note{}
	}
	return b.ended
}

// clear removes the letters of documents that came in.
func (b *Box) clear(ctx context.Context, how How) error {
	known := b.notes()
	stale := false
	for _, n := range known {
		stale = stale || how.clears(n)
	}
	if !stale {
		return nil
	}
	ctx, cancel := limited(ctx, finishTime)
	defer cancel()
	goes := func(l *Letter) bool {
		n, has := known[b.hash(l.ID)]
		return has && how.clears(n) && l.Connector == b.o.Connector
	}
	var inIndex error
	if b.o.Index != "" {
		if inIndex = b.clearIndex(ctx, goes); unusable(inIndex) {
			inIndex = nil // it holds none that this run has found
		}
	}
	if b.o.Dir == "" {
		return inIndex
	}
	err := b.out.file.remove(goes)
	if errors.Is(err, fs.ErrPermission) {
		err = nil // a folder that may not be written holds none of ours
	}
	return errors.Join(inIndex, err)
}

func (b *Box) clearIndex(ctx context.Context, goes func(*Letter) bool) error {
	x := index{b.o.Client, b.o.Index}
	var keys []string
	err := x.each(ctx, query{connector: b.o.Connector}, func(l *Letter) (err error) {
		if goes(l) {
			keys = append(keys, l.Key)
		}
		if len(keys) == page {
			err, keys = x.remove(ctx, keys), keys[:0]
		}
		return err
	})
	return errors.Join(err, x.remove(ctx, keys))
}
