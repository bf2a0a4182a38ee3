package mongodb

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Walk turns one BSON document into a document, as full syncs do.
func Walk(dates, uuids string, mixed bool) func(bson.Raw) (connector.Document, error) {
	w := newWalker(dateMode(dates), uuidForm(uuids))
	w.mixed = mixed
	return w.document
}

// After is the filter of the documents behind one in the order of _id.
func After(doc bson.Raw) any {
	q := everything()
	v := doc.Lookup("_id")
	return q.after(&element{kind: v.Type, value: v.Value})
}
