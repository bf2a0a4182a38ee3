package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is an answer that says no. Its text is one line, ends with what to do
// where that is known, and quotes no field values: see [Reason].
type Error struct {
	Status int
	// Type is Elasticsearch's name of the error, such as
	// "index_not_found_exception"; empty when the answer had none.
	Type string
	// Reason is the first sentence of the explanation, without field values.
	Reason string
	// Method and Path are the request's.
	Method, Path string
	// Remedy is what to do; it may be empty.
	Remedy string

	full string // the explanation as it came: to be looked at, not to be shown
}

// Error is one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.Path, e.Status)
	if e.Type != "" {
		b.WriteString(" " + e.Type)
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// HTTPStatus is the status of the answer.
func (e *Error) HTTPStatus() int { return e.Status }

// transient reports whether the same request may succeed later.
func (e *Error) transient() bool {
	return transient(e.Status) && !blocked(e.Type, e.Status)
}

// blocked reports an index that takes no writes until somebody acts: a
// read-only block, or the one that a full disk causes (which comes as 429).
func blocked(kind string, status int) bool {
	return kind == "cluster_block_exception" && status != http.StatusServiceUnavailable
}

// isStatus reports whether an error is an answer with a status.
func isStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}

// isType reports whether an error is an answer of a type.
func isType(err error, kind string) bool {
	var e *Error
	return errors.As(err, &e) && e.Type == kind
}

// errorBody is an answer's body: {"error": {…}} or {"error": "text"}.
type errorBody struct {
	Error json.RawMessage `json:"error"`
}

type errorDetail struct {
	Type, Reason string
	RootCause    []struct{ Type, Reason string } `json:"root_cause"`
	FailedShards []struct {
		Reason struct{ Type, Reason string }
	} `json:"failed_shards"`
}

func (c *Client) statusError(method, path string, res *http.Response, body []byte) error {
	e := &Error{Status: res.StatusCode, Method: method, Path: path}
	var outer errorBody
	if json.Unmarshal(body, &outer) == nil && len(outer.Error) > 0 {
		var d errorDetail
		var text string
		if json.Unmarshal(outer.Error, &d) == nil {
			e.Type, e.Reason = d.cause()
		} else if json.Unmarshal(outer.Error, &text) == nil {
			e.Reason = text
		}
	}
	e.full = e.Reason
	e.Type, e.Reason = c.redact.Text(e.Type), Reason(c.redact.Text(e.Reason))
	if e.Type == "" && res.Header.Get(productHeader) != product {
		return c.foreignStatus(e, res, body)
	}
	e.Remedy = remedy(e.Status, e.Type, e.full)
	return e
}

// cause is the most telling type and reason: a failed search says only "all
// shards failed" at its top.
func (d *errorDetail) cause() (kind, reason string) {
	if d.Type == "search_phase_execution_exception" {
		switch {
		case len(d.RootCause) > 0:
			return d.RootCause[0].Type, d.RootCause[0].Reason
		case len(d.FailedShards) > 0:
			return d.FailedShards[0].Reason.Type, d.FailedShards[0].Reason.Reason
		}
	}
	return d.Type, d.Reason
}

// foreignStatus is an answer that comes from something before Elasticsearch,
// or from something else.
func (c *Client) foreignStatus(e *Error, res *http.Response, body []byte) error {
	switch {
	case e.Status >= 300 && e.Status < 400:
		e.Reason = "the server redirects elsewhere"
		e.Remedy = "write the final address in elasticsearch.host"
	case e.Status == http.StatusProxyAuthRequired:
		e.Reason = "the proxy wants a user and a password"
		e.Remedy = "write them in elasticsearch.proxy: http://user:password@host:port"
	case e.Status == http.StatusBadRequest && bytes.Contains(bytes.ToLower(body), []byte("https")):
		return &ConnectError{
			Address: c.Address(), Problem: "the server speaks TLS on this port",
			Remedy: "write https:// in elasticsearch.host", unsent: true,
		}
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden,
		e.Status == http.StatusRequestEntityTooLarge, transient(e.Status):
		e.Remedy = remedy(e.Status, "", "")
	case !c.verified.Load():
		return c.notElasticsearch(body)
	}
	return e
}

