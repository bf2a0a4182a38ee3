package mongodb

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// whole says why the query can't be applied to single documents, so that only
// a full sync tells its result; empty when it can.
func (q *query) whole() string {
	if q.cut {
		return "with skip, limit or return_key in the rules a change of one document can move others in or out"
	}
	if len(q.collation) > 0 {
		return "with a collation in the rules changed documents can't be found by their _id"
	}
	for _, stage := range q.stages {
		if !single(stage) {
			return "the pipeline of the rules makes its results of more than one document, or gives them another _id"
		}
	}
	return ""
}

// single reports whether a stage looks at each document alone and leaves its
// _id as it is.
func single(stage bson.Raw) bool {
	elements, err := stage.Elements()
	if err != nil || len(elements) != 1 {
		return false
	}
	switch elements[0].Key() {
	case "$match", "$unset":
		return true
	case "$project":
		return keepsID(elements[0].Value())
	case "$set", "$addFields":
		doc, ok := elements[0].Value().DocumentOK()
		return ok && doc.Lookup("_id").IsZero()
	}
	return false
}

// keepsID reports whether a projection passes _id on.
func keepsID(v bson.RawValue) bool {
	doc, ok := v.DocumentOK()
	if !ok {
		return false
	}
	id := doc.Lookup("_id")
	return id.IsZero() || slices.Contains([]bson.Type{bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeBoolean}, id.Type)
}
