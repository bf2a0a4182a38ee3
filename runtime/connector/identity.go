package connector

// Nobody is the identity that no user holds. With document-level security it is
// the access list of a document that nobody may read: Elasticsearch shows a
// document without a list to everybody.
const Nobody = "tributary:nobody"

// accessQuery is the search filter of an identity: documents whose access list
// holds one of the identity's ids, and those without a list. It is a Mustache
// template, since only that can turn a list into JSON.
const accessQuery = `{"bool":{"should":[` +
	`{"bool":{"must_not":{"exists":{"field":"_allow_access_control"}}}},` +
	`{"terms":{"_allow_access_control.keyword":{{#toJson}}access_control{{/toJson}}}}` +
	`],"minimum_should_match":1}}`

// NewIdentity returns the document of an identity with an id, such as a user's
// name: search applications take the query in it as the filter of an API key.
// The access list holds what documents may name in [Document.Access] to let
// this identity read. More fields can be set.
func NewIdentity(id string, access []string) Document {
	d := NewDocument(id)
	d.Set("query", map[string]any{"template": map[string]any{
		"params": map[string]any{"access_control": access},
		"source": accessQuery,
	}})
	return d
}