func (c *Client) notElasticsearch(body []byte) error {
	e := &ConnectError{
		Address: c.Address(), Problem: "what answers there is not Elasticsearch",
		Remedy: "check host, port and path of elasticsearch.host",
	}
	if bytes.Contains(bytes.ToLower(body), []byte("opensearch")) {
		e.Problem, e.Remedy = "OpenSearch answers there", "only Elasticsearch 8 and 9 are supported"
	}
	return e
}

// remedy says what to do about an answer.
func remedy(status int, kind, reason string) string {
	switch {
	case status == http.StatusUnauthorized:
		return "check elasticsearch.api_key, or username and password"
	case kind == "cluster_block_exception" && strings.Contains(reason, "flood-stage"):
		return "a disk of the cluster is nearly full: free space, and the block goes away by itself"
	case kind == "cluster_block_exception":
		return "lift the block: set index.blocks.write, .read_only and .read_only_allow_delete to null"
	case status == http.StatusForbidden:
		if list := granting(reason); list != "" {
			return "give the API key or user one of the privileges " + list
		}
		return "give the API key or user the missing privilege; \"tributary check\" lists them"
	case status == http.StatusRequestEntityTooLarge:
		return "lower elasticsearch.bulk.chunk_max_mem_size, or raise http.max_content_length of Elasticsearch and the limit of a proxy before it"
	case kind == "index_closed_exception":
		return "open the index"
	case status == http.StatusTooManyRequests:
		return "the cluster is overloaded: see its load, or lower elasticsearch.bulk.max_concurrency"
	case status >= http.StatusInternalServerError:
		return "see the health of the cluster and its log, or that of a proxy before it"
	}
	return ""
}

// granting returns "read,all" of "…is granted by the index privileges
// [read,all]".
func granting(reason string) string {
	_, rest, found := strings.Cut(reason, "privileges [")
	if !found {
		return ""
	}
	list, _, found := strings.Cut(rest, "]")
	if !found {
		return ""
	}
	return strings.ReplaceAll(list, ",", ", ")
}

const maxReason = 240

// saidElsewhere starts what need not be repeated: the privileges are part of the remedy, the request of the
// error's start.
var saidElsewhere = []string{", this action is granted by the ", " for REST request ["}

// Reason shortens the explanation of an Elasticsearch error to what may be
// logged and shown: the first sentence, with every quoted text replaced by
// '…', since it may be a value of a document. Quotes after "field=" stay:
// they are names.
func Reason(text string) string {
	text, _, _ = strings.Cut(strings.TrimRight(text, "; "), ". ")
	for _, tail := range saidElsewhere {
		text, _, _ = strings.Cut(text, tail)
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		c := text[i]
		end := -1
		if c == '"' || c == '\'' && !apostrophe(text, i) {
			end = strings.IndexByte(text[i+1:], c)
		}
		switch {
		case c == '\n' || c == '\r':
			b.WriteByte(' ')
			i++
		case (c == '"' || c == '\'') && end >= 0 && !strings.HasSuffix(text[:i], "field="):
			b.WriteString("'…'")
			i += end + 2
		case (c == '"' || c == '\'') && end >= 0:
			b.WriteString(text[i : i+end+2])
			i += end + 2
		case c == '"':
			return b.String() + "'…'" // never closed: a value was cut
		default:
			b.WriteByte(c)
			i++
		}
	}
	return truncate(b.String(), maxReason)
}

// apostrophe reports a quote inside a word, as in "field's".
func apostrophe(text string, i int) bool {
	return i > 0 && letter(text[i-1]) && i+1 < len(text) && letter(text[i+1])
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}
