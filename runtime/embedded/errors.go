package embedded

import (
	"errors"
	"fmt"
	"net/http"
	"syscall"
)

// ErrLocked is returned by Open when another process has the data folder.
var ErrLocked = errors.New("the data folder is in use by another process")

var errClosed = errors.New("node is closed")

// apiError is an error in Elasticsearch's shape.
type apiError struct {
	status int
	typ    string
	reason string
	cause  *apiError
	early  bool      // found while reading the request, before any index was asked
	root   *apiError // shown as root_cause; default: the error itself
	extra  map[string]any
}

func (e *apiError) Error() string { return e.typ + ": " + e.reason }

func fail(status int, typ, format string, args ...any) *apiError {
	return &apiError{status: status, typ: typ, reason: fmt.Sprintf(format, args...)}
}

func illegal(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "illegal_argument_exception", format, args...)
}

func parsing(format string, args ...any) *apiError {
	e := fail(http.StatusBadRequest, "parsing_exception", format, args...)
	e.early = true
	return e
}

// malformed is an argument that is wrong whatever the index.
func malformed(format string, args ...any) *apiError {
	e := illegal(format, args...)
	e.early = true
	return e
}

// within says in which part of a query an error was found.
func within(query, part string, err error) error {
	var e *apiError
	if !errors.As(err, &e) || !e.early {
		return err
	}
	root := e
	if e.root != nil {
		root = e.root
	}
	out := fail(e.status, "x_content_parse_exception", "[1:1] [%s] failed to parse field [%s]", query, part).causedBy(e)
	out.root, out.early = root, true
	return out
}

func badDocument(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "document_parsing_exception", format, args...)
}

func badMapping(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "mapper_parsing_exception", format, args...)
}

// unsupported refuses what Elasticsearch would do and this node does not.
func unsupported(format string, args ...any) *apiError {
	return illegal(format+" is not supported by the embedded node", args...)
}

func indexMissing(name string) *apiError {
	e := fail(http.StatusNotFound, "index_not_found_exception", "no such index [%s]", name)
	e.extra = map[string]any{
		"index": name, "index_uuid": "_na_", "resource.id": name, "resource.type": "index_or_alias",
	}
	return e
}

func (e *apiError) causedBy(c *apiError) *apiError {
	e.cause = c
	return e
}

func (e *apiError) on(index, uuid string) *apiError {
	e.extra = map[string]any{"index": index, "index_uuid": uuid}
	return e
}

// shardFailure is how a search reports an error that one of its indices gave.
func shardFailure(ix *index, e *apiError) *apiError {
	if e.typ == "query_shard_exception" {
		e.extra = map[string]any{"index": ix.name, "index_uuid": ix.uuid}
	}
	failed := map[string]any{"shard": 0, "index": ix.name, "node": nodeID, "reason": e.object()}
	return &apiError{
		status: e.status, typ: "search_phase_execution_exception", reason: "all shards failed", root: e, cause: e,
		extra: map[string]any{"phase": "query", "grouped": true, "failed_shards": []any{failed}},
	}
}

// nodeID is the name of the only node.
const nodeID = "tributary"

func queryFailed(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "query_shard_exception", format, args...)
}

// object is the error as one JSON object, without root_cause.
func (e *apiError) object() map[string]any {
	o := map[string]any{"type": e.typ, "reason": e.reason}
	for k, v := range e.extra {
		o[k] = v
	}
	if e.cause != nil {
		o["caused_by"] = e.cause.object()
	}
	return o
}

// body is the whole answer.
func (e *apiError) body() map[string]any {
	if e.typ == "" { // what Elasticsearch says before it knows the API
		plain := map[string]any{"error": e.reason}
		if e.status != http.StatusBadRequest {
			plain["status"] = e.status
		}
		return plain
	}
	o := e.object()
	from := e
	if e.root != nil {
		from = e.root
	}
	root := map[string]any{"type": from.typ, "reason": from.reason}
	for k, v := range from.extra {
		root[k] = v
	}
	o["root_cause"] = []any{root}
	return map[string]any{"error": o, "status": e.status}
}

// asAPI turns any error into one that can be answered.
func asAPI(err error) *apiError {
	var e *apiError
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, errClosed) {
		return fail(http.StatusServiceUnavailable, "node_closed_exception", "%s", err)
	}
	if full(err) { // as Elasticsearch says it, so that clients do not try again
		return fail(http.StatusTooManyRequests, "cluster_block_exception",
			"blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]; %s", err)
	}
	return fail(http.StatusInternalServerError, "exception", "%s", err)
}

// full reports whether a write failed because there is no room: on the disk, in a quota or in the largest size of a file.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
