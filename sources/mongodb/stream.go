package mongodb

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Codes of errors of change streams.
const (
	codeNoReplicaSet = 40573
	codeHistoryLost  = 286
)

// following is a change stream that goes on from a position.
type following struct {
	stream  *mongo.ChangeStream
	session *mongo.Session
	db      *mongo.Database
	begun   bool            // the first answer was looked at
	until   *bson.Timestamp // the server's time at the start; nil where it does not tell
}

// next goes to the next event. It reports false when there is none: the server
// was asked for more once at least, and had none for a while.
func (f *following) next(ctx context.Context) bool {
	if f.begun {
		return f.stream.TryNext(ctx)
	}
	f.begun = true // an empty first answer only says that nothing was there at once
	return f.stream.TryNext(ctx) || f.stream.Err() == nil && f.stream.ID() != 0 && f.stream.TryNext(ctx)
}

// passed reports whether an event is of after the start. All that was done
// before has been told then: a run that waited for silence would have no end
// where something changes all the time.
func (f *following) passed(at bson.Timestamp) bool { return f.until != nil && at.After(*f.until) }

// in is the context of requests of the stream's session.
func (f *following) in(ctx context.Context) context.Context {
	return mongo.NewSessionContext(ctx, f.session)
}

func (f *following) close(ctx context.Context) {
	_ = f.stream.Close(context.WithoutCancel(ctx))
	f.session.EndSession(context.WithoutCancel(ctx))
}

// follow opens the change stream behind a position. Its session is causally
// consistent: what the server had done when it was asked is in the stream, and
// documents that are read after an event are at least as new as the event.
func (s *Source) follow(ctx context.Context, p position) (*following, error) {
	db, err := s.database()
	if err != nil {
		return nil, err
	}
	if err := s.same(ctx, db, p); err != nil {
		return nil, err
	}
	session, err := db.Client().StartSession()
	if err != nil {
		return nil, s.explain("start a session", err)
	}
	in := mongo.NewSessionContext(ctx, session)
	stream, until, err := s.begin(in, db, p)
	if err != nil {
		session.EndSession(context.WithoutCancel(ctx))
		return nil, err
	}
	return &following{stream: stream, session: session, db: db, until: until}, nil
}

// begin also returns what the server's time was before.
func (s *Source) begin(in context.Context, db *mongo.Database, p position) (*mongo.ChangeStream, *bson.Timestamp, error) {
	if err := db.RunCommand(in, bson.D{{Key: "ping", Value: 1}}).Err(); err != nil { // tells the session what time it is
		return nil, nil, s.explain("ping", err)
	}
	until := mongo.SessionFromContext(in).OperationTime()
	stream, err := s.watch(in, db, p.Token)
	if err != nil {
		return nil, nil, s.broken(err)
	}
	return stream, until, nil
}

// same reports whether the only collection is the one of the position.
func (s *Source) same(ctx context.Context, db *mongo.Database, p position) error {
	list, err := s.collections(ctx, db)
	if err != nil {
		return err
	}
	switch uuid := s.uuid(list); {
	case s.names.one == "" || uuid == p.UUID:
		return nil
	case uuid == "":
		return lost("the collection %s was dropped since the last sync", s.names.one)
	case p.UUID == "":
		return lost("the collection %s was made since the last sync", s.names.one)
	}
	return lost("the collection %s was dropped and made anew since the last sync, or this is another server", s.names.one)
}

// uuid is that of the only collection; empty when there are several, when it is
// not there, and when it may not be asked.
func (s *Source) uuid(list []collection) string {
	if s.names.one == "" || len(list) == 0 {
		return ""
	}
	return list[0].uuid
}

// watch opens a change stream after a token, or from now on without one. Its
// events tell which documents changed; these are read when they are needed.
// An event with a document of nearly 16 MiB in it would be too large to be
// sent, and ten changes of one document would send it ten times.
func (s *Source) watch(ctx context.Context, db *mongo.Database, token []byte) (*mongo.ChangeStream, error) {
	opts := options.ChangeStream().SetMaxAwaitTime(await).SetBatchSize(batchSize)
	if token != nil {
		opts.SetResumeAfter(bson.Raw(token))
	}
	drop := bson.D{{Key: "$project", Value: bson.D{
		{Key: "fullDocument", Value: 0}, {Key: "fullDocumentBeforeChange", Value: 0}, {Key: "updateDescription", Value: 0},
	}}}
	if s.names.one != "" {
		return db.Collection(s.names.one).Watch(ctx, mongo.Pipeline{drop}, opts)
	}
	named := bson.D{{Key: "$regex", Value: s.names.match.String()}}
	match := bson.D{{Key: "$match", Value: bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "ns.coll", Value: named}},
		bson.D{{Key: "to.coll", Value: named}},
		bson.D{{Key: "operationType", Value: bson.D{{Key: "$in", Value: bson.A{"dropDatabase", "invalidate"}}}}},
	}}}}}
	return db.Watch(ctx, mongo.Pipeline{match, drop}, opts)
}

// broken explains why a stream could not go on: an answer of the server that
// does not pass means that the position is lost.
func (s *Source) broken(err error) error {
	var server mongo.ServerError
	explained := s.explain("follow the changes", err)
	switch {
	case hasCode(err, codeHistoryLost):
		return lost("the server's history (oplog) no longer reaches back to the last sync; sync more often, or make it longer: db.adminCommand({replSetResizeOplog: 1, minRetentionHours: 48})")
	case hasCode(err, codeUnauthorized), !errors.As(err, &server), hasCode(err, transient[:]...):
		return explained
	}
	return lost("the server can't go on from there: %s", explained)
}
