package diag_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/diag"
)

func TestString(t *testing.T) {
	for name, c := range map[string]struct {
		d    diag.Diagnostic
		want string
	}{
		"caret below a tab": {
			diag.Diagnostic{Code: "G102", File: "a.json", Line: 3, Column: 3, Message: "m", Hint: "h", Text: "\t\tx"},
			"a.json:3:3: error G102: m\n    3 |         x\n      |         ^ h\n",
		},
		"whole file": {diag.Diagnostic{Code: "G105", File: "a.json", Message: "m", Hint: "h"}, "a.json: error G105: m\n    h\n"},
		"no hint":    {diag.Diagnostic{Code: "G105", File: "a.json", Line: 1, Column: 2, Message: "m", Text: "{}"}, "a.json:1:2: error G105: m\n    1 | {}\n      |  ^\n"},
		"control characters": {
			diag.Diagnostic{Code: "G102", File: "a", Line: 1, Column: 2, Message: "a\x1b[31m\u202e", Text: "\x07x"},
			"a:1:2: error G102: a\\u001b[31m\\u202e\n    1 | \\u0007x\n      |       ^\n",
		},
		"past the end": {diag.Diagnostic{Code: "G101", File: "a", Line: 1, Column: 99, Message: "m", Text: "ab"}, "a:1:99: error G101: m\n    1 | ab\n      |   ^\n"},
	} {
		require.Equal(t, c.want, c.d.String(), name)
	}
}

func TestLongLine(t *testing.T) {
	text := strings.Repeat("a", 500) + "B" + strings.Repeat("c", 500)
	lines := strings.Split(diag.Diagnostic{File: "x", Line: 1, Column: 501, Text: text}.String(), "\n")
	require.Less(t, len(lines[1]), 200)
	require.Equal(t, byte('B'), lines[1][strings.IndexByte(lines[2], '^')])
}

func TestSort(t *testing.T) {
	list := diag.List{
		{File: "b", Line: 1}, {File: "a", Line: 10}, {File: "a", Line: 2, Column: 3, Code: "G2"},
		{File: "a", Line: 2, Column: 3, Code: "G1"}, {File: "a", Line: 2, Column: 3, Code: "G1"},
	}.Sort()
	require.Len(t, list, 4, "what repeats is dropped")
	require.Equal(t, "G1", list[0].Code)
	require.Equal(t, "G2", list[1].Code)
	require.Equal(t, 10, list[2].Line)
	require.Equal(t, "b", list[3].File)
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, diag.List(nil).WriteJSON(&b))
	require.Equal(t, "[]\n", b.String())
	b.Reset()
	want := diag.List{{Code: "G101", File: "a", Line: 1, Column: 2, Message: "<m>", Hint: "h", Text: "t"}}
	require.NoError(t, want.WriteJSON(&b))
	require.Contains(t, b.String(), "<m>")
	var got diag.List
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	require.Equal(t, want, got)
}

// imperatives are the words that remedies begin with.
var imperatives = []string{
	"Add", "Allow", "Ask", "Compare", "Correct", "Edit", "Give", "Keep", "List", "Make", "Raise", "Remove", "Rename", "Report", "Run", "Take", "Write",
}

// TestCodes proves that no code lacks a cause, a remedy that begins with what
// to do, or an example.
func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for i, c := range diag.Codes() {
		require.Regexp(t, `^G[1-6]\d\d$`, c.ID)
		require.False(t, seen[c.ID], c.ID)
		require.NotEmpty(t, c.Title)
		require.Regexp(t, `^.+\.$`, c.Cause, "the cause of %s", c.ID)
		require.Regexp(t, `^(.+\.|Run: make generate.*|.* and run: make generate)$`, c.Remedy, "the remedy of %s", c.ID)
		require.Contains(t, imperatives, strings.Trim(strings.Fields(c.Remedy)[0], ":,"), "the remedy of %s says what to do", c.ID)
		require.NotEmpty(t, c.Example)
		if i > 0 {
			require.Less(t, diag.Codes()[i-1].ID, c.ID)
		}
		seen[c.ID] = true
		found, ok := diag.Find(c.ID)
		require.True(t, ok)
		require.Equal(t, c, found)
	}
	_, ok := diag.Find("G000")
	require.False(t, ok)
}
