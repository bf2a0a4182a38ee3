package elastic

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// classOf is the class of a rejected item, by the name of the error first: an
// ingest processor may answer with any status.
func classOf(v *verdict) connector.Class {
	switch v.kind {
	case "mapper_parsing_exception", "document_parsing_exception", "strict_dynamic_mapping_exception", "x_content_parse_exception",
		"max_bytes_length_exceeded_exception", "parsing_exception":
		return connector.ClassMapping
	case "document_missing_exception":
		return connector.ClassMissing
	case "version_conflict_engine_exception":
		return connector.ClassConflict
	case "ingest_processor_exception", "script_exception", "graph_structure_exception", "attachment_processor_exception":
		return connector.ClassPipeline
	case "illegal_argument_exception":
		if mappingReason(v.reason) {
			return connector.ClassMapping
		}
	}
	switch v.status {
	case http.StatusNotFound:
		return connector.ClassMissing
	case http.StatusConflict:
		return connector.ClassConflict
	case http.StatusRequestEntityTooLarge:
		return connector.ClassTooLarge
	}
	return connector.ClassRefused
}

// mappingReason tells the refusals of a mapping from other illegal arguments.
func mappingReason(reason string) bool {
	for _, part := range []string{"mapper [", "Limit of total fields", "Limit of mapping depth", "immense term", "can't merge", "cannot be changed from type"} {
		if strings.Contains(reason, part) {
			return true
		}
	}
	return false
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
