package service_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/service"
)

// TestWhatPipelinesTouch: names that a definition may touch, and those that it
// does not.
func TestWhatPipelinesTouch(t *testing.T) {
	generic := `"search-default-ingestion" {"version":1,"description":"Generic title","processors":[
		{"attachment":{"description":"text of title","field":"_attachment","target_field":"_extracted_attachment","indexed_chars_field":"_attachment_indexed_chars",
			"if":"ctx?._extract_binary_content == true","on_failure":[{"append":{"field":"_ingestion_errors","value":"Processor in {{ _ingest.on_failure_pipeline }}"}}]}},
		{"set":{"field":"body","copy_from":"_extracted_attachment.content"}},{"gsub":{"field":"body","pattern":"\\s+","replacement":" "}},
		{"remove":{"field":["_attachment","_extract_binary_content","_reduce_whitespace"],"ignore_missing":true}}]}` + "\n"
	for _, c := range []struct {
		name, definition string
		touched, not     []string
	}{
		{"generic", generic, []string{"body", "_attachment", "_reduce_whitespace", "_ingestion_errors", "_extracted_attachment"}, []string{"title", "text", "id", "_allow_access_control"}},
		{"two", generic + `"other" {"processors":[{"set":{"field":"a.b","value":"title"}}]}`, []string{"body", "a", "a.b", "a.b.c"}, []string{"title", "b", "ab"}},
		{"unreadable", `search-default-ingestion`, []string{"title"}, nil},
		{"cut", `"a" {"processors":[{"set":{"field":"b"}}`, []string{"title"}, nil},
		{"none", `"a" {"processors":[]}`, nil, []string{"title", "", "a"}},
		{"script", `"a" {"processors":[{"script":{"source":"ctx.total = ctx.price * params.rate; ctx['x y'] = 1"}}]}`, []string{"total", "price"}, []string{"title"}},
		{"script over all", `"a" {"processors":[{"script":{"source":"for (k in ctx.keySet()) {}"}}]}`, []string{"title"}, nil},
		{"script by name", `"a" {"processors":[{"script":{"source":"ctx[params.name] = 1"}}]}`, []string{"title"}, nil},
		{"stored script", `"a" {"processors":[{"script":{"id":"x"}}]}`, []string{"title"}, nil},
		{"template", `"a" {"processors":[{"set":{"field":"{{name}}","value":1}}]}`, []string{"title"}, nil},
		{"grok", `"a" {"processors":[{"grok":{"field":"line","patterns":["%{IP:client} %{WORD:verb}"]}}]}`, []string{"line", "client", "verb"}, []string{"title"}},
		{"kv", `"a" {"processors":[{"kv":{"field":"line","field_split":" ","value_split":"="}}]}`, []string{"title"}, nil},
		{"kv with a place", `"a" {"processors":[{"kv":{"field":"line","target_field":"parts","field_split":" ","value_split":"="}}]}`, []string{"line", "parts"}, []string{"title"}},
		{"json at the root", `"a" {"processors":[{"json":{"field":"line","add_to_root":true}}]}`, []string{"title"}, nil},
		{"keep", `"a" {"processors":[{"remove":{"keep":["title"]}}]}`, []string{"text"}, nil},
		{"foreach", `"a" {"processors":[{"foreach":{"field":"list","processor":{"uppercase":{"field":"_ingest._value"}}}}]}`, []string{"list"}, []string{"title"}},
		{"csv", `"a" {"processors":[{"csv":{"field":"line","target_fields":["x","y"]}}]}`, []string{"x", "y"}, []string{"title"}},
		{"inference", `"a" {"processors":[{"inference":{"model_id":"elser","input_output":[{"input_field":"body","output_field":"vector"}]}}]}`, []string{"vector", "ml"}, []string{"title"}},
		{"rename", `"a" {"processors":[{"rename":{"field":"old","target_field":"new"}}]}`, []string{"old", "new"}, []string{"title"}},
		{"on failure", `"a" {"processors":[],"on_failure":[{"set":{"field":"why","value":"x"}}]}`, []string{"why"}, []string{"title"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			touches := service.TouchedBy([]byte(c.definition))
			for _, field := range c.touched {
				require.True(t, touches(field), field)
			}
			for _, field := range c.not {
				require.False(t, touches(field), field)
			}
		})
	}
	require.True(t, service.Drops([]byte(`"a" {"processors":[{"drop":{"if":"true"}}]}`)))
	require.False(t, service.Drops([]byte(generic)))
}
