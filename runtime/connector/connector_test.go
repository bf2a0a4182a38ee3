package connector_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
)

func TestOpt(t *testing.T) {
	var none connector.Opt[int64]
	_, set := none.Get()
	require.False(t, set)
	value, set := connector.Some(int64(0)).Get()
	require.True(t, set)
	require.Zero(t, value)
}

func TestProblems(t *testing.T) {
	labelled := connector.Problem{Pointer: "/port", Label: "Port", Message: "must be a number"}
	pointed := connector.Problem{Pointer: "/0/size", Message: "must be positive"}
	warning := connector.Problem{Message: "is old", Warning: true}
	require.Equal(t, "Port: must be a number", labelled.String())
	require.Equal(t, "/0/size: must be positive", pointed.String())
	require.Equal(t, "is old", warning.String())

	all := connector.Problems{labelled, warning, pointed}
	require.EqualError(t, all, "Port: must be a number; is old; /0/size: must be positive")
	require.EqualError(t, all.Err(), "Port: must be a number; /0/size: must be positive")
	require.NoError(t, connector.Problems{warning}.Err())
	require.NoError(t, connector.Problems(nil).Err())

	var found connector.Problems
	require.True(t, errors.As(fmt.Errorf("open: %w", all.Err()), &found))
	require.Len(t, found, 2)
	require.NotErrorIs(t, all.Err(), connector.ErrPositionLost)
}

func TestKind(t *testing.T) {
	k := connector.Kind{ServiceType: "directory", Aliases: []string{"dir"}, Abilities: []connector.Ability{connector.AbilityChanges}}
	for name, is := range map[string]bool{"directory": true, "dir": true, "Directory": false, "": false, "mysql": false} {
		require.Equal(t, is, k.Is(name), name)
	}
	require.True(t, k.Can(connector.AbilityChanges))
	require.False(t, k.Can(connector.AbilityIncremental))
}

func TestDocumentID(t *testing.T) {
	for id, want := range map[string]string{
		"":                         "",
		"a/b":                      "a/b",
		strings.Repeat("a", 512):   strings.Repeat("a", 512),
		strings.Repeat("a", 513):   "3e9ad0c0e55ef4e2f5aa4e7f7b1ff0b4",
		strings.Repeat("é", 257):   "",
		strings.Repeat("é", 256):   strings.Repeat("é", 256),
		strings.Repeat("a", 1<<20): "",
	} {
		got := connector.DocumentID(id)
		require.LessOrEqual(t, len(got), 512)
		if len(id) > 512 {
			require.Regexp(t, "^[0-9a-f]{32}$", got)
			require.Equal(t, got, connector.DocumentID(id))
			continue
		}
		require.Equal(t, want, got)
	}
}

func TestProblemsAnd(t *testing.T) {
	a, b, c := connector.Problem{Message: "a"}, connector.Problem{Message: "b"}, connector.Problem{Message: "b", Warning: true}
	require.Equal(t, connector.Problems{a, b, c}, connector.Problems{a, b}.And(connector.Problems{b, c, c, a}))
	require.Empty(t, connector.Problems(nil).And(nil))
}
