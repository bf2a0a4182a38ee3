package rules_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rules"
)

// tenRules are ten rules of mixed operators of which the last one matches.
const tenRules = `[
	{"id":"1","policy":"exclude","field":"path","rule":"ends_with","value":".tmp","order":1},
	{"id":"2","policy":"exclude","field":"path","rule":"regex","value":".*/\\.git/.*","order":2},
	{"id":"3","policy":"exclude","field":"size","rule":">","value":"1000000000","order":3},
	{"id":"4","policy":"exclude","field":"title","rule":"contains","value":"confidential","order":4},
	{"id":"5","policy":"exclude","field":"owner.name","rule":"equals","value":"nobody","order":5},
	{"id":"6","policy":"exclude","field":"modified","rule":"<","value":"2001-01-01","order":6},
	{"id":"7","policy":"exclude","field":"tags","rule":"equals","value":"draft","order":7},
	{"id":"8","policy":"exclude","field":"hidden","rule":"equals","value":"true","order":8},
	{"id":"9","policy":"exclude","field":"version","rule":"regex","value":"0\\.[0-9]+-(alpha|beta)","order":9},
	{"id":"10","policy":"include","field":"id","rule":"starts_with","value":"doc-","order":10}]`

// halfKilobyte is the encoded fields of a document of about 500 bytes.
func halfKilobyte() []byte {
	d := connector.NewDocument("doc-1")
	d.Set("path", "/home/ann/projects/tributary/docs/design/overview.md")
	d.Set("title", "Overview of the design, with the road of a document")
	d.Set("size", 48_213)
	d.Set("version", "1.14.2")
	d.Set("modified", time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC))
	d.Set("hidden", false)
	d.Set("owner", map[string]any{"name": "ann", "id": 501, "groups": []string{"staff", "writers"}})
	d.Set("tags", []string{"design", "documentation", "reviewed"})
	d.Set("summary", "One direction, errors as return values, and the call stack is the pipeline; nothing is polled, "+
		"nothing is confirmed before it was confirmed.")
	return d.Fields()
}

func BenchmarkTenMixedRules(b *testing.B) {
	s, doc := set(b, tenRules), halfKilobyte()
	if keep, rule := s.Decide("doc-1", doc); !keep || rule != "10" {
		b.Fatalf("rule %q decided", rule)
	}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		s.Decide("doc-1", doc)
	}
}

func BenchmarkNoRules(b *testing.B) {
	var s *rules.Set
	doc := halfKilobyte()
	b.ReportAllocs()
	for b.Loop() {
		s.Decide("doc-1", doc)
	}
}

func BenchmarkCompileThousandRules(b *testing.B) {
	operators := []string{"equals", "starts_with", "ends_with", "contains", ">", "<", "regex"}
	values := []string{"value", "2024-05-01", "17", ".*\\.tmp$", "[a-z]+-\\d{2,4}"}
	var list []map[string]any
	for i := range 1000 {
		list = append(list, map[string]any{"id": fmt.Sprint(i), "policy": "exclude", "field": fmt.Sprintf("field.%d", i%50),
			"rule": operators[i%len(operators)], "value": values[i%len(values)] + fmt.Sprint(i), "order": i})
	}
	raw, err := json.Marshal(list)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		parsed, _ := rules.Parse(raw)
		if _, err := rules.Compile(parsed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHostileRegex(b *testing.B) {
	s := set(b, `[{"id":"1","policy":"exclude","field":"body","rule":"regex","value":"(a+)+$","order":1}]`)
	for _, size := range []int{1 << 18, 1 << 19, 1 << 20} {
		doc := []byte(`"body":"` + strings.Repeat("a", size-1) + `b"`)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				s.Decide("1", doc)
			}
		})
	}
}
