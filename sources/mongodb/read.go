package mongodb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/tributary-search/tributary/runtime/connector"
)

const (
	// maxTries is how often a read may fail in a row without a document.
	maxTries = 5
	// firstPause is the pause before a read goes on; it doubles each time.
	firstPause = 100 * time.Millisecond
	// keepAlive is how long the server hears nothing before the session is
	// refreshed. It forgets a session, and its cursors, after 30 minutes.
	keepAlive = 5 * time.Minute
)

// reading is one read of one collection.
type reading struct {
	*Source
	db   *mongo.Database
	c    collection
	q    query
	w    *walker
	emit func(connector.Document) error

	steady bool      // the documents come in the order of _id
	last   *element  // the _id of the last document, to go on after it
	count  int       // documents since the last failure
	heard  time.Time // when the server last heard of the session
}

// read emits the documents of a collection. Where the documents come in the
// order of _id it goes on after a lost cursor where it was; where they come in
// any order it starts anew, which the runtime counts as duplicates.
func (s *Source) read(ctx context.Context, db *mongo.Database, c collection, q query, emit func(connector.Document) error) error {
	r := &reading{Source: s, db: db, c: c, q: q, w: newWalker(dateMode(s.cfg.DatetimeConversion), s.uuids), emit: emit}
	defer func() { r.w.losses.tell(s.deps.Log, c.name) }()
	r.w.prefix = s.names.prefix(c.name)
	mixed, err := s.mixed(ctx, db, c)
	if err != nil {
		return err
	}
	r.w.mixed = mixed
	if r.steady = q.free() && c.plain(); r.steady {
		r.q.options = append(r.q.options[:len(r.q.options):len(r.q.options)], bson.E{Key: "sort", Value: bson.D{{Key: "_id", Value: 1}}})
	}
	if err := r.try(ctx); err != nil {
		return err
	}
	return s.unchanged(ctx, db, c)
}

// free reports whether the query may be read in the order of _id. With a
// filter MongoDB may know a better way than that.
func (q *query) free() bool {
	return q.verb == "find" && len(q.filter) == 0 && len(q.options) == 0 && len(q.collation) == 0
}

// repeatable reports whether a read may start anew after a failure.
func (r *reading) repeatable() bool { return r.q.verb == "find" && !r.q.cut }

// try reads until the end, over failures that pass.
func (r *reading) try(ctx context.Context) error {
	pause := firstPause
	for tries := 1; ; tries++ {
		r.count = 0
		failed, err := r.once(ctx)
		if err == nil || failed {
			return err
		}
		if r.count > 0 {
			tries, pause = 1, firstPause
		}
		explained := r.explain("read", err)
		if !passing(ctx, err) || !r.repeatable() || tries == maxTries {
			return explained
		}
		r.deps.Log.Warn("the read goes on after a failure", "collection", r.c.name, "error", explained)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// once reads with one cursor. It reports true with an error that is not the
// server's.
func (r *reading) once(ctx context.Context) (final bool, err error) {
	session, err := r.db.Client().StartSession()
	if err != nil {
		return false, err
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	in := mongo.NewSessionContext(ctx, session)
	var after *element
	if r.steady {
		after = r.last
	}
	cursor, err := r.db.RunCommandCursor(in, r.q.command(r.c.name, after), r.runOptions())
	if err != nil {
		return false, err
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	cursor.SetBatchSize(r.q.batch)
	r.heard = r.deps.Now()
	for cursor.Next(in) {
		if err := r.one(ctx, cursor.Current); err != nil {
			return true, err
		}
		if cursor.RemainingBatchLength() == 0 {
			r.heard = r.deps.Now()
			continue
		}
		r.refresh(ctx, session)
	}
	return false, cursor.Err()
}

// runOptions carries the read preference of the connection string.
func (s *Source) runOptions() *options.RunCmdOptionsBuilder {
	opts := options.RunCmd()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opts != nil && s.opts.ReadPreference != nil {
		opts.SetReadPreference(s.opts.ReadPreference)
	}
	return opts
}

// one emits one document.
func (r *reading) one(ctx context.Context, raw bson.Raw) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	doc, err := r.w.document(raw)
	if err != nil {
		return err
	}
	if r.steady {
		r.remember(r.w.own)
	}
	r.count++
	return r.emit(doc)
}

// remember keeps the _id of a document, which the next batch overwrites.
func (r *reading) remember(id element) {
	if r.last == nil {
		r.last = &element{}
	}
	r.last.kind, r.last.value = id.kind, append(r.last.value[:0], id.value...)
}

// refresh tells the server that the session is still in use, when the index
// takes long for one batch.
func (r *reading) refresh(ctx context.Context, session *mongo.Session) {
	now := r.deps.Now()
	if now.Sub(r.heard) < keepAlive {
		return
	}
	r.heard = now
	cmd := bson.D{{Key: "refreshSessions", Value: bson.A{session.ID()}}}
	if err := r.db.Client().Database("admin").RunCommand(ctx, cmd).Err(); err != nil {
		r.deps.Log.Debug("the session could not be refreshed", "error", r.explain("refresh the session", err))
	}
}

// mixed reports whether the ids of a collection are of several types.
func (s *Source) mixed(ctx context.Context, db *mongo.Database, c collection) (bool, error) {
	first, last, err := s.ranks(ctx, db, c)
	return first != last, err
}

// ranks returns the places of the types of the first and the last _id in the
// index, which is sorted by type; from 1, or 0 where there is no document.
func (s *Source) ranks(ctx context.Context, db *mongo.Database, c collection) (first, last int, err error) {
	if !c.plain() {
		return 0, 0, nil
	}
	for direction, at := range map[int]*int{1: &first, -1: &last} {
		opts := options.FindOne().SetSort(bson.D{{Key: "_id", Value: direction}}).SetProjection(bson.D{{Key: "_id", Value: 1}})
		raw, err := db.Collection(c.name).FindOne(ctx, bson.D{}, opts).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) {
			return 0, 0, nil
		}
		if err != nil {
			return 0, 0, s.explain(fmt.Sprintf("read %s.%s", s.cfg.Database, c.name), err)
		}
		*at = 1 + rank(raw.Lookup("_id").Type)
	}
	return first, last, nil
}

func infinity(sign int) float64 { return math.Inf(sign) }
