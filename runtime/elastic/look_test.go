package elastic_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// held is a document as Look shows it.
type held struct {
	found bool
	print string
}

func look(t *testing.T, x *elastic.Index, ids ...string) []held {
	t.Helper()
	var all []held
	err := x.Look(t.Context(), ids, func(i int, found bool, print []byte, seqNo, primaryTerm int64) error {
		require.Equal(t, len(all), i)
		require.Equal(t, found, primaryTerm > 0)
		all = append(all, held{found, string(print)})
		return nil
	})
	require.NoError(t, err)
	return all
}

// TestLookSeesWhatWasJustWritten looks at documents that no search sees yet,
// on every way in which the fingerprint may be mapped, and behind an alias.
func TestLookSeesWhatWasJustWritten(t *testing.T) {
	for name, mapping := range map[string]string{
		"keyword": `{"mappings":{"properties":{"_fingerprint":{"type":"keyword","index":false}}}}`,
		"text":    `{"mappings":{"properties":{"_fingerprint":{"type":"text"}}}}`,
		"none":    `{"mappings":{"dynamic":false}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := connect(t, "elastic-look", "elastic-look-old")
			alias := `,"aliases":{"elastic-look-alias":{"is_write_index":%t}}}`
			s.must(t, "PUT", "/elastic-look", mapping[:len(mapping)-1]+fmt.Sprintf(alias, true))
			s.must(t, "PUT", "/elastic-look-old", mapping[:len(mapping)-1]+fmt.Sprintf(alias, false))
			s.must(t, "PUT", "/elastic-look/_doc/a", `{"_fingerprint":"owner.hash"}`)
			s.must(t, "PUT", "/elastic-look/_doc/b%22", `{"_fingerprint":"o\"."}`)
			s.must(t, "PUT", "/elastic-look/_doc/c", `{"x":1}`)
			s.must(t, "PUT", "/elastic-look/_doc/d", `{"_fingerprint":7}`)
			want := []held{{false, ""}, {true, "owner.hash"}, {true, `o".`}, {true, ""}, {true, ""}}
			require.Equal(t, want, look(t, s.Index("elastic-look"), "none", "a", `b"`, "c", "d"))
			require.Equal(t, want, look(t, s.Index("elastic-look-alias"), "none", "a", `b"`, "c", "d"))

			n, err := s.Index("elastic-look-alias").Owned(t.Context(), "owner")
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
		})
	}
}

func TestLookAndOwnedWithoutAnIndex(t *testing.T) {
	s := connect(t, "elastic-look-none")
	x := s.Index("elastic-look-none")
	require.ErrorContains(t, x.Look(t.Context(), []string{"a"}, nil), "elastic-look-none: it does not exist")
	require.NoError(t, x.Look(t.Context(), nil, nil))
	n, err := x.Owned(t.Context(), "owner")
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestLookRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for answer, says := range map[string]string{
		`<html>`:                     "not what Elasticsearch sends",
		`{"docs":[]}`:                "not what Elasticsearch sends",
		`{"docs":[{"_id":"other"}]}`: "not what Elasticsearch sends",
		`{"docs":[{"_id":"a","error":{"reason":"shard failed"}}]}`: "document a: shard failed",
		"403": "403",
	} {
		c := scripted(t, map[string]string{"/docs": `{"docs":{"settings":{"index":{"uuid":"u"}}}}`, "/docs/_mget": answer})
		require.ErrorContains(t, c.Index("docs").Look(t.Context(), []string{"a"}, nil), says)
	}
	c := scripted(t, map[string]string{"/docs": `{"docs":{"settings":{"index":{"uuid":"u"}}}}`, "/docs/_mget": `{"docs":[{"_id":"a"}]}`})
	stop := errors.New("stop")
	require.ErrorIs(t, c.Index("docs").Look(t.Context(), []string{"a"}, func(int, bool, []byte, int64, int64) error { return stop }), stop)
}

// TestOwnedCountsOneOwner has owners whose names begin alike.
func TestOwnedCountsOneOwner(t *testing.T) {
	const name = "elastic-owned"
	s := connect(t, name)
	x := s.Index(name)
	_, err := x.Prepare(t.Context(), nil)
	require.NoError(t, err)
	for i, print := range []string{"aaaa.1", "aaaa.", "aaaa", "aaaab.1", "aaab.2", "AAAA.1", "aaaa/1"} {
		s.must(t, "PUT", fmt.Sprintf("/%s/_doc/%d", name, i), fmt.Sprintf(`{"_fingerprint":%q}`, print))
	}
	s.must(t, "PUT", "/"+name+"/_doc/x", `{}`)
	for owner, want := range map[string]int64{"aaaa": 2, "aaaab": 1, "none": 0} {
		n, err := x.Owned(t.Context(), owner)
		require.NoError(t, err)
		require.Equal(t, want, n, owner)
	}
}

