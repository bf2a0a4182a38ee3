package elastic

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// reason is a row of the table of reasons. The first that fits is the class of
// a rejected document.
type reason struct {
	status int    // 0: any
	kind   string // Elasticsearch's type of the error; empty: any
	says   string // a part of its explanation
	class  connector.Class
	remedy string // where there is more to do than to mend the document
}

// reasons begin with the explanations: those of several kinds say the same.
var reasons = [...]reason{
	{
		says: "Limit of total fields", class: connector.ClassFields,
		remedy: "the index has as many fields as it may: map the object that holds these as flattened, set index.mapping.total_fields.ignore_dynamic_beyond_limit, or raise index.mapping.total_fields.limit",
	},
	{says: "Limit of mapping depth", class: connector.ClassLimit, remedy: "map the object as flattened, or raise index.mapping.depth.limit"},
	{says: "Limit of nested fields", class: connector.ClassLimit, remedy: "raise index.mapping.nested_fields.limit"},
	{says: "number of nested documents has exceeded", class: connector.ClassLimit, remedy: "raise index.mapping.nested_objects.limit"},
	{says: "immense term", class: connector.ClassLimit, remedy: "set ignore_above for the field"},
	{says: "is longer than the limit of", class: connector.ClassLimit, remedy: "raise index.mapping.field_name_length.limit"},
	{says: "exceeds the maximum allowed (", class: connector.ClassLimit},
	{says: "exceeds the maximum length", class: connector.ClassLimit},
	{says: "maximum allowed nesting depth", class: connector.ClassLimit},
	{
		status: http.StatusTooManyRequests, class: connector.ClassTooLarge,
		remedy: "raise indexing_pressure.memory.limit or the heap of Elasticsearch",
	},
	{
		status: http.StatusRequestEntityTooLarge, class: connector.ClassTooLarge,
		remedy: "raise http.max_content_length of Elasticsearch, or the limit of a proxy before it",
	},

	{kind: "fail_processor_exception", class: connector.ClassPipeline},
	{kind: "ingest_processor_exception", class: connector.ClassPipeline},
	{kind: "graph_structure_exception", class: connector.ClassPipeline},
	{kind: "script_exception", class: connector.ClassPipeline},
	{kind: "document_parsing_exception", class: connector.ClassMapping},
	{kind: "mapper_parsing_exception", class: connector.ClassMapping},
	{kind: "strict_dynamic_mapping_exception", class: connector.ClassMapping},
	{kind: "x_content_parse_exception", class: connector.ClassMapping},
	{kind: "max_bytes_length_exceeded_exception", class: connector.ClassMapping},
	{kind: "parsing_exception", class: connector.ClassMapping},
	{kind: "illegal_argument_exception", says: "mapper [", class: connector.ClassMapping},
	{kind: "illegal_argument_exception", says: "can't merge", class: connector.ClassMapping},
	{kind: "illegal_argument_exception", says: "cannot be changed from type", class: connector.ClassMapping},
	{kind: "document_missing_exception", class: connector.ClassMissing},
	{kind: "version_conflict_engine_exception", class: connector.ClassConflict},
	{status: http.StatusNotFound, class: connector.ClassMissing},
	{status: http.StatusConflict, class: connector.ClassConflict},
}

// classOf is the class of a rejected item, and what to do about it if that is
// more than to mend the document. The status tells least: an ingest processor
// may answer with any.
func classOf(v *verdict) (connector.Class, string) {
	for i := range reasons {
		r := &reasons[i]
		if (r.status == 0 || r.status == int(v.status)) && (r.kind == "" || r.kind == v.kind) && strings.Contains(v.reason, r.says) {
			return r.class, r.remedy
		}
	}
	return connector.ClassRefused, ""
}

// names of actions in a rejection.
var actions = [...]string{opCreate: "create", opIndex: "index", opUpdate: "update", opDelete: "delete"}

// rejection is an item as the report is told about it.
func (b *batch) rejection(it *item, class connector.Class, reason string) connector.Rejection {
	return connector.Rejection{ID: b.name(it), Action: actions[it.op], Class: class, Reason: reason, Source: b.source(it)}
}

// source is the document of an item; nil for a deletion.
func (b *batch) source(it *item) []byte {
	if it.op == opDelete {
		return nil
	}
	lines := b.buf[it.start : it.end-1] // without the line break
	source := lines[bytes.IndexByte(lines, '\n')+1:]
	if it.op == opUpdate {
		source = source[len(`{"doc":`) : len(source)-1]
	}
	return source
}
