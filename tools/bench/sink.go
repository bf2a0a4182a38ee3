package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// sink is an Elasticsearch that throws documents away: it counts them and
// answers as the real one would. What it may keep is ids and fingerprints, so
// that a second sync finds them. It runs in the process that measures, not in
// the measured one.
type sink struct {
	url    string
	server *http.Server
	keep   bool

	mu      sync.Mutex
	there   bool // the index was created
	docs    int
	bytes   int64
	text    []byte // ids and fingerprints, one after the other
	ends    []int  // of each of both in text
	answers map[string][]byte
}

func newSink(keep bool) (*sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{url: "http://" + listener.Addr().String(), keep: keep, answers: map[string][]byte{}}
	s.server = &http.Server{Handler: s}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

func (s *sink) close() { _ = s.server.Close() }

// taken returns how many documents came since the last call.
func (s *sink) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.docs
	s.docs = 0
	return n
}

// ServeHTTP answers the requests of a sync.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasSuffix(r.URL.Path, "/_bulk"):
		s.bulk(w, r)
	case r.URL.Path == "/_search":
		s.search(w, r)
	case strings.HasSuffix(r.URL.Path, "/_pit") && r.Method == http.MethodPost:
		_, _ = io.WriteString(w, `{"id":"p","_shards":{"total":1,"successful":1,"skipped":0,"failed":0}}`)
	case r.URL.Path == "/":
		_, _ = io.WriteString(w, `{"name":"sink","cluster_name":"sink","cluster_uuid":"s","version":{"number":"8.19.0","build_flavor":"default"},"tagline":"You Know, for Search"}`)
	case strings.Count(r.URL.Path, "/") == 1:
		s.index(w, r)
	default:
		_, _ = io.WriteString(w, `{"acknowledged":true,"succeeded":true,"_shards":{"failed":0}}`)
	}
}

func (s *sink) index(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := r.URL.Path[1:]
	switch {
	case r.Method == http.MethodPut:
		s.there = true
		_, _ = fmt.Fprintf(w, `{"acknowledged":true,"shards_acknowledged":true,"index":%q}`, name)
	case !s.there:
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, `{"error":{"type":"index_not_found_exception","reason":"no such index [%s]"},"status":404}`, name)
	default:
		_, _ = fmt.Fprintf(w, `{%q:{"aliases":{},"mappings":{"properties":{"_fingerprint":{"type":"keyword","index":false,"doc_values":true}}},"settings":{"index":{"uuid":"u"}}}}`, name)
	}
}

// bulk counts the documents of a request and answers one item each.
func (s *sink) bulk(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	n := bytes.Count(body, []byte{'\n'}) / 2
	s.mu.Lock()
	s.docs += n
	s.bytes += int64(len(body))
	if s.keep {
		s.note(body)
	}
	filter := r.URL.Query().Get("filter_path")
	if !strings.Contains(filter, "items.*._id") {
		body = s.reply(n, filter)
		s.mu.Unlock()
		_, _ = w.Write(body)
		return
	}
	s.mu.Unlock()
	text := named(body)
	_, _ = w.Write(text)
}

// named is the answer to documents that were all created, with their ids.
func named(body []byte) []byte {
	b := append(make([]byte, 0, len(body)/4+64), `{"errors":false,"items":[`...)
	for len(body) > 0 {
		head, rest, _ := bytes.Cut(body, []byte{'\n'})
		_, body, _ = bytes.Cut(rest, []byte{'\n'})
		_, id, _ := bytes.Cut(head, []byte(`"_id":"`))
		b = append(b, `{"create":{"_id":"`...)
		b = append(b, bytes.TrimSuffix(id, []byte(`"}}`))...)
		b = append(b, `","result":"created","status":201}},`...)
	}
	return append(bytes.TrimSuffix(b, []byte{','}), `]}`...)
}

// reply is the answer to n documents that were all created.
func (s *sink) reply(n int, filter string) []byte {
	key := strconv.Itoa(n) + filter
	if text := s.answers[key]; text != nil {
		return text
	}
	item := `{"create":{"_index":"bench","_id":"document-0000000","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":1234567,"_primary_term":1,"status":201}}`
	head := `{"took":30,"errors":false,"items":[`
	if filter != "" {
		s.answers[key] = []byte(`{"errors":false}`)
		return s.answers[key]
	}
	text := head + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]}"
	s.answers[key] = []byte(text)
	return s.answers[key]
}

// note keeps id and fingerprint of every document of a request.
func (s *sink) note(body []byte) {
	for len(body) > 0 {
		action, rest, _ := bytes.Cut(body, []byte{'\n'})
		source, after, _ := bytes.Cut(rest, []byte{'\n'})
		body = after
		s.keepText(action, bytes.Index(action, []byte(`"_id":"`)), len(`"_id":"`))
		s.keepText(source, bytes.LastIndex(source, []byte(`"_fingerprint":"`)), len(`"_fingerprint":"`))
	}
}

func (s *sink) keepText(line []byte, at, skip int) {
	if at >= 0 {
		text, _, _ := bytes.Cut(line[at+skip:], []byte{'"'})
		s.text = append(s.text, text...)
	}
	s.ends = append(s.ends, len(s.text))
}

// search answers one page of a scan, made on the spot.
func (s *sink) search(w http.ResponseWriter, r *http.Request) {
	var query struct {
		Size  int   `json:"size"`
		After []int `json:"search_after"`
	}
	if err := json.NewDecoder(r.Body).Decode(&query); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	from := 0
	if len(query.After) > 0 {
		from = query.After[0] + 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := []byte(`{"pit_id":"p","timed_out":false,"_shards":{"failed":0},"hits":{"hits":[`)
	for i := from; i < min(from+query.Size, len(s.ends)/2); i++ {
		if i > from {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"_id":"%s","_seq_no":%d,"_primary_term":1,"fields":{"_fingerprint":["%s"]},"sort":[%d,%d]}`,
			s.piece(2*i), i, s.piece(2*i+1), i, i)
	}
	_, _ = w.Write(append(b, `]}}`...))
}

func (s *sink) piece(i int) []byte {
	start := 0
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.text[start:s.ends[i]]
}
