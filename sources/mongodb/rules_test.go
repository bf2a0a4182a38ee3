package mongodb_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mongodb"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

func TestRules(t *testing.T) {
	db := fixture.Database(t)
	c := db.Collection("c")
	for i := range 10 {
		insert(t, c, d("_id", i, "n", 10-i, "name", strings.ToUpper(string(rune('a'+i))), "at", bson.DateTime(1700000000000+int64(i)*86400000), "key", object))
	}
	_, err := c.Indexes().CreateOne(t.Context(), indexModel())
	require.NoError(t, err)
	source := open(t, on(t, db, "c"))
	for rule, want := range map[string]string{
		`{}`:                                   "0 1 2 3 4 5 6 7 8 9",
		`{"find":{"filter":{"n":{"$lte":3}}}}`: "7 8 9",
		`{"find":{"filter":{"at":{"$gte":{"$date":"2023-11-22T00:00:00Z"}}}}}`:                                                      "8 9",
		`{"find":{"filter":{"key":{"$oid":"507f1f77bcf86cd799439011"},"_id":{"$numberLong":"4"}}}}`:                                 "4",
		`{"find":{"filter":{"name":{"$regex":"^[bc]","$options":"i"}}}}`:                                                            "1 2",
		`{"find":{"sort":{"n":1},"limit":2}}`:                                                                                       "8 9",
		`{"find":{"sort":{"_id":1},"skip":8,"batch_size":1}}`:                                                                       "8 9",
		`{"find":{"filter":{"n":{"$gt":8}},"hint":"by_n"}}`:                                                                         "0 1",
		`{"find":{"filter":{"n":{"$gt":8}},"hint":{"n":1},"max_time_ms":5000,"no_cursor_timeout":true,"allow_disk_use":true}}`:      "0 1",
		`{"find":{"filter":{"name":"b"},"collation":{"locale":"en","strength":2}}}`:                                                 "1",
		`{"aggregate":{"pipeline":[{"$match":{"n":{"$gt":9}}}],"allowDiskUse":true,"maxTimeMS":5000,"batchSize":5}}`:                "0",
		`{"aggregate":{"pipeline":[{"$match":{"$expr":{"$gt":["$n","$$least"]}}}],"let":{"least":8}}}`:                              "0 1",
		`{"aggregate":{"pipeline":[{"$group":{"_id":{"$mod":["$n",2]},"n":{"$sum":1}}}],"collation":{"locale":"en"}}}`:              "0 1",
		`{"aggregate":{"pipeline":[{"$match":{"n":{"$gt":8}}}],"hint":"by_n"}}`:                                                     "0 1",
		`{"aggregate":{"pipeline":[{"$lookup":{"from":"c","localField":"_id","foreignField":"n","as":"x"}},{"$match":{"x.n":1}}]}}`: "1",
	} {
		for _, check := range source.AdvancedRulesValidators() {
			require.Empty(t, check(t.Context(), rules(rule).AdvancedRules), rule)
		}
		require.Empty(t, mongodb.Kind().CheckRules(rules(rule).AdvancedRules), rule)
		x, err := get(t.Context(), source, rules(rule))
		require.NoError(t, err, rule)
		require.Equal(t, want, strings.Join(x.ids(), " "), rule)
	}
	require.Equal(t, index{"0": `"n":10,"name":"A"`}, mustGet(t, source, rules(`{"find":{"filter":{"_id":0},"projection":["n","name"]}}`)))
	require.Equal(t, index{"0": `"n":10`}, mustGet(t, source, rules(`{"find":{"filter":{"_id":0},"projection":{"n":1}}}`)))
}

func indexModel() mongo.IndexModel {
	return mongo.IndexModel{Keys: d("n", 1), Options: options.Index().SetName("by_n")}
}

