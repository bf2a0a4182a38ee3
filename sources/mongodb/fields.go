package mongodb

import "github.com/tributary-search/tributary/runtime/connector"

// fields are the top-level ones of one document. Most documents have the same
// fields in the same order, and then nothing has to be looked for.
type fields struct {
	*walker
	seen  names
	place int
	usual bool // so far they are those of a document before
}

// next returns the next field of the document, or nil when one of its name was
// there already.
func (f *fields) next(key []byte) *connector.Field {
	if f.usual {
		if f.place < len(f.order) && f.order[f.place].Name() == string(key) {
			f.place++
			return f.order[f.place-1]
		}
		f.depart()
	}
	if !f.fresh(&f.seen, key) {
		return nil
	}
	field, known := f.fields[string(key)]
	if !known {
		field = connector.NewField(string(key))
		if len(f.fields) < maxFields {
			f.fields[field.Name()] = field
		}
	}
	if len(f.order) < maxFields {
		f.order, f.keys = append(f.order, field), append(f.keys, []byte(field.Name()))
	}
	return field
}

// depart begins the order anew, behind the fields that were as usual.
func (f *fields) depart() {
	f.usual = false
	f.order, f.keys = f.order[:f.place], f.keys[:f.place]
	for _, key := range f.keys {
		f.fresh(&f.seen, key)
	}
}
