package mongodb

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/runtime/connector"
)

// batchSize is how many documents one answer of the server holds at most: few
// enough that a slow index comes back for the next ones in time.
const batchSize = 500

// query is what is asked of each collection.
type query struct {
	verb       string // "find" or "aggregate"
	options    bson.D // members of the command besides the collection, the filter and the stages
	filter     bson.Raw
	projection bson.Raw
	collation  bson.Raw
	stages     []bson.Raw
	batch      int32
	cut        bool // skip, limit or the like decide about a document by looking at others
	ordered    bool // the user says in which order
}

// everything is the query without rules.
func everything() query { return query{verb: "find", batch: batchSize} }

// readQuery makes a query of the advanced rules and returns the problems that
// their schema can't find.
func readQuery(filter connector.Filter) (query, connector.Problems) {
	rules, some, err := advancedRules(filter)
	switch {
	case err != nil:
		return query{}, connector.Problems{{Message: err.Error()}}
	case !some:
		return everything(), nil
	}
	p := parser{}
	q := everything()
	switch {
	case rules.Find != nil:
		p.find(&q, rules.Find)
	case rules.Aggregate != nil:
		p.aggregate(&q, rules.Aggregate)
	}
	return q, p.problems
}

// parser reads Extended JSON, of which it finds every problem.
type parser struct{ problems connector.Problems }

func (p *parser) add(pointer, message string) {
	p.problems = append(p.problems, connector.Problem{Pointer: pointer, Message: message})
}

// document reads an object; nil when there is none.
func (p *parser) document(pointer string, raw json.RawMessage) bson.Raw {
	if len(raw) == 0 {
		return nil
	}
	var doc bson.Raw
	if err := bson.UnmarshalExtJSON(raw, false, &doc); err != nil {
		p.add(pointer, "it is no Extended JSON: "+strings.TrimPrefix(err.Error(), "error decoding key "))
		return nil
	}
	p.refuse(pointer, doc)
	return doc
}

// option adds a member of the command, which may be an object or a text.
func (p *parser) option(q *query, pointer, name string, raw json.RawMessage) {
	var text string
	switch {
	case len(raw) == 0:
	case json.Unmarshal(raw, &text) == nil:
		q.options = append(q.options, bson.E{Key: name, Value: text})
	default:
		if doc := p.document(pointer, raw); doc != nil {
			q.options = append(q.options, bson.E{Key: name, Value: doc})
		}
	}
}

func flag(q *query, name string, value *bool) {
	if value != nil && *value {
		q.options = append(q.options, bson.E{Key: name, Value: true})
	}
}

func number(q *query, name string, value *int64) bool {
	if value == nil || *value == 0 {
		return false
	}
	q.options = append(q.options, bson.E{Key: name, Value: *value})
	return true
}

func (p *parser) find(q *query, r *RuleFind) {
	q.filter = p.document("/find/filter", r.Filter)
	q.projection = p.document("/find/projection", fieldList(r.Projection))
	q.collation = p.document("/find/collation", r.Collation)
	p.option(q, "/find/sort", "sort", r.Sort)
	q.ordered = len(r.Sort) > 0
	p.option(q, "/find/hint", "hint", r.Hint)
	skips, limits := number(q, "skip", r.Skip), number(q, "limit", r.Limit)
	number(q, "maxTimeMS", r.MaxTimeMS)
	flag(q, "noCursorTimeout", r.NoCursorTimeout)
	flag(q, "returnKey", r.ReturnKey)
	flag(q, "showRecordId", r.ShowRecordID)
	flag(q, "allowDiskUse", r.AllowDiskUse)
	q.cut = skips || limits || r.ReturnKey != nil && *r.ReturnKey
	if r.BatchSize != nil {
		q.batch = int32(*r.BatchSize)
	}
	if dropsID(q.projection) {
		p.add("/find/projection", "it leaves out _id, without which a document can't be told from others; take the _id out of the projection")
	}
}

// fieldList turns a list of names into the object that means the same.
func fieldList(raw json.RawMessage) json.RawMessage {
	var names []string
	if len(raw) == 0 || json.Unmarshal(raw, &names) != nil {
		return raw
	}
	members := make(bson.D, len(names))
	for i, name := range names {
		members[i] = bson.E{Key: name, Value: 1}
	}
	out, err := bson.MarshalExtJSON(members, false, false)
	if err != nil {
		return raw
	}
	return out
}

