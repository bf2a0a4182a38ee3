package embedded_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tributary-search/tributary/runtime/elastictest"
)

// step is one request and what the answer must be, on the embedded node and on Elasticsearch alike.
// $i in path and body is the scenario's index; $name a value saved before.
type step struct {
	method, path, body string
	status             int
	// want lists "path=JSON" (the value at the path), "path" (it exists), "!path" (it does not) and
	// "name:=path" (save the value). error.type is "error.type=…".
	want []string
	// majors below this one behave so; 0: all of them do.
	below int
}

// before marks a step that newer major versions answer in another way; the node is an 8.
func (st step) before(major int) step {
	st.below = major
	return st
}

func on(method, path, body string, status int, want ...string) step {
	return step{method: method, path: path, body: body, status: status, want: want}
}

// server is the target of the suite with what a scenario saved.
type server struct {
	target elastictest.Target
	vars   map[string]string
}

func (s *server) expand(text string) string {
	for name, v := range s.vars {
		text = strings.ReplaceAll(text, "$"+name, v)
	}
	return text
}

func (s *server) do(t *testing.T, st step) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequest(st.method, s.target.URL+s.expand(st.path), strings.NewReader(s.expand(st.body)))
	require.NoError(t, err)
	if st.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, b
}

// major is the server's major version.
func (s *server) major(t *testing.T) int {
	t.Helper()
	_, _, body := s.do(t, on("GET", "/", "", 200))
	var info struct {
		Version struct{ Number string }
	}
	require.NoError(t, json.Unmarshal(body, &info))
	major, _, _ := strings.Cut(info.Version.Number, ".")
	n, err := strconv.Atoi(major)
	require.NoError(t, err)
	return n
}

func (s *server) run(t *testing.T, n int, st step) {
	t.Helper()
	if st.below > 0 && s.major(t) >= st.below {
		return
	}
	status, header, body := s.do(t, st)
	at := fmt.Sprintf("step %d: %s %s %s\nanswer: %.1500s", n, st.method, s.expand(st.path), s.expand(st.body), body)
	if status != st.status {
		t.Errorf("status %d, want %d\n%s", status, st.status, at)
		return
	}
	if status != http.StatusForbidden && header.Get("X-Elastic-Product") != "Elasticsearch" { // Elasticsearch itself leaves it out there
		t.Errorf("no product header\n%s", at)
	}
	var tree any
	if len(st.want) > 0 {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&tree); err != nil {
			t.Errorf("%v\n%s", err, at)
			return
		}
	}
	for _, want := range st.want {
		s.check(t, tree, want, at)
	}
}

func (s *server) check(t *testing.T, tree any, want, at string) {
	t.Helper()
	if path, absent := strings.CutPrefix(want, "!"); absent {
		if _, found := dig(tree, s.expand(path)); found {
			t.Errorf("%s is there\n%s", path, at)
		}
		return
	}
	if name, path, save := strings.Cut(want, ":="); save {
		v, found := dig(tree, path)
		if !found {
			t.Errorf("%s is missing\n%s", path, at)
		}
		s.vars[name] = fmt.Sprint(v)
		return
	}
	path, value, compared := strings.Cut(want, "=")
	v, found := dig(tree, s.expand(path))
	if !found {
		t.Errorf("%s is missing\n%s", path, at)
		return
	}
	if !compared {
		return
	}
	have, err := json.Marshal(v)
	require.NoError(t, err)
	value = s.expand(value)
	if !json.Valid([]byte(value)) {
		value = strconv.Quote(value)
	}
	if !sameJSON(string(have), value) {
		t.Errorf("%s is %s, want %s\n%s", path, have, value, at)
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return bytes.Equal(p, q)
}

// dig finds a value by a path such as hits.hits.0._id; \. is a dot within a name.
func dig(v any, path string) (any, bool) {
	for part := range strings.SplitSeq(strings.ReplaceAll(path, `\.`, "\x00"), ".") {
		part = strings.ReplaceAll(part, "\x00", ".")
		switch x := v.(type) {
		case map[string]any:
			next, found := x[part]
			if !found {
				return nil, false
			}
			v = next
		case []any:
			if part == "#" {
				v = json.Number(strconv.Itoa(len(x)))
				continue
			}
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// TestSuite runs against the embedded node, or against the Elasticsearch that TRIBUTARY_TEST_ELASTICSEARCH names.
func TestSuite(t *testing.T) {
	scenarios := map[string][]step{}
	for _, part := range []map[string][]step{indexScenarios(), documentScenarios(), mappingScenarios(), searchScenarios(), queryScenarios(), protocolScenarios()} {
		for name, steps := range part {
			scenarios[name] = steps
		}
	}
	for name, steps := range scenarios {
		t.Run(name, func(t *testing.T) {
			s := &server{target: elastictest.Server(t), vars: map[string]string{}}
			s.vars["i"] = fmt.Sprintf("suite-%s-%d", strings.ReplaceAll(name, "_", "-"), time.Now().UnixNano())
			if s.target.Real {
				t.Cleanup(func() { s.do(t, step{method: "DELETE", path: "/$i,$i-2?ignore_unavailable=true"}) })
			}
			for n, st := range steps {
				s.run(t, n+1, st)
			}
		})
	}
}
