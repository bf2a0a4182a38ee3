package job

import (
	"context"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
)

// window is a part of a source's history that is carried out as one. Its
// memory is used again.
type window struct {
	changes []connector.Change
	size    int              // bytes of fields
	cursor  connector.Cursor // the last one in it
	indexed bool             // there is an index to look into

	newest map[string]int // of an id: its last change
	ids    []string       // of the changes that are carried out
	at     []int          // those changes
	gone   []string       // ids that were to be deleted
}

// add puts a change in the window. A document that can't be read changes
// nothing, so it takes no place.
func (c *Changes) add(ch connector.Change) {
	w := &c.window
	if len(ch.Cursor) > 0 {
		w.cursor = ch.Cursor
	}
	if ch.Deleted {
		ch.Release()
		ch.ID = connector.DocumentID(ch.ID)
		if ch.ID == "" {
			c.tally.emitted.Add(1) // as a document, so that it is seen
			c.fail("", errNoID)
			return
		}
	} else if c.admit(&ch.Document); ch.Err != nil {
		c.fail(ch.ID, ch.Err)
		ch.Release()
		return
	}
	w.changes = append(w.changes, ch)
	w.size += len(ch.Fields())
}

// settle carries the window out and returns when Elasticsearch has confirmed
// it.
func (c *Changes) settle(ctx context.Context, downloads *downloads) error {
	c.reduce()
	if err := c.look(ctx, func(ch *connector.Change, s stored) error { return c.apply(ctx, ch, s, downloads) }); err != nil {
		return err
	}
	downloads.settle()
	if ctx.Err() != nil {
		return context.Cause(ctx) // a download failed
	}
	if err := c.confirm(ctx); err != nil {
		return err
	}
	w := &c.window
	if c.letters != nil {
		c.letters.Came(w.ids)
	}
	if w.cursor != nil {
		c.safe = w.cursor
	}
	clear(w.changes)
	w.changes, w.size, w.cursor = w.changes[:0], 0, nil
	return nil
}

// reduce finds the last change of each id. The earlier ones are settled: nobody
// will miss them.
func (c *Changes) reduce() {
	w := &c.window
	if w.newest == nil {
		w.newest = make(map[string]int, len(w.changes))
	}
	clear(w.newest)
	for i := range w.changes {
		w.newest[w.changes[i].ID] = i
	}
	w.ids, w.at, w.gone = w.ids[:0], w.at[:0], w.gone[:0]
	for i := range w.changes {
		ch := &w.changes[i]
		if w.newest[ch.ID] == i {
			w.ids, w.at = append(w.ids, ch.ID), append(w.at, i)
			continue
		}
		if !ch.Deleted {
			c.tally.duplicate.Add(1)
			ch.Release()
		}
	}
}

// stored is what the index holds of a document.
type stored struct {
	found              bool
	print              []byte // valid during the call
	seqNo, primaryTerm int64
}

// look calls visit for each change that is to be carried out.
func (c *Changes) look(ctx context.Context, visit func(*connector.Change, stored) error) error {
	w := &c.window
	if len(w.ids) == 0 {
		return nil
	}
	if !w.indexed {
		for _, i := range w.at {
			if err := visit(&w.changes[i], stored{}); err != nil {
				return err
			}
		}
		return nil
	}
	return c.Index.Look(ctx, w.ids, func(i int, found bool, print []byte, seqNo, primaryTerm int64) error {
		return visit(&w.changes[w.at[i]], stored{found, print, seqNo, primaryTerm})
	})
}

// apply carries out one change.
func (c *Changes) apply(ctx context.Context, ch *connector.Change, s stored, downloads *downloads) error {
	hash, own := c.owns(s.print)
	if s.found && !own {
		c.leaveForeign(ch)
		return nil
	}
	if ch.Deleted {
		return c.remove(ctx, ch.ID, s)
	}
	if c.excludes(&ch.Document) {
		ch.Release()
		return c.remove(ctx, ch.ID, s)
	}
	wk := works.Get().(*work)
	wk.print, wk.hashed = c.print.append(wk.print[:0], wk.hashed, &ch.Document)
	v := create
	if s.found {
		v = replace
		if !c.Options.Resend && string(hash) == string(wk.print[ownerLength+1:]) {
			c.tally.unchanged.Add(1)
			c.budget.Unchanged()
			ch.Release()
			wk.release()
			return nil
		}
	}
	return c.carry(ctx, download{ch.Document, wk, v, ""}, downloads)
}

// leaveForeign settles a change of a document that is not this owner's.
func (c *Changes) leaveForeign(ch *connector.Change) {
	c.tally.foreign.Add(1)
	if ch.Deleted {
		return
	}
	if !c.excludes(&ch.Document) {
		c.fail(ch.ID, errForeign)
	}
	ch.Release()
}

// remove deletes a document unless somebody changes it meanwhile.
func (c *Changes) remove(ctx context.Context, id string, s stored) error {
	if !s.found {
		return nil
	}
	c.window.gone = append(c.window.gone, id)
	return c.Sink.Delete(ctx, id, s.seqNo, s.primaryTerm)
}

// deleteTries is how often a deletion is tried that meets a document which was
// just changed, such as by a user's own field.
const deleteTries = 3

// confirm waits for Elasticsearch's answers. Deletions of documents that
// somebody changed meanwhile are tried again: unlike a full sync, the next run
// would not.
func (c *Changes) confirm(ctx context.Context) error {
	before := c.Sink.Counts()["conflict"]
	for try := 1; ; try++ {
		if err := c.Sink.Flush(ctx); err != nil {
			return fmt.Errorf("write to the index: %w", err)
		}
		conflicts := c.Sink.Counts()["conflict"]
		if conflicts == before || len(c.window.gone) == 0 || !c.window.indexed {
			return nil
		}
		if try == deleteTries {
			return fmt.Errorf("delete documents: somebody else keeps changing %d of them, such as %s", conflicts-before, c.window.gone[0])
		}
		before = conflicts
		if err := c.removeAgain(ctx); err != nil {
			return err
		}
	}
}

// removeAgain deletes what is still there of the documents that were to go.
func (c *Changes) removeAgain(ctx context.Context) error {
	ids := c.window.gone
	c.window.gone = nil
	return c.Index.Look(ctx, ids, func(i int, found bool, print []byte, seqNo, primaryTerm int64) error {
		if _, own := c.owns(print); !own {
			return nil
		}
		return c.remove(ctx, ids[i], stored{found, print, seqNo, primaryTerm})
	})
}
