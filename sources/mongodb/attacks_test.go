package mongodb_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/tributary-search/tributary/sources/mongodb"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// hostile are stages and expressions that write, run programs or never end.
var hostile = []string{
	`"$out":"stolen"`, `"$out":{"db":"stolen","coll":"x"}`, `"$merge":"stolen"`, `"$merge":{"into":"c","whenMatched":"replace"}`, `"$merge":{"into":{"db":"stolen","coll":"x"}}`, `"\u0024out":"stolen"`, `"\u0024\u006derge":"stolen"`,
	`"$where":"sleep(9000)"`, `"$where":{"$code":"sleep(9000)"}`, `"$where":{"$code":"sleep(x)","$scope":{"x":9000}}`, `"\u0024where":"1"`, `"$function":{"body":"function(){return 1}","args":[],"lang":"js"}`,
	`"$accumulator":{"init":"function(){}","accumulate":"function(){}","accumulateArgs":[],"merge":"function(){}","lang":"js"}`,
}

// places are where something hostile may stand: HERE is its member.
var places = []string{
	// in a find
	`{"find":{"filter":{HERE}}}`, `{"find":{"filter":{"a":{HERE}}}}`, `{"find":{"filter":{"$and":[{"a":1},{HERE}]}}}`, `{"find":{"filter":{"$or":[{"$nor":[{HERE}]}]}}}`, `{"find":{"filter":{"a":{"$elemMatch":{HERE}}}}}`,
	`{"find":{"filter":{"$expr":{HERE}}}}`, `{"find":{"filter":{"$expr":{"$eq":[1,{"$cond":[true,{HERE},1]}]}}}}`, `{"find":{"filter":{"a":{"$not":{HERE}}}}}`, `{"find":{"projection":{"a":{HERE}}}}`, `{"find":{"projection":{HERE}}}`,
	`{"find":{"sort":{"a":{HERE}}}}`, `{"find":{"sort":{HERE}}}`, `{"find":{"hint":{HERE}}}`, `{"find":{"collation":{"locale":"en",HERE}}}`, `{"find":{"filter":{"a":{"$literal":{HERE}}}}}`,
	// in a pipeline
	`{"aggregate":{"pipeline":[{HERE}]}}`, `{"aggregate":{"pipeline":[{"$match":{}},{HERE}]}}`, `{"aggregate":{"pipeline":[{HERE},{"$match":{}}]}}`, `{"aggregate":{"pipeline":[{"$match":{HERE}}]}}`, `{"aggregate":{"pipeline":[{"$match":{"$expr":{HERE}}}]}}`,
	`{"aggregate":{"pipeline":[{"$set":{"a":{HERE}}}]}}`, `{"aggregate":{"pipeline":[{"$project":{"a":{"$map":{"input":[1],"in":{HERE}}}}}]}}`, `{"aggregate":{"pipeline":[{"$group":{"_id":1,"a":{HERE}}}]}}`, `{"aggregate":{"pipeline":[{"$group":{"_id":{HERE}}}]}}`,
	`{"aggregate":{"pipeline":[{"$facet":{"a":[{HERE}]}}]}}`, `{"aggregate":{"pipeline":[{"$lookup":{"from":"c","as":"a","pipeline":[{HERE}]}}]}}`, `{"aggregate":{"pipeline":[{"$lookup":{"from":"c","as":"a","let":{"x":{HERE}},"pipeline":[]}}]}}`,
	`{"aggregate":{"pipeline":[{"$unionWith":{"coll":"c","pipeline":[{HERE}]}}]}}`, `{"aggregate":{"pipeline":[{"$facet":{"a":[{"$lookup":{"from":"c","as":"a","pipeline":[{"$unionWith":{"coll":"c","pipeline":[{HERE}]}}]}}]}}]}}`,
	`{"aggregate":{"pipeline":[{"$graphLookup":{"from":"c","startWith":"$a","connectFromField":"a","connectToField":"a","as":"b","restrictSearchWithMatch":{HERE}}}]}}`, `{"aggregate":{"pipeline":[{"$replaceRoot":{"newRoot":{"a":{HERE}}}}]}}`,
	`{"aggregate":{"pipeline":[{"$sortByCount":{HERE}}]}}`, `{"aggregate":{"pipeline":[{"$bucket":{"groupBy":{HERE},"boundaries":[0,1]}}]}}`, `{"aggregate":{"pipeline":[{"$setWindowFields":{"output":{"a":{HERE}}}}]}}`,
	`{"aggregate":{"pipeline":[{"$match":{}}],"let":{"x":{HERE}}}}`, `{"aggregate":{"pipeline":[{"$match":{}}],"hint":{HERE}}}`, `{"aggregate":{"pipeline":[{"$match":{}}],"collation":{HERE}}}`,
}

