package embedded

import (
	"bytes"
	"compress/gzip"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// call is one request on its way through the node.
type call struct {
	node  *Node
	req   *http.Request
	parts []string // of the path, unescaped
	query url.Values
}

// reply is what a route answers. A nil body is an empty answer.
type reply struct {
	status int
	body   any    // JSON, unless text is set
	raw    []byte // JSON that is encoded already
	text   string
}

func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

// Handler answers Elasticsearch's requests.
func (n *Node) Handler() http.Handler { return http.HandlerFunc(n.serve) }

func (n *Node) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	c := &call{node: n, req: r, query: r.URL.Query()}
	for part := range strings.SplitSeq(strings.Trim(r.URL.EscapedPath(), "/"), "/") {
		text, err := url.PathUnescape(part)
		if err != nil {
			c.answer(w, reply{}, illegal("%s", err))
			return
		}
		c.parts = append(c.parts, text)
	}
	out, err := c.handle()
	c.answer(w, out, err)
}

func (c *call) handle() (reply, error) {
	if err := c.node.authenticate(c.req); err != nil {
		return reply{}, err
	}
	if err := c.checkMedia(); err != nil {
		return reply{}, err
	}
	route, err := c.route()
	if err == nil {
		err = c.guard()
	}
	if err != nil {
		return reply{}, err
	}
	return route(c)
}

func (n *Node) authenticate(r *http.Request) error {
	if !n.secured() {
		return nil
	}
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "ApiKey") && (n.opts.APIKey != "" && same(value, n.opts.APIKey) || n.knownKey(value)) {
		return nil
	}
	name := n.username()
	if n.opts.Password != "" && strings.EqualFold(scheme, "Basic") &&
		same(value, base64.StdEncoding.EncodeToString([]byte(name+":"+n.opts.Password))) {
		return nil
	}
	return fail(http.StatusUnauthorized, "security_exception", "missing or wrong authentication credentials for REST request [%s]", r.URL.Path)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// mediaType is the JSON type that mirrors what the caller accepts.
func mediaType(r *http.Request) string {
	accept := r.Header.Get("Accept")
	if strings.Contains(accept, "vnd.elasticsearch") {
		for _, version := range []string{"8", "9", "7"} {
			if strings.Contains(accept, "compatible-with="+version) {
				return "application/vnd.elasticsearch+json;compatible-with=" + version
			}
		}
	}
	return "application/json"
}

// checkMedia refuses bodies that are not JSON.
func (c *call) checkMedia() error {
	if c.req.ContentLength == 0 {
		return nil
	}
	typ, _, _ := strings.Cut(c.req.Header.Get("Content-Type"), ";")
	switch strings.TrimSpace(typ) {
	case "application/json", "application/x-ndjson", "application/vnd.elasticsearch+json", "application/vnd.elasticsearch+x-ndjson":
		return nil
	}
	return fail(http.StatusNotAcceptable, "media_type_header_exception", "Content-Type header [%s] is not supported", c.req.Header.Get("Content-Type"))
}

// body reads the request's body, at most MaxBody bytes after decompression.
func (c *call) body() ([]byte, error) {
	var in io.Reader = c.req.Body
	if strings.EqualFold(c.req.Header.Get("Content-Encoding"), "gzip") {
		z, err := gzip.NewReader(c.req.Body)
		if err != nil {
			return nil, illegal("the request is not gzip: %s", err)
		}
		in = z
	}
	limit := c.node.opts.MaxBody
	if c.req.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	b, err := readAll(in, max(c.req.ContentLength, 512), limit)
	if err != nil && !errors.Is(err, errTooLarge) {
		return nil, illegal("read the request: %s", err)
	}
	if err != nil {
		return nil, tooLarge(limit)
	}
	return b, nil
}

var errTooLarge = errors.New("body above the limit")

func tooLarge(limit int64) error {
	return fail(http.StatusRequestEntityTooLarge, "content_too_long_exception", "the request is larger than %d bytes", limit)
}

func readAll(in io.Reader, size, limit int64) ([]byte, error) {
	b := make([]byte, 0, min(size, limit)+512)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		k, err := in.Read(b[len(b):cap(b)])
		b = b[:len(b)+k]
		if int64(len(b)) > limit {
			return nil, errTooLarge
		}
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// object reads the body as a JSON object; an empty body is nil.
func (c *call) object() (map[string]any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	return decodeObject(b)
}

func (c *call) answer(w http.ResponseWriter, out reply, err error) {
	paths := c.query["filter_path"]
	if err != nil {
		paths = nil // errors are never filtered
		e := asAPI(err)
		out = reply{status: e.status, body: e.body()}
		if e.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="security", charset="UTF-8"`)
		}
	}
	if out.body == nil && out.raw == nil && out.status == http.StatusOK && c.req.Method != http.MethodHead {
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		w.WriteHeader(out.status)
		_, _ = io.WriteString(w, out.text)
		return
	}
	b := out.raw
	if b == nil && out.body != nil {
		if b, err = encode(out.body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	if len(paths) > 0 && len(b) > 0 {
		b = filterPath(b, paths)
	}
	if c.query.Has("pretty") && c.query.Get("pretty") != "false" {
		b = indent(b)
	}
	w.Header().Set("Content-Type", mediaType(c.req))
	w.WriteHeader(out.status)
	if c.req.Method != http.MethodHead {
		_, _ = w.Write(b)
	}
}

// encode leaves the signs of HTML as they are: documents come out as they went
// in.
func encode(body any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(body)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// flag reads a boolean parameter; present without a value is true.
func (c *call) flag(name string) bool {
	v, ok := c.query[name]
	return ok && (v[0] == "" || v[0] == "true")
}
