package mongodb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/tributary-search/tributary/runtime/connector"
)

// trialTime is how long the server may take to run a rule for its first
// result. A rule that takes longer may still be right.
const trialTime = 5 * time.Second

// ValidateConfig reports whether the database and the collections are there
// and may be read. Of what is missing it says what there is instead.
func (s *Source) ValidateConfig(ctx context.Context) error {
	db, err := s.database()
	if err != nil {
		return err
	}
	list, err := s.there(ctx, db)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return err
		}
		return misnamed{connector.Problems{{Pointer: "/collection", Label: "Collection", Message: err.Error()}}, err}
	}
	for _, c := range list {
		if _, err := db.Collection(c.name).Find(ctx, bson.D{}, firstOnly()); err != nil {
			return connector.Problems{{Pointer: "/collection", Label: "Collection", Message: s.explain("read "+c.name, err).Error()}}
		}
	}
	return nil
}

// misnamed is a problem with the configured collections, and what it came of.
type misnamed struct {
	connector.Problems
	cause error
}

// Unwrap returns both.
func (m misnamed) Unwrap() []error { return []error{m.Problems, m.cause} }

// AdvancedRulesValidators checks what no JSON Schema can: that the rules are
// Extended JSON without forbidden operators, and that the server understands
// them and gives results that can be told apart.
func (s *Source) AdvancedRulesValidators() []connector.RulesValidator {
	return []connector.RulesValidator{
		func(_ context.Context, raw json.RawMessage) connector.Problems {
			_, problems := readQuery(connector.Filter{AdvancedRules: raw})
			return problems
		},
		s.tryRules,
	}
}

// tryRules runs the rules for one result of each collection.
func (s *Source) tryRules(ctx context.Context, raw json.RawMessage) connector.Problems {
	q, problems := readQuery(connector.Filter{AdvancedRules: raw})
	if problems.Err() != nil {
		return nil // they are told already
	}
	db, err := s.database()
	if err != nil {
		return connector.Problems{{Message: err.Error()}}
	}
	list, err := s.collections(ctx, db)
	if err != nil {
		return connector.Problems{{Message: err.Error()}}
	}
	pointer := "/" + q.verb
	for _, c := range list {
		if err := s.tryOn(ctx, db, c.name, q); err != nil {
			problems = append(problems, connector.Problem{Pointer: pointer, Message: fmt.Sprintf("collection %s: %s", c.name, err)})
		}
		if len(problems) > 0 {
			break // most likely all say the same
		}
	}
	return problems
}

func (s *Source) tryOn(ctx context.Context, db *mongo.Database, name string, q query) error {
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	cursor, err := db.RunCommandCursor(ctx, q.trial(name), s.runOptions())
	if err == nil {
		defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
		if cursor.Next(ctx) && cursor.Current.Lookup("_id").IsZero() {
			return errNoID
		}
		err = cursor.Err()
	}
	if ctx.Err() != nil || hasCode(err, codeMaxTimeExpired) {
		return nil
	}
	return s.explain("try the rules", err)
}

// trial is the command with one result.
func (q *query) trial(name string) bson.D {
	one := *q
	one.batch = 1
	one.options = nil
	for _, e := range q.options {
		if e.Key != "limit" && e.Key != "skip" && e.Key != "maxTimeMS" {
			one.options = append(one.options, e)
		}
	}
	one.options = append(one.options, bson.E{Key: "maxTimeMS", Value: trialTime.Milliseconds()})
	if q.verb == "find" {
		one.options = append(one.options, bson.E{Key: "limit", Value: 1})
		return one.command(name, nil)
	}
	limit, _ := bson.Marshal(bson.D{{Key: "$limit", Value: 1}}) // a constant
	one.stages = append(q.stages[:len(q.stages):len(q.stages)], limit)
	return one.command(name, nil)
}
