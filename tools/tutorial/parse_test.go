package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	blocks, err := parse("text\n\n```sh\nls\n```\n\n```text\na …\n```\n```diff\n+++ b/x\n+1\n+2\n-3\n```\n")
	require.NoError(t, err)
	require.Equal(t, []block{{4, "sh", "ls\n"}, {8, "text", "a …\n"}, {11, "diff", "+++ b/x\n+1\n+2\n-3\n"}}, blocks)
	require.Equal(t, 2, written(blocks[2].text))

	_, err = parse("```go\n```\n")
	require.ErrorContains(t, err, `line 1: a block of "go" is not run`)
	_, err = parse("```sh\nls\n")
	require.ErrorContains(t, err, "line 2: the block has no end")
}

func TestMissing(t *testing.T) {
	require.Empty(t, missing("a\nb … d\n", "b c d\nxax\n"))
	require.Equal(t, "b … d", missing("a\nb … d\n", "a\nb c\nd\n"))
	require.Equal(t, "(1.5)", missing("(1.5)\n", "(125)\n"))
}
