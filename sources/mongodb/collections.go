package mongodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/tributary-search/tributary/runtime/connector"
)

// collection is what is known of a collection.
type collection struct {
	name string
	kind string // "collection", "view" or "timeseries"; empty when it may not be asked
	uuid string // in hex; empty when it may not be asked, and for views
}

// plain reports whether the collection has an index of its _id, which views
// and time series lack.
func (c collection) plain() bool { return c.kind == "" || c.kind == "collection" }

// collections returns the selected collections in the order of their names. One
// that is gone has no documents; where it may only be hidden, that is an error.
func (s *Source) collections(ctx context.Context, db *mongo.Database) ([]collection, error) {
	list, all, err := s.list(ctx, db, s.names.one)
	if err != nil {
		return nil, err
	}
	if what := s.missing(list); what != "" {
		if !all {
			return nil, s.gone(ctx, db, what)
		}
		s.deps.Log.Warn("it has no documents, then", "because", s.gone(ctx, db, what))
	}
	return list, nil
}

// there is collections for a check: what is not there is an error.
func (s *Source) there(ctx context.Context, db *mongo.Database) ([]collection, error) {
	list, all, err := s.list(ctx, db, s.names.one)
	if err != nil {
		return nil, err
	}
	what := s.missing(list)
	switch {
	case what == "":
		return list, nil
	case all:
		return nil, absent{s.gone(ctx, db, what)}
	}
	return nil, s.gone(ctx, db, what)
}

// absent is the error of what is certainly not there.
type absent struct{ error }

// Is makes it a [connector.ErrGone].
func (absent) Is(target error) bool { return target == connector.ErrGone }

// missing says which of the configured names are not in a list; empty when all
// are.
func (s *Source) missing(list []collection) string {
	var missing []string
	for _, name := range s.names.names {
		if !slices.ContainsFunc(list, func(c collection) bool { return c.name == name }) {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) > 0:
		return "no collection " + strings.Join(missing, ", ")
	case len(list) == 0:
		return "no collection that matches " + s.cfg.Collection
	}
	return ""
}

func (s *Source) gone(ctx context.Context, db *mongo.Database, what string) error {
	return fmt.Errorf("database %s has %s%s", s.cfg.Database, what, s.others(ctx, db))
}

// list asks for the selected collections, or for one of them. Where only the
// names may be seen, it returns those; where nothing may be seen, that one. It
// reports true when there are no others for certain.
func (s *Source) list(ctx context.Context, db *mongo.Database, one string) (list []collection, all bool, err error) {
	filter := bson.D{}
	if one != "" {
		filter = bson.D{{Key: "name", Value: one}}
	}
	list, err = listCollections(ctx, db, filter, options.ListCollections())
	if all = err == nil; hasCode(err, codeUnauthorized) {
		list, err = listCollections(ctx, db, filter, options.ListCollections().SetNameOnly(true).SetAuthorizedCollections(true))
	}
	if hasCode(err, codeUnauthorized) && one != "" {
		return []collection{{name: one}}, false, nil
	}
	if err != nil {
		return nil, false, s.explain("list the collections of "+s.cfg.Database, err)
	}
	list = slices.DeleteFunc(list, func(c collection) bool { return !s.names.selects(c.name) })
	slices.SortFunc(list, func(a, b collection) int { return strings.Compare(a.name, b.name) })
	return list, all, nil
}

func listCollections(ctx context.Context, db *mongo.Database, filter bson.D, opts *options.ListCollectionsOptionsBuilder) ([]collection, error) {
	cursor, err := db.ListCollections(ctx, filter, opts)
	if err != nil {
		return nil, err
	}
	var all []struct {
		Name string
		Type string
		Info struct{ UUID bson.Binary }
	}
	if err := cursor.All(ctx, &all); err != nil {
		return nil, err
	}
	list := make([]collection, len(all))
	for i, c := range all {
		list[i] = collection{c.Name, c.Type, fmt.Sprintf("%x", c.Info.UUID.Data)}
	}
	return list, nil
}

// others tells which collections there are, or which databases when there is
// none, for a sentence that says what is missing.
func (s *Source) others(ctx context.Context, db *mongo.Database) string {
	if names, err := db.ListCollectionNames(ctx, bson.D{}); err == nil && len(names) > 0 {
		return "; it has " + enumerate(names)
	}
	if names, err := db.Client().ListDatabaseNames(ctx, bson.D{}); err == nil && len(names) > 0 {
		return "; it is empty, the server has the databases " + enumerate(names)
	}
	return ""
}

// enumerate lists the first names.
func enumerate(names []string) string {
	const most = 20
	slices.Sort(names)
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

var errDropped = errors.New("it was dropped, renamed or made anew while it was read; the next sync reads what is there then")

// unchanged reports whether a collection is still the one that was read.
func (s *Source) unchanged(ctx context.Context, db *mongo.Database, read collection) error {
	list, _, err := s.list(ctx, db, read.name)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.name == read.name && c.uuid == read.uuid {
			return nil
		}
	}
	return errDropped
}

func firstOnly() *options.FindOptionsBuilder {
	return options.Find().SetLimit(1).SetProjection(bson.D{{Key: "_id", Value: 1}})
}
