package elastic_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFetchGivesDocumentsAsTheyWereSent: numbers in their writing, empty objects
// and lists, and what no search sees yet.
func TestFetchGivesDocumentsAsTheyWereSent(t *testing.T) {
	s := connect(t, "elastic-fetch")
	s.must(t, "PUT", "/elastic-fetch", `{"aliases":{"elastic-fetch-alias":{}},"mappings":{"dynamic":false}}`)
	source := `{"n":1.0,"big":0.1234567890123456789,"o":{},"l":[],"null":null,"text":"é\n\""}`
	s.must(t, "PUT", "/elastic-fetch/_doc/a", source)
	s.must(t, "PUT", "/elastic-fetch/_doc/b%22", `{}`)
	for range 2 { // the second time in the memory of the first
		var got []string
		err := s.Index("elastic-fetch-alias").Fetch(t.Context(), []string{"none", "a", `b"`}, func(i int, found bool, source []byte, _, primaryTerm int64) error {
			require.Equal(t, len(got), i)
			require.Equal(t, found, primaryTerm > 0)
			got = append(got, string(source))
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, "", got[0])
		require.JSONEq(t, source, got[1])
		require.Contains(t, got[1], "0.1234567890123456789")
		require.Equal(t, `{}`, got[2])
	}
	enough := errors.New("enough")
	require.ErrorIs(t, s.Index("elastic-fetch").Fetch(t.Context(), []string{"a"}, func(int, bool, []byte, int64, int64) error { return enough }), enough)
	require.Error(t, s.Index("elastic-no-such").Fetch(t.Context(), []string{"a"}, nil))
	require.NoError(t, s.Index("elastic-no-such").Fetch(t.Context(), nil, nil))
}
