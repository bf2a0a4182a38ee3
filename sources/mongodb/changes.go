package mongodb

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/tributary-search/tributary/runtime/connector"
)

// How much of the history is looked at as one.
const (
	maxEvents   = 1000
	maxKeyBytes = 1 << 20
)

// Changes emits the documents that changed since a position, in the state in
// which they are now. A document that is gone, or that the rules no longer
// select, is deleted.
func (s *Source) Changes(ctx context.Context, since connector.Cursor, filter connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	p, err := parsePosition(since)
	if err != nil {
		return nil, err
	}
	q, problems := readQuery(filter)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if p.None != "" {
		return nil, lost("%s", p.None)
	}
	if why := q.whole(); why != "" {
		return nil, lost("%s", why)
	}
	f, err := s.follow(ctx, p)
	if err != nil {
		return nil, err
	}
	defer f.close(ctx)
	c := &changing{Source: s, following: f, at: p, q: q, emit: emit, walkers: map[string]*walker{}}
	defer c.tell()
	return c.run(f.in(ctx))
}

// changing is one run over the history.
type changing struct {
	*Source
	*following
	at      position
	q       query
	emit    func(connector.Change) error
	walkers map[string]*walker // by collection
	strange bool               // an _id was of another type than the position's
	batch   []event
	bytes   int
	held    *connector.Change // the last change, which gets the cursor
}

// event is what the server tells about one change.
type event struct {
	Operation string         `bson:"operationType"`
	At        bson.Timestamp `bson:"clusterTime"`
	NS, To    struct{ Coll string }
	Key       struct {
		ID bson.RawValue `bson:"_id"`
	} `bson:"documentKey"`
}

