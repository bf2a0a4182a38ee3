package elastic_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

const pageHead = `{"pit_id":"abc=","timed_out":false,"_shards":{"failed":0}`

func TestPageParsersAgree(t *testing.T) {
	tests := []struct {
		name, body string
		fast, good bool
	}{
		{"end", pageHead + `}`, true, true},
		{"no hits", pageHead + `,"hits":{"hits":[]}}`, true, true},
		{"doc values", pageHead + `,"hits":{"hits":[{"_id":"a","_seq_no":1,"_primary_term":2,"fields":{"_fingerprint":["x.y"]},"sort":[0,4]}]}}`, true, true},
		{"source", pageHead + `,"hits":{"hits":[{"_id":"a","_seq_no":1,"_primary_term":2,"_source":{"_fingerprint":"x.y"},"sort":[0,4]}]}}`, true, true},
		{"no fingerprint", pageHead + `,"hits":{"hits":[{"_id":"a","_seq_no":1,"_primary_term":2,"sort":[0,4]},{"_id":"b","_seq_no":3,"_primary_term":2,"sort":[7,4]}]}}`, true, true},
		{"escapes", pageHead + `,"hits":{"hits":[{"_id":"a\"\u00e9\ud83d\ude00\\","_seq_no":1,"_primary_term":2,"sort":[0]}]}}`, true, true},
		{"white space", "\n { \"timed_out\" : true , \"_shards\" : { \"failed\" : 3 } }\n", true, true},
		{"two fingerprints", pageHead + `,"hits":{"hits":[{"_id":"a","_seq_no":1,"_primary_term":2,"fields":{"_fingerprint":["x","y"]},"sort":[0]}]}}`, false, true},
		{"other type", pageHead + `,"hits":{"hits":[{"_id":"a","_seq_no":1,"_primary_term":2,"_source":{"_fingerprint":{"a":1}},"sort":[0]}]}}`, false, true},
		{"more than asked", pageHead + `,"took":1,"hits":{"max_score":null,"hits":[]}}`, false, true},
		{"cut", pageHead + `,"hits":{"hits":[{"_id":"a","_seq_no":1,"_prim`, false, false},
		{"no shards", `{"timed_out":false}`, false, false},
		{"no time", `{"_shards":{"failed":0}}`, false, false},
		{"no id", pageHead + `,"hits":{"hits":[{"_seq_no":1,"_primary_term":2,"sort":[0]}]}}`, false, false},
		{"no sort", pageHead + `,"hits":{"hits":[{"_id":"a","_seq_no":1,"_primary_term":2}]}}`, false, false},
		{"no sequence number", pageHead + `,"hits":{"hits":[{"_id":"a","_primary_term":2,"sort":[0]}]}}`, false, false},
		{"huge number", pageHead + `,"hits":{"hits":[{"_id":"a","_seq_no":9223372036854775808,"_primary_term":2,"sort":[0]}]}}`, false, false},
		{"text after", pageHead + `}{}`, false, false},
		{"page of a proxy", `<html>busy</html>`, false, false},
		{"empty", ``, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fast, ok := elastic.ScanPage([]byte(test.body))
			assert.Equal(t, test.fast, ok)
			slow, err := elastic.DecodePage([]byte(test.body))
			assert.Equal(t, test.good, err == nil)
			if ok {
				assert.Equal(t, slow, fast)
			}
		})
	}
}