// attacks are rules of other shapes.
var attacks = []string{
	`{"find":{"projection":["$where"]}}`, `{"find":{"filter":{"$where":"1","$where":"2"}}}`, `{"aggregate":{"pipeline":[{"$match":{},"$out":"stolen"}]}}`, `{"aggregate":{"pipeline":[{"$changeStream":{}}]}}`, `{"aggregate":{"pipeline":[{"$changeStream":{"allChangesForCluster":true}}]}}`,
	`{"aggregate":{"pipeline":[[{"$out":"stolen"}]]}}`, `{"aggregate":{"pipeline":["$out"]}}`, `{"aggregate":{"pipeline":[{}]}}`, `{"aggregate":{"pipeline":[]}}`, `{"aggregate":{"pipeline":{"$out":"stolen"}}}`, `{"aggregate":{"pipeline":[{"$match":{}}],"out":"stolen"}}`,
	`{"find":{"filter":{"$wh\u0000ere":"1"}}}`, `{"find":{"filter":{"$where\u0000":"1"}}}`, `{"find":{"filter":{"\u0000$where":"1"}}}`, `{"find":{"filter":{"a\u0000b":1}}}`, `{"aggregate":{"pipeline":[{"$out\u0000x":"stolen"}]}}`, `{"aggregate":{"pipeline":[{"$Out":"stolen"}]}}`,
	`{"aggregate":{"pipeline":[{" $out":"stolen"}]}}`, `{"aggregate":{"pipeline":[{"＄out":"stolen"}]}}`, `{"aggregate":{"pipeline":[{"$eval":"1"}]}}`, `{"find":{"filter":{"$eval":"1"}}}`, `{"mapReduce":{"map":"f","reduce":"g","out":"stolen"}}`, `{"mapreduce":"c"}`, `{"delete":"c"}`, `{"drop":"c"}`,
	`{"find":{"filter":{}},"update":{"$set":{"a":1}}}`, `{"findAndModify":{"remove":true}}`, `{"distinct":{"key":"a"}}`, `{"find":{"find":"other"}}`, `{"find":{"filter":{},"readConcern":{}}}`, `{"find":{"filter":{},"tailable":true}}`, `{"find":{"filter":{},"$db":"admin"}}`, `{"aggregate":{"pipeline":[{"$match":{}}],"explain":true}}`,
	`{"find":{},"aggregate":{"pipeline":[{"$match":{}}]}}`, `7`, `"find"`, `{"find":null,"x":1}`, `{"find":{"filter":{"$comment":1,"$expr":1,"$nope":1}}}`, `{"find":{"filter":{"a":{"$oid":"nope"}}}}`, `{"find":{"filter":{"a":{"$date":"nope"}}}}`, `{"find":{"filter":{"a":{"$numberLong":"x"}}}}`,
	`{"find":{"filter":{"a":{"$binary":{"base64":"!","subType":"00"}}}}}`, `{"find":{"hint":"nope"}}`, `{"aggregate":{"pipeline":[{"$unset":"_id"}]}}`, `{"find":{"projection":{"_id":0}}}`, `{"find":{"limit":-1}}`, `{"find":{"batch_size":99999999999}}`,
	`{"find":{"filter":` + strings.Repeat(`{"a":`, 20000) + `1` + strings.Repeat(`}`, 20000) + `}}`, `{"find":{"filter":{"$and":` + strings.Repeat(`[`, 12000) + strings.Repeat(`]`, 12000) + `}}}`,
	`{"find":{"filter":` + strings.Repeat(`{"$and":[`, 300) + `{"$where":"1"}` + strings.Repeat(`]}`, 300) + `}}`,
}