func TestRulesThatAreRefused(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1, "a", "x"))
	source := open(t, on(t, db, "c"))
	for rule, want := range map[string]string{
		`{"find":{"filter":{"$where":"sleep(1000)"}}}`:                                             "/find/filter/$where: $where is not allowed in rules: it runs JavaScript on the server",
		`{"find":{"filter":{"a":{"$elemMatch":{"$or":[{"b":1},{"$where":"1"}]}}}}}`:                "/find/filter/a/$elemMatch/$or/1/$where: $where is not allowed in rules: it runs JavaScript on the server",
		`{"find":{"filter":{"$expr":{"$function":{"body":"f"}}}}}`:                                 "/find/filter/$expr/$function: $function is not allowed in rules: it runs JavaScript on the server",
		`{"find":{"projection":{"x":{"$function":{"body":"f"}}}}}`:                                 "/find/projection/x/$function: $function is not allowed in rules: it runs JavaScript on the server",
		`{"aggregate":{"pipeline":[{"$out":"c2"}]}}`:                                               "/aggregate/pipeline/0/$out: $out is not allowed in rules: it writes to a collection",
		`{"aggregate":{"pipeline":[{"$match":{}},{"$merge":{"into":"c2"}}]}}`:                      "/aggregate/pipeline/1/$merge: $merge is not allowed in rules: it writes to a collection",
		`{"aggregate":{"pipeline":[{"$facet":{"x":[{"$lookup":{"pipeline":[{"$out":"c2"}]}}]}}]}}`: "/aggregate/pipeline/0/$facet/x/0/$lookup/pipeline/0/$out: $out is not allowed in rules: it writes to a collection",
		`{"aggregate":{"pipeline":[{"$unionWith":{"coll":"x","pipeline":[{"$merge":"y"}]}}]}}`:     "/aggregate/pipeline/0/$unionWith/pipeline/0/$merge: $merge is not allowed in rules: it writes to a collection",
		`{"aggregate":{"pipeline":[{"$group":{"_id":1,"x":{"$accumulator":{"init":"f"}}}}]}}`:      "/aggregate/pipeline/0/$group/x/$accumulator: $accumulator is not allowed in rules: it runs JavaScript on the server",
		`{"aggregate":{"pipeline":[{"$match":{}}],"let":{"x":{"$function":{}}}}}`:                  "/aggregate/let/x/$function: $function is not allowed in rules: it runs JavaScript on the server",
		`{"find":{"projection":{"_id":0,"a":1}}}`:                                                  "/find/projection: it leaves out _id, without which a document can't be told from others; take the _id out of the projection",
		`{"find":{"projection":{"_id":false}}}`:                                                    "/find/projection: it leaves out _id, without which a document can't be told from others; take the _id out of the projection",
		`{"aggregate":{"pipeline":[{"$match":{}},{"$project":{"_id":0}}]}}`:                        "/aggregate/pipeline/1: it drops _id, without which a result can't be told from others; keep it, or make one that is unique with $set after it",
		`{"aggregate":{"pipeline":[{"$unset":"_id"}]}}`:                                            "/aggregate/pipeline/0: it drops _id, without which a result can't be told from others; keep it, or make one that is unique with $set after it",
		`{"aggregate":{"pipeline":[{"$unset":["a","_id"]}]}}`:                                      "/aggregate: collection c: a result has no _id, so that it can't be told from the others: keep _id in the projection or pipeline, or make one that is unique",
		`{"aggregate":{"pipeline":[{"$replaceRoot":{"newRoot":{"a":"$a"}}}]}}`:                     "/aggregate: collection c: a result has no _id, so that it can't be told from the others: keep _id in the projection or pipeline, or make one that is unique",
		`{"aggregate":{"pipeline":[{"$match":{},"$limit":1}]}}`:                                    `/aggregate/pipeline/0: a stage is an object with one member, its operator, such as {"$match": …}`,
		`{"find":{"filter":{"at":{"$date":"yesterday"}}}}`:                                         "/find/filter: it is no Extended JSON: ",
		`{"find":{"filter":{"a":{"$nope":1}}}}`:                                                    "/find: collection c: try the rules: (BadValue) unknown operator: $nope",
		`{"find":{"hint":"nope"}}`:                                                                 "/find: collection c: try the rules: (BadValue) hint 'nope' does not correspond to an existing index",
		`{"find":{"hint":{"$where":1}}}`:                                                           "/find/hint/$where: $where is not allowed in rules: it runs JavaScript on the server",
		`{"aggregate":{"pipeline":[{"$nope":1}]}}`:                                                 "/aggregate: collection c: try the rules: (Location40324) Unrecognized pipeline stage name: '$nope'",
	} {
		require.Empty(t, mongodb.Kind().CheckRules(rules(rule).AdvancedRules).Err(), rule)
		var problems connector.Problems
		for _, check := range source.AdvancedRulesValidators() {
			problems = append(problems, check(t.Context(), rules(rule).AdvancedRules)...)
		}
		require.Len(t, problems, 1, rule)
		require.True(t, strings.HasPrefix(problems[0].String(), want), "%s: %s", rule, problems)
	}
	x, err := get(t.Context(), source, rules(`{"aggregate":{"pipeline":[{"$replaceRoot":{"newRoot":{"a":"$a"}}}]}}`))
	require.ErrorContains(t, err, "collection c: a result has no _id")
	require.Empty(t, x)
	_, err = get(t.Context(), source, rules(`{"find":{"filter":{"$where":"1"}}}`))
	require.ErrorContains(t, err, "$where is not allowed")
	_, err = get(t.Context(), source, rules(`{"find":7}`))
	require.Error(t, err)
}

func TestSchemaOfRules(t *testing.T) {
	for _, rule := range []string{
		`{"find":{},"aggregate":{"pipeline":[{}]}}`, `{"find":{"filter":1}}`, `{"find":{"nope":1}}`, `{"aggregate":{"pipeline":[]}}`,
		`{"find":{"projection":[]}}`, `{"find":{"skip":-1}}`, `{"find":{"batch_size":0}}`, `{"remove":{}}`, `[{"find":{}}]`,
	} {
		require.Error(t, mongodb.Kind().CheckRules(rules(rule).AdvancedRules).Err(), rule)
	}
}

func TestRulesWithoutAServer(t *testing.T) {
	source := open(t, settings{"host": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100", "database": "db", "collection": "c"})
	problems := source.AdvancedRulesValidators()[1](t.Context(), rules(`{"find":{}}`).AdvancedRules)
	require.ErrorContains(t, problems.Err(), "no server answers")
	require.Empty(t, source.AdvancedRulesValidators()[1](t.Context(), rules(`{"find":{"filter":{"$where":"1"}}}`).AdvancedRules))
}

func TestARuleThatTakesLongMayBeRight(t *testing.T) {
	s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
		if name == "aggregate" {
			return refusal(50, "MaxTimeMSExpired")
		}
		return usual(name, cmd)
	})
	require.Empty(t, open(t, s.settings()).AdvancedRulesValidators()[1](t.Context(), rules(`{"aggregate":{"pipeline":[{"$match":{}}]}}`).AdvancedRules))
}
