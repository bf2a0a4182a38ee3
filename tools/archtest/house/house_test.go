package house_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/archtest/house"
)

// Every folder of testdata is a tree that breaks one rule; its file want lists
// the breaches, without their texts. The folder good breaks none: it holds what
// is nearly a breach of a rule, and may be.
func TestFaultyTreesAreRejected(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*")
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join(dir, "want"))
			require.NoError(t, err)
			report, err := house.Check(os.DirFS(dir))
			require.NoError(t, err)
			var got strings.Builder
			for _, p := range report.Problems {
				got.WriteString(strings.TrimSuffix(p.String(), ": "+p.Text) + "\n")
			}
			require.Equal(t, string(want), got.String(), "%v", report.Problems)
		})
	}
}

// The tree that this test is part of keeps the rules.
func TestThisTree(t *testing.T) {
	report, err := house.Check(os.DirFS("../../.."))
	require.NoError(t, err)
	for _, p := range report.Problems {
		t.Error(p)
	}
}

func TestATreeThatCannotBeRead(t *testing.T) {
	_, err := house.Check(os.DirFS(t.TempDir()))
	require.ErrorContains(t, err, "go.mod")
}