func (c *changing) run(ctx context.Context) (connector.Cursor, error) {
	for {
		more, err := c.collect(ctx)
		if err == nil {
			err = c.apply(ctx)
		}
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if err := c.stillTold(ctx); err != nil {
		return nil, err
	}
	return c.at.cursor()
}

// collect takes the next events, each document once. It reports false when
// there are no more, and after one that is younger than the run.
func (c *changing) collect(ctx context.Context) (more bool, err error) {
	c.batch, c.bytes = c.batch[:0], 0
	seen := map[string]bool{}
	for len(c.batch) < maxEvents && c.bytes < maxKeyBytes {
		if !c.next(ctx) {
			return false, c.ended()
		}
		var e event
		if err := c.stream.Decode(&e); err != nil {
			return false, fmt.Errorf("read an event of the change stream: %w", err)
		}
		switch e.Operation {
		case "insert", "update", "replace", "delete":
			key := e.NS.Coll + "\x00" + string(rune(e.Key.ID.Type)) + string(e.Key.ID.Value)
			if c.names.selects(e.NS.Coll) && !seen[key] {
				seen[key] = true
				c.strange = c.strange || 1+rank(e.Key.ID.Type) != c.at.Rank
				c.bytes += len(key)
				e.Key.ID.Value = slices.Clone(e.Key.ID.Value)
				c.batch = append(c.batch, e)
			}
		default:
			if err := c.upheaval(e); err != nil {
				return false, err
			}
		}
		c.at.Token = slices.Clone(c.stream.ResumeToken())
		if c.passed(e.At) {
			return false, nil
		}
	}
	return true, nil
}

// ended looks why there is no further event.
func (c *changing) ended() error {
	if err := c.stream.Err(); err != nil {
		return c.broken(err)
	}
	if c.stream.ID() == 0 {
		return lost("the server has ended the change stream")
	}
	c.at.Token = slices.Clone(c.stream.ResumeToken())
	return nil
}

// upheaval is the error of an event that concerns a whole collection.
func (c *changing) upheaval(e event) error {
	switch e.Operation {
	case "drop":
		if c.names.selects(e.NS.Coll) {
			return lost("the collection %s was dropped", e.NS.Coll)
		}
	case "rename":
		if c.names.selects(e.NS.Coll) || c.names.selects(e.To.Coll) {
			return lost("the collection %s was renamed to %s", e.NS.Coll, e.To.Coll)
		}
	case "dropDatabase":
		return lost("the database %s was dropped", c.cfg.Database)
	case "invalidate":
		return lost("the collection was dropped or renamed")
	}
	return nil
}

// apply emits the documents of a batch, collection by collection.
func (c *changing) apply(ctx context.Context) error {
	for rest := c.batch; len(rest) > 0; {
		name := rest[0].NS.Coll
		var mine, others []event
		for _, e := range rest {
			if e.NS.Coll == name {
				mine = append(mine, e)
			} else {
				others = append(others, e)
			}
		}
		if err := c.read(ctx, name, mine); err != nil {
			return fmt.Errorf("collection %s: %w", name, err)
		}
		rest = others
	}
	if c.held == nil {
		return nil
	}
	cursor, err := c.at.cursor()
	if err != nil {
		return err
	}
	c.held.Cursor = cursor
	return c.put(nil)
}

// read emits those of the changed documents of a collection that are there,
// and the deletion of all others.
func (c *changing) read(ctx context.Context, name string, events []event) error {
	w := c.walker(name)
	ids, gone := make(bson.A, len(events)), map[string]bool{}
	for i, e := range events {
		ids[i] = e.Key.ID
		gone[w.id(element{kind: e.Key.ID.Type, value: e.Key.ID.Value})] = true
	}
	cursor, err := c.find(ctx, name, ids)
	if err != nil {
		return c.explain("read changed documents", err)
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	for cursor.Next(ctx) {
		doc, err := w.document(cursor.Current)
		if err != nil {
			return err
		}
		delete(gone, doc.ID)
		if err := c.put(&connector.Change{Document: doc}); err != nil {
			return err
		}
	}
	if err := cursor.Err(); err != nil {
		return c.explain("read changed documents", err)
	}
	for id := range gone {
		if err := c.put(&connector.Change{Document: connector.Document{ID: id}, Deleted: true}); err != nil {
			return err
		}
	}
	return nil
}

// put emits the change before and holds this one back until it is known
// whether it is the last of its batch.
func (c *changing) put(next *connector.Change) error {
	last := c.held
	c.held = next
	if last == nil {
		return nil
	}
	return c.emit(*last)
}

// find asks for documents by _id, under the rules.
func (c *changing) find(ctx context.Context, name string, ids bson.A) (*mongo.Cursor, error) {
	match := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
	if c.q.verb == "aggregate" {
		stages := append(bson.A{bson.D{{Key: "$match", Value: match}}}, c.q.pipeline()...)
		return c.db.Collection(name).Aggregate(ctx, stages)
	}
	opts := options.Find()
	if len(c.q.projection) > 0 {
		opts.SetProjection(c.q.projection)
	}
	if len(c.q.filter) == 0 {
		return c.db.Collection(name).Find(ctx, match, opts)
	}
	return c.db.Collection(name).Find(ctx, bson.D{{Key: "$and", Value: bson.A{match, c.q.filter}}}, opts)
}

func (c *changing) walker(name string) *walker {
	w := c.walkers[name]
	if w == nil {
		w = newWalker(dateMode(c.cfg.DatetimeConversion), c.uuids)
		w.prefix, w.mixed = c.names.prefix(name), slices.Contains(c.at.Mixed, name)
		c.walkers[name] = w
	}
	return w
}

func (c *changing) tell() {
	for name, w := range c.walkers {
		w.losses.tell(c.deps.Log, name)
	}
}

// stillTold reports collections whose ids are of several types since the last
// full sync, or no longer: these ids read otherwise now.
func (c *changing) stillTold(ctx context.Context) error {
	if !c.strange {
		return nil // they were of one type, and so are those that changed
	}
	for name, w := range c.walkers {
		mixed, err := c.mixed(ctx, c.db, collection{name: name})
		if err != nil {
			return err
		}
		if mixed != w.mixed {
			return lost("the ids of the collection %s were all of one type before a change, or are now, and read otherwise in the index", name)
		}
	}
	return nil
}