// mayRun are rules that the server may run, since they change nothing.
var mayRun = []string{
	`{"find":{"filter":{"a":"$where"}}}`, `{"find":{"filter":{"a":{"$regex":"(a*)*b"}}}}`, `{"find":{"filter":{"a":{"$code":"sleep(9000)"}}}}`, `{"find":{"filter":{"a":{"$code":"sleep(9000)","$scope":{"x":1}}}}}`, `{"find":{"filter":{"a":{"$ref":"c","$id":1}}}}`,
	`{"find":{"filter":{"a":"\u0000"}}}`, `{"find":{"filter":{"$comment":"$out"}}}`, `{"aggregate":{"pipeline":[{"$match":{"out":"stolen"}}]}}`, `{"aggregate":{"pipeline":[{"$set":{"a":"$out"}}]}}`, `{"aggregate":{"pipeline":[{"$lookup":{"from":"other","localField":"a","foreignField":"a","as":"x"}}]}}`,
	`{"aggregate":{"pipeline":[{"$unionWith":"other"}]}}`, `{"aggregate":{"pipeline":[{"$sample":{"size":1}}]}}`, `{"aggregate":{"pipeline":[{"$collStats":{}}]}}`, `{"aggregate":{"pipeline":[{"$indexStats":{}}]}}`, `{"aggregate":{"pipeline":[{"$currentOp":{}}]}}`, `{"aggregate":{"pipeline":[{"$listSessions":{}}]}}`,
	`{"find":{"max_time_ms":1}}`, `{"find":{"no_cursor_timeout":true}}`, `{"aggregate":{"pipeline":[{"$match":{}}],"allowDiskUse":true}}`, `{"find":{"filter":` + strings.Repeat(`{"$and":[`, 60) + `{}` + strings.Repeat(`]}`, 60) + `}}`,
}

// state is everything that an attack could have changed: all documents of all
// collections, and which databases there are.
func state(t testing.TB, db *mongo.Database) string {
	t.Helper()
	databases, err := db.Client().ListDatabaseNames(t.Context(), d("name", d("$in", bson.A{"stolen", db.Name()})))
	require.NoError(t, err)
	names, err := db.ListCollectionNames(t.Context(), d())
	require.NoError(t, err)
	all := fmt.Sprint(databases, len(names))
	for _, name := range []string{"c", "other", "stolen"} {
		cursor, err := db.Collection(name).Find(t.Context(), d(), options.Find().SetSort(d("_id", 1)))
		require.NoError(t, err)
		var docs []bson.Raw
		require.NoError(t, cursor.All(t.Context(), &docs))
		all += fmt.Sprint(name, docs)
	}
	return all
}

// TestAttacks runs hostile rules: what is to be refused is, in the check and by a
// sync, and nothing is changed.
func TestAttacks(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1, "a", "x"), d("_id", 2, "a", "y"))
	insert(t, db.Collection("other"), d("_id", 1, "a", "x"))
	source := open(t, on(t, db, "c"))
	before := state(t, db)
	attack := func(rule string, refused bool) {
		raw := rules(rule)
		problems := mongodb.Kind().CheckRules(raw.AdvancedRules)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if problems.Err() == nil { // as the runtime does: what is not of the form goes no further
			for _, check := range source.AdvancedRulesValidators() {
				problems = append(problems, check(ctx, raw.AdvancedRules)...)
			}
			_, err := get(ctx, source, raw)
			require.False(t, refused && err == nil, "%.300s was run", rule)
		}
		require.NoError(t, ctx.Err(), "%.300s", rule)
		require.False(t, refused && problems.Err() == nil, "%.300s was not refused", rule)
	}
	count := 0
	for _, place := range places {
		for _, what := range hostile {
			attack(strings.Replace(place, "HERE", what, 1), true)
			count++
		}
		require.Equal(t, before, state(t, db), place)
	}
	for _, rule := range attacks {
		attack(rule, true)
		require.Equal(t, before, state(t, db), "%.300s", rule)
	}
	for _, rule := range mayRun {
		attack(rule, false)
		require.Equal(t, before, state(t, db), "%.300s", rule)
	}
	t.Logf("%d hostile rules, %d that may run", count+len(attacks), len(mayRun))
	require.Greater(t, count+len(attacks), 500)
}