func (p *parser) aggregate(q *query, r *RuleAggregate) {
	q.verb = "aggregate"
	for i, raw := range r.Pipeline {
		pointer := fmt.Sprintf("/aggregate/pipeline/%d", i)
		if stage := p.document(pointer, raw); stage != nil {
			q.stages = append(q.stages, stage)
			p.stage(pointer, stage, i == len(r.Pipeline)-1)
		}
	}
	if doc := p.document("/aggregate/let", r.Let); doc != nil {
		q.options = append(q.options, bson.E{Key: "let", Value: doc})
	}
	q.collation = p.document("/aggregate/collation", r.Collation)
	p.option(q, "/aggregate/hint", "hint", r.Hint)
	number(q, "maxTimeMS", r.MaxTimeMS)
	flag(q, "allowDiskUse", r.AllowDiskUse)
	if r.BatchSize != nil {
		q.batch = int32(*r.BatchSize)
	}
}

// stage looks at one stage alone.
func (p *parser) stage(pointer string, stage bson.Raw, last bool) {
	elements, err := stage.Elements()
	if err != nil || len(elements) != 1 {
		p.add(pointer, "a stage is an object with one member, its operator, such as {\"$match\": …}")
		return
	}
	name := elements[0].Key()
	projection, _ := elements[0].Value().DocumentOK()
	text, _ := elements[0].Value().StringValueOK()
	if name == "$unset" && text == "_id" || last && name == "$project" && dropsID(projection) {
		p.add(pointer, "it drops _id, without which a result can't be told from others; keep it, or make one that is unique with $set after it")
	}
}

// dropsID reports whether a projection leaves out _id.
func dropsID(projection bson.Raw) bool {
	v := projection.Lookup("_id")
	if b, ok := v.BooleanOK(); ok {
		return !b
	}
	f, ok := v.AsFloat64OK()
	return ok && f == 0
}

// refused are operators that write, that run programs on the server, or that
// never end.
var refused = map[string]string{
	"$out":         "it writes to a collection",
	"$merge":       "it writes to a collection",
	"$function":    "it runs JavaScript on the server",
	"$where":       "it runs JavaScript on the server",
	"$accumulator": "it runs JavaScript on the server",

	"$changeStream": "it has no end",
}

// refuse reports operators that a rule may not use, at any depth.
func (p *parser) refuse(pointer string, doc bson.Raw) {
	for e, err := range elements(doc) {
		if err != nil {
			p.add(pointer, err.Error())
			return
		}
		key := string(e.key)
		at := pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
		if why, bad := refused[key]; bad {
			p.add(at, key+" is not allowed in rules: "+why)
			continue
		}
		if e.kind == bson.TypeEmbeddedDocument || e.kind == bson.TypeArray {
			p.refuse(at, e.value)
		}
	}
}

// command is the request for a collection's documents; those after a position
// alone when there is one.
func (q *query) command(name string, after *element) bson.D {
	cmd := bson.D{{Key: q.verb, Value: name}}
	if q.verb == "aggregate" {
		cmd = append(cmd,
			bson.E{Key: "pipeline", Value: q.pipeline()},
			bson.E{Key: "cursor", Value: bson.D{{Key: "batchSize", Value: q.batch}}})
	} else {
		cmd = append(cmd, bson.E{Key: "filter", Value: q.after(after)}, bson.E{Key: "batchSize", Value: q.batch})
		if len(q.projection) > 0 {
			cmd = append(cmd, bson.E{Key: "projection", Value: q.projection})
		}
	}
	if len(q.collation) > 0 {
		cmd = append(cmd, bson.E{Key: "collation", Value: q.collation})
	}
	return append(cmd, q.options...)
}

func (q *query) pipeline() bson.A {
	stages := make(bson.A, len(q.stages))
	for i, stage := range q.stages {
		stages[i] = stage
	}
	return stages
}

// after adds to the filter that documents come after a position in the order
// of _id. MongoDB compares values of one type only, so the types that sort
// later are named.
func (q *query) after(e *element) any {
	own := q.filter
	if own == nil {
		own = bson.Raw{5, 0, 0, 0, 0}
	}
	if e == nil {
		return own
	}
	value := bson.RawValue{Type: e.kind, Value: e.value}
	rest := bson.A{bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: value}}}}}
	if d, ok := value.DoubleOK(); ok && d != d { // nothing is greater than NaN, which sorts before all numbers
		rest = bson.A{bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: infinity(-1)}}}}}
	}
	later := bson.A{}
	for _, kinds := range order[min(rank(e.kind)+1, len(order)):] {
		for _, kind := range kinds {
			if kind != bson.TypeUndefined { // no _id is, and servers refuse to be asked
				later = append(later, typeNumber(kind))
			}
		}
	}
	if len(later) > 0 {
		rest = append(rest, bson.D{{Key: "_id", Value: bson.D{{Key: "$type", Value: later}}}})
	}
	return bson.D{{Key: "$and", Value: bson.A{own, bson.D{{Key: "$or", Value: rest}}}}}
}

// typeNumber is a type as $type names it.
func typeNumber(kind bson.Type) int32 {
	if kind == bson.TypeMinKey {
		return -1
	}
	return int32(kind)
}