func TestAnswerParsersAgree(t *testing.T) {
	tests := []struct {
		name, body string
		fast, good bool
	}{
		{"good", `{"errors":false,"items":[{"create":{"_id":"a","result":"created","status":201}},{"index":{"_id":"b","status":200,"result":"updated"}}]}`, true, true},
		{"alike", `{"errors":false,"items":[{"create":{"_id":"a","result":"created","status":201}},{"create":{"_id":"b","result":"created","status":201}},{"create":{"_id":"c","result":"created","status":201}}]}`, true, true},
		{"another id", `{"errors":false,"items":[{"create":{"_id":"a","result":"created","status":201}},{"create":{"_id":"x","result":"created","status":201}},{"create":{"_id":"\u0063","result":"created","status":201}}]}`, true, true},
		{"error", `{"errors":true,"items":[{"update":{"_id":"a","status":400,"error":{"type":"x","reason":"a \"b\" \u00e9"}}},{"delete":{"_id":"b","result":"not_found","status":404}}]}`, true, true},
		{"nothing", `{"errors":false,"items":[]}`, true, true},
		{"too many", `{"errors":false,"items":[{"index":{"_id":"a","status":200}},{"index":{"_id":"b","status":200}},{"index":{"_id":"c","status":200}},{"index":{"_id":"d","status":200}}]}`, false, false},
		{"unfiltered", `{"took":3,"errors":false,"items":[{"index":{"_index":"i","_id":"a","status":200,"result":"updated"}}]}`, false, true},
		{"two actions", `{"errors":false,"items":[{"create":{"_id":"a","status":201},"index":{"_id":"a","status":200}}]}`, false, false},
		{"unknown action", `{"errors":false,"items":[{"upsert":{"_id":"a","status":201}}]}`, false, false},
		{"no status", `{"errors":false,"items":[{"create":{"_id":"a","result":"created"}}]}`, false, false},
		{"no id", `{"errors":false,"items":[{"create":{"result":"created","status":201}}]}`, false, false},
		{"status of no HTTP", `{"errors":false,"items":[{"create":{"_id":"a","status":0}}]}`, false, false},
		{"status of no end", `{"errors":false,"items":[{"create":{"_id":"a","status":100}}]}`, false, false},
		{"cut", `{"errors":false,"items":[{"create":{"sta`, false, false},
		{"empty", ``, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fast, ok := elastic.ScanAnswer([]byte(test.body), "a", "b", "c")
			assert.Equal(t, test.fast, ok)
			slow, err := elastic.DecodeAnswer([]byte(test.body), "a", "b", "c")
			assert.Equal(t, test.good, err == nil)
			if ok {
				assert.Equal(t, slow, fast)
			}
		})
	}
}

// FuzzPage proves that what the fast parser accepts means the same to
// encoding/json.
func FuzzPage(f *testing.F) {
	f.Add([]byte(pageHead + `,"hits":{"hits":[{"_id":"a\n","_seq_no":1,"_primary_term":2,"fields":{"_fingerprint":["x.y"]},"sort":[0,4]}]}}`))
	f.Add([]byte(pageHead + `,"hits":{"hits":[{"_id":"é","_seq_no":-1,"_primary_term":2,"_source":{"_fingerprint":"x.y"},"sort":["a",true]}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		fast, ok := elastic.ScanPage(bytes.Clone(body))
		if !ok {
			return
		}
		slow, err := elastic.DecodePage(body)
		require.NoError(t, err)
		require.Equal(t, slow, fast)
	})
}

// FuzzAnswer is FuzzPage for answers to bulk requests.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"errors":true,"items":[{"create":{"_id":"a","result":"created","status":201}},{"update":{"_id":"b\u000a","status":400,"error":{"type":"x","reason":"a \"b\" \u00e9"}}}]}`))
	f.Add([]byte(`{"errors":false,"items":[{"create":{"_id":"a","status":201}},{"create":{"_id":"b\n","status":201}},{"create":{"_id":"é","status":201}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		fast, ok := elastic.ScanAnswer(bytes.Clone(body), "a", "b\n", "é")
		if !ok {
			return
		}
		slow, err := elastic.DecodeAnswer(body, "a", "b\n", "é")
		require.NoError(t, err)
		require.Equal(t, slow, fast)
	})
}

func pageOf(n int) []byte {
	var b strings.Builder
	b.WriteString(pageHead + `,"hits":{"hits":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"_id":"%032x","_seq_no":%d,"_primary_term":1,"fields":{"_fingerprint":["0a1b2c3d.%022d"]},"sort":[%d,%d]}`, i, i, i, i, i)
	}
	b.WriteString(`]}}`)
	return []byte(b.String())
}

func TestScannersAllocateNothing(t *testing.T) {
	body := pageOf(1000)
	var s elastic.PageScanner
	allocs := testing.AllocsPerRun(10, func() {
		hits, ok := s.Scan(body)
		if !ok || hits != 1000 {
			t.Fatal("not understood")
		}
	})
	assert.Less(t, allocs, 2.0)
}
