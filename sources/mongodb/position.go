package mongodb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/tributary-search/tributary/runtime/connector"
)

// await is how long the server waits for news before it says that there is
// none.
const await = 100 * time.Millisecond

// position is a place in the history of the selected collections.
type position struct {
	// Token is the server's, opaque.
	Token []byte `json:"token,omitempty"`
	// UUID is that of the only collection, to know it again.
	UUID string `json:"uuid,omitempty"`
	// Rank is the place of the type of the only collection's ids, from 1, where
	// they are all of one.
	Rank int `json:"rank,omitempty"`
	// Mixed are the collections whose ids are of several types.
	Mixed []string `json:"mixed,omitempty"`
	// None says why there is no history; everything else is empty then.
	None string `json:"none,omitempty"`
}

// cursor encodes a position.
func (p position) cursor() (connector.Cursor, error) {
	raw, err := json.Marshal(p)
	if err == nil && len(raw) > connector.MaxCursor {
		return json.Marshal(position{None: "the position in the history is too long to be kept: too many collections have ids of several types"})
	}
	return raw, err
}

// lost is the error that leads to a full sync, with the reason.
func lost(format string, args ...any) error {
	return fmt.Errorf("%w: %s", connector.ErrPositionLost, fmt.Sprintf(format, args...))
}

// parsePosition reads a cursor.
func parsePosition(since connector.Cursor) (position, error) {
	var p position
	if json.Unmarshal(since, &p) != nil || (len(p.Token) == 0) == (p.None == "") || len(p.Token) > 0 && bson.Raw(p.Token).Validate() != nil {
		return p, lost("the stored cursor is none of this source")
	}
	return p, nil
}

// Position returns where the change stream of the selected collections stands.
// Where MongoDB keeps no history for this user, it says why in the log and in
// the cursor: syncs work without, and read everything.
func (s *Source) Position(ctx context.Context) (connector.Cursor, error) {
	p, err := s.position(ctx)
	if err != nil {
		return nil, err
	}
	if p.None != "" {
		s.deps.Log.Info("changes can't be followed, so every sync reads everything", "because", p.None)
	}
	return p.cursor()
}

func (s *Source) position(ctx context.Context) (position, error) {
	db, err := s.database()
	if err != nil {
		return position{}, err
	}
	list, err := s.collections(ctx, db)
	if err != nil {
		return position{}, err
	}
	p := position{UUID: s.uuid(list)}
	for _, c := range list {
		if !c.plain() {
			return position{None: fmt.Sprintf("%s is a %s, whose changes MongoDB does not tell", c.name, c.kind)}, nil
		}
		first, last, err := s.ranks(ctx, db, c)
		switch {
		case err != nil:
			return p, err
		case first != last:
			p.Mixed = append(p.Mixed, c.name)
		case s.names.one != "":
			p.Rank = first
		}
	}
	p.Token, err = s.now(ctx, db)
	switch {
	case err != nil:
		return s.without(err)
	case p.Token == nil:
		return position{None: "the server does not tell its position"}, nil
	}
	return p, nil
}

// without tells errors that mean that there is no history from those that
// pass.
func (s *Source) without(err error) (position, error) {
	var server mongo.ServerError
	switch explained := s.explain("follow the changes", err); {
	case hasCode(err, codeUnauthorized):
		return position{None: fmt.Sprintf("the user %s may not follow changes; grant it the actions find and changeStream, as the role read has them: %s", s.user(), s.grant("read"))}, nil
	case hasCode(err, codeNoReplicaSet):
		return position{None: "the server is no member of a replica set, and keeps no history of changes; a replica set of one member is enough: mongod --replSet rs0, then rs.initiate()"}, nil
	case errors.As(err, &server) && !hasCode(err, transient[:]...):
		return position{None: "the server refuses it: " + explained.Error()}, nil
	default:
		return position{}, explained
	}
}

// now returns the token of this moment; none where the server does not tell it.
func (s *Source) now(ctx context.Context, db *mongo.Database) ([]byte, error) {
	stream, err := s.watch(ctx, db, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stream.Close(context.WithoutCancel(ctx)) }()
	for range 3 { // it comes with the first answer, or with the first event
		if token := stream.ResumeToken(); token != nil {
			return slices.Clone(token), nil
		}
		stream.TryNext(ctx)
	}
	return nil, stream.Err()
}

// Changed reports whether the change stream holds anything after a position.
func (s *Source) Changed(ctx context.Context, since connector.Cursor) (bool, error) {
	p, err := parsePosition(since)
	if err != nil {
		return true, err
	}
	if p.None != "" {
		return true, nil
	}
	f, err := s.follow(ctx, p)
	if err != nil {
		return true, err
	}
	defer f.close(ctx)
	if f.next(f.in(ctx)) {
		return true, nil
	}
	if err := f.stream.Err(); err != nil {
		return true, s.broken(err)
	}
	return f.stream.ID() == 0, nil
}