// TestOwnedWithoutExpensiveQueries falls back to a scan.
func TestOwnedWithoutExpensiveQueries(t *testing.T) {
	c := scripted(t, map[string]string{
		"/docs":          `{"docs":{"mappings":{"properties":{"_fingerprint":{"type":"keyword"}}},"settings":{"index":{"uuid":"u"}}}}`,
		"/docs/_refresh": `{}`, "/docs/_count": "400",
	})
	_, err := c.Index("docs").Owned(t.Context(), "owner")
	require.ErrorContains(t, err, "open a snapshot")
}

func TestLicense(t *testing.T) {
	tests := []struct {
		answer, license string
		allows          bool
	}{
		{`{"license":{"status":"active","type":"basic"}}`, "basic", false},
		{`{"license":{"status":"active","type":"platinum"}}`, "platinum", true},
		{`{"license":{"status":"active","type":"enterprise"}}`, "enterprise", true},
		{`{"license":{"status":"active","type":"trial"}}`, "trial", true},
		{`{"license":{"status":"expired","type":"enterprise"}}`, "expired", false},
	}
	for _, test := range tests {
		license, err := scripted(t, map[string]string{"/_license": test.answer}).License(t.Context())
		require.NoError(t, err)
		assert.Equal(t, test.license, license)
		assert.Equal(t, test.allows, elastic.AllowsDocumentSecurity(license), license)
	}
	for answer, says := range map[string]string{"403": "read the license", `{}`: "not what Elasticsearch sends", `<html>`: "not what Elasticsearch sends"} {
		_, err := scripted(t, map[string]string{"/_license": answer}).License(t.Context())
		require.ErrorContains(t, err, says)
	}
}

func TestUnlisted(t *testing.T) {
	const name = "elastic-unlisted"
	s := connect(t, name)
	x := s.Index(name)
	ids, err := x.Unlisted(t.Context(), "aaaa")
	require.NoError(t, err)
	require.Empty(t, ids, "there is no index")
	_, err = x.Prepare(t.Context(), map[string]string{"_allow_access_control": "text"})
	require.NoError(t, err)
	for id, source := range map[string]string{
		"none": `{"_fingerprint":"aaaa.1"}`, "empty": `{"_fingerprint":"aaaa.2","_allow_access_control":[]}`,
		"listed": `{"_fingerprint":"aaaa.3","_allow_access_control":["user:a"]}`, "other": `{"_fingerprint":"bbbb.1"}`, "bare": `{}`,
	} {
		s.must(t, "PUT", "/"+name+"/_doc/"+id, source)
	}
	ids, err = x.Unlisted(t.Context(), "aaaa")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"none", "empty"}, ids)
}

// TestUnlistedInAnIndexThatCameBack has the mapping that Elasticsearch guesses for a bulk request that meets no index.
func TestUnlistedInAnIndexThatCameBack(t *testing.T) {
	const name = "elastic-unlisted-guessed"
	s := connect(t, name)
	for id, print := range map[string]string{"ours": "aaaa.1", "theirs": "bbbb.1", "alike": "aaaab.1"} {
		s.must(t, "PUT", "/"+name+"/_doc/"+id, `{"_fingerprint":"`+print+`"}`)
	}
	ids, err := s.Index(name).Unlisted(t.Context(), "aaaa")
	require.NoError(t, err)
	require.Equal(t, []string{"ours"}, ids)
}

func TestUnlistedRefusesWhatItCannotAsk(t *testing.T) {
	const index, keyword = `{"docs":{"mappings":{"properties":{"_fingerprint":{"type":%q}}},"settings":{"index":{"uuid":"u"}}}}`, "keyword"
	for says, answers := range map[string]map[string]string{
		"is no keyword":      {"/docs": fmt.Sprintf(index, "text")},
		"refresh":            {"/docs": fmt.Sprintf(index, keyword), "/docs/_refresh": "403"},
		"search in docs":     {"/docs": fmt.Sprintf(index, keyword), "/docs/_refresh": `{}`, "/docs/_search": "403"},
		"security_exception": {"/docs": "403"},
	} {
		_, err := scripted(t, answers).Index("docs").Unlisted(t.Context(), "aaaa")
		require.ErrorContains(t, err, says)
	}
}

// TestLicenseOfTheServer asks the one under test.
func TestLicenseOfTheServer(t *testing.T) {
	s := connect(t)
	license, err := s.License(t.Context())
	require.NoError(t, err)
	want := "trial" // the embedded node restricts nothing
	if s.real {
		want = "basic"
	}
	require.Equal(t, want, license)
}
