package service_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/sources/directory"
)

// written are the places where a sync writes into documents of others:
// everything else stays as it is. Labels and the like of the configuration are
// the declaration's; values are the user's.
var written = map[string]*regexp.Regexp{
	"connector": regexp.MustCompile(`^/(status|error|last_seen|last_synced|last_sync_(status|error)|last_(indexed|deleted)_document_count|` +
		`sync_cursor|features)(/|$)|^/configuration/\w+/(\w*[^e]|default_value|sensitive|type)(/|$)`),
	"job": regexp.MustCompile(`^/(status|error|started_at|completed_at|last_seen|worker_hostname|(indexed|deleted|total)_document_(count|volume))$`),
}

// Connectors, jobs and indices in the shapes that Elastic's service and Kibana
// 8.8, 8.12 and 9 leave: the first sync sends each document once under its id
// and deletes what the source lacks, the second sends nothing, and nothing is
// lost from the documents of the protocol.
func TestMigrationOfEveryShape(t *testing.T) {
	for _, shape := range []string{"kibana-8.8", "kibana-8.12", "api-9"} {
		t.Run(shape, func(t *testing.T) {
			kind := directory.Kind()
			kind.Aliases = nil
			r := newRig(t, kind)
			p := r.throughProxy()
			dir := t.TempDir()
			for _, name := range []string{"one.txt", "two.md", "three.html", "new.txt"} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("as it is in "+name), 0o644))
			}
			id := r.name("left")
			before := map[string]string{}
			for _, what := range []string{"connector", "job"} {
				before[what] = r.left(shape, what, id, dir)
			}
			r.put(protocol.ConnectorsIndex, id, before["connector"])
			ids := r.leaveDocuments(id, dir, "one.txt", "two.md", "three.html", "gone.txt")
			r.put(protocol.JobsIndex, id+"-job", before["job"])

			s := r.service()
			s.Selection = protocol.Selection{IDs: []string{id}}
			r.run(s)
			first := r.wait(id+"-job", job.Completed, job.Failed)
			require.Equal(t, job.Completed, first.Status, first.Error)
			require.EqualValues(t, 4, first.Indexed, "three are sent once more, one is new")
			require.EqualValues(t, 1, first.Deleted)
			require.EqualValues(t, 4, first.Total)
			for name, old := range ids {
				body, err := r.body(r.index("left"), old)
				if name == "gone.txt" {
					require.Error(t, err)
					continue
				}
				require.NoError(t, err, name)
				require.Equal(t, "as it is in "+name, strings.TrimSpace(body))
			}
			r.until(func() bool {
				return r.reload("left").LastSyncStatus == job.Completed && r.reload("left").Status == protocol.Connected
			})
			r.nothingLost("connector", before["connector"], string(r.reload("left").Raw))
			r.nothingLost("job", before["job"], string(first.Raw))

			bulks := p.bulks.Load()
			second := r.wait(r.start("left", protocol.Full).ID, job.Completed, job.Failed)
			require.Equal(t, job.Completed, second.Status, second.Error)
			require.EqualValues(t, 0, second.Indexed+second.Deleted)
			require.EqualValues(t, 4, second.Total)
			require.Equal(t, bulks, p.bulks.Load(), "the second sync sends nothing")
		})
	}
}

// left is a document as somebody else has left it.
func (r *rig) left(shape, what, id, dir string) string {
	r.t.Helper()
	text, err := os.ReadFile("testdata/elastic/" + shape + "." + what + ".json")
	require.NoError(r.t, err)
	return strings.NewReplacer("DIR", dir, "INDEX", r.index("left"), "TYPE", r.kinds[0].ServiceType, `"ID"`, `"`+id+`"`).Replace(string(text))
}

// put stores a document as it is.
func (r *rig) put(index, id, doc string) {
	r.t.Helper()
	_, _, _, err := r.client.Documents().Create(r.t.Context(), index, id, []byte(doc))
	require.NoError(r.t, err)
}

// leaveDocuments fills the index as Elastic's service does and returns the ids
// by name.
func (r *rig) leaveDocuments(id, dir string, names ...string) map[string]string {
	r.t.Helper()
	ids := map[string]string{}
	var bulk strings.Builder
	for _, name := range names {
		path := filepath.Join(dir, name)
		sum := md5.Sum([]byte(path))
		ids[name] = hex.EncodeToString(sum[:])
		doc := fmt.Sprintf(`{"path":%q,"last_modified_time":"2024-05-02T09:00:00+00:00","inode_protection_mode":33188,"inode_number":1,"device_inode_reside":1,`+
			`"number_of_links":1,"uid":0,"gid":0,"ctime":1714640400.5,"last_access_time":1714640400.5,"size":11,"id":%q,`+
			`"_timestamp":"2024-05-02T09:00:00+00:00","body":"as it was","_extract_binary_content":true,"_reduce_whitespace":true,"_run_ml_inference":true}`, path, ids[name])
		fmt.Fprintf(&bulk, `{"index":{"_id":%q}}`+"\n%s\n", ids[name], doc)
	}
	res, err := http.Post(r.url+"/"+r.index("left")+"/_bulk", "application/x-ndjson", strings.NewReader(bulk.String()))
	require.NoError(r.t, err)
	require.NoError(r.t, res.Body.Close())
	http.DefaultClient.CloseIdleConnections()
	require.Equal(r.t, len(names), r.count(r.index("left")))
	return ids
}

// body is the text of a document.
func (r *rig) body(index, id string) (string, error) {
	raw, _, _, err := r.client.Documents().Get(r.t.Context(), index, id)
	var doc struct{ Body string }
	_ = json.Unmarshal(raw, &doc)
	return doc.Body, err
}

// nothingLost compares two documents value by value, where a sync does not
// write.
func (r *rig) nothingLost(what, before, after string) {
	r.t.Helper()
	old, now := leaves(r.t, before), leaves(r.t, after)
	for place, value := range old {
		if !written[what].MatchString(place) && value != "{}" { // which may have got members
			require.Equal(r.t, value, now[place], "%s of the %s", place, what)
		}
	}
}

// leaves are the values of a document by their places, as they are written.
func leaves(t *testing.T, text string) map[string]string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var tree any
	require.NoError(t, d.Decode(&tree))
	all := map[string]string{}
	var walk func(place string, v any)
	walk = func(place string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, below := range v {
				walk(place+"/"+name, below)
			}
			if len(v) == 0 {
				all[place] = "{}"
			}
		case []any:
			for i, below := range v {
				walk(fmt.Sprintf("%s/%d", place, i), below)
			}
			if len(v) == 0 {
				all[place] = "[]"
			}
		default:
			all[place] = fmt.Sprintf("%T %v", v, v)
		}
	}
	walk("", tree)
	return all
}
