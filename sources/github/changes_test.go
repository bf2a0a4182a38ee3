package github_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/github/fixture"
)

// changes reads what happened since a cursor.
func changes(t *testing.T, s connector.Source, since connector.Cursor, rules string) (put, deleted []string, next connector.Cursor, err error) {
	var mu sync.Mutex
	next, err = s.(connector.Incremental).Changes(t.Context(), since, connector.Filter{AdvancedRules: json.RawMessage(rules)}, func(c connector.Change) error {
		mu.Lock()
		defer mu.Unlock()
		if c.Deleted {
			deleted = append(deleted, c.ID)
		} else {
			put = append(put, c.ID)
		}
		return nil
	})
	return put, deleted, next, err
}

func position(t *testing.T, s connector.Source) connector.Cursor {
	at, err := s.(connector.Incremental).Position(t.Context())
	require.NoError(t, err)
	return at
}

func TestChanges(t *testing.T) {
	server, r := hub(t)
	s := open(t, server.Config(nil))
	at := position(t, s)
	issue, pull := r.AddIssue(false, 0, time.Time{}), r.AddIssue(true, 2, time.Time{})
	r.Commit([]string{"new.md", "note 0#ü.md", "main.go"}, []string{"docs/part-1/note-1.rst"}, time.Time{})
	r.Commit([]string{"passing.md"}, nil, time.Time{})
	r.Commit(nil, []string{"passing.md"}, time.Time{})
	put, deleted, next, err := changes(t, s, at, "")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{
		fmt.Sprintf("I_1_%d", issue.Number), fmt.Sprintf("PR_1_%d", pull.Number), "octocat/notes/new.md", "octocat/notes/note 0#ü.md",
	}, put)
	require.Equal(t, []string{"octocat/notes/docs/part-1/note-1.rst"}, deleted)

	server.Hub.Pace = 3600 // the minute that is read again passes
	time.Sleep(50 * time.Millisecond)
	_, _, next, err = changes(t, s, next, "")
	require.NoError(t, err)
	put, deleted, _, err = changes(t, s, next, "")
	require.NoError(t, err)
	require.Empty(t, put)
	require.Empty(t, deleted)
}

// Between the position and the read of the files one is added; it is deleted
// before the history is read. The index must not keep it.
func TestAFileThatPassesBy(t *testing.T) {
	server, r := hub(t)
	s := open(t, server.Config(nil))
	at := position(t, s)
	r.Commit([]string{"passing.md"}, nil, time.Time{})
	got, err := read(t, s, "")
	require.NoError(t, err)
	require.NotContains(t, got.ids(), "octocat/notes/passing.md", "it is left to the history")
	put, _, _, err := changes(t, s, at, "")
	require.NoError(t, err)
	require.Equal(t, []string{"octocat/notes/passing.md"}, put)

	got, err = read(t, s, "")
	require.NoError(t, err)
	require.Contains(t, got.ids(), "octocat/notes/passing.md", "a read without a position is of now")
}

func TestThePositionIsLost(t *testing.T) {
	for name, test := range map[string]struct {
		happens func(*fixture.Server, *fixture.Repo)
		rules   string
		cursor  string
		why     string
	}{
		"history rewritten": {happens: func(_ *fixture.Server, r *fixture.Repo) { r.Rewrite() }, why: "its history was rewritten"},
		"a new repository":  {happens: func(s *fixture.Server, _ *fixture.Repo) { s.Hub.Repo("octocat", "more") }, why: "the repository octocat/more is new"},
		"none any more":     {happens: func(s *fixture.Server, r *fixture.Repo) { s.Hub.Remove(r) }, why: "the repository octocat/notes is gone"},
		"rules":             {rules: `[{"repository":"notes","filter":{"path":"docs"}}]`, why: "advanced rules are searches"},
		"no cursor":         {cursor: `"x"`, why: "the cursor can't be read"},
		"too many":          {cursor: `{"at":"2026-01-01T00:00:00Z","heads":null}`, why: "too many to remember"},
		"no branch then":    {cursor: `{"at":"2026-01-01T00:00:00Z","heads":{"octocat/notes":""}}`, why: "was made or deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			server, r := hub(t)
			s := open(t, server.Config(nil))
			at := position(t, s)
			if test.cursor != "" {
				at = connector.Cursor(test.cursor)
			}
			if test.happens != nil {
				test.happens(server, r)
			}
			_, _, _, err := changes(t, s, at, test.rules)
			require.ErrorIs(t, err, connector.ErrPositionLost)
			require.ErrorContains(t, err, test.why)
		})
	}
}

// After a rewritten history a full sync reads what the branch has now.
func TestTheHistoryIsRewrittenAfterThePosition(t *testing.T) {
	server, r := hub(t)
	s := open(t, server.Config(nil))
	position(t, s)
	r.Rewrite()
	got, err := read(t, s, "")
	require.NoError(t, err)
	require.Len(t, got.all, 61)
}

func TestErrorsOfTheHistory(t *testing.T) {
	for _, path := range []string{"/meta", "/user", "/repos/octocat/notes", "/repos/octocat/notes/branches/main", "/repos/octocat/notes/issues", "/repos/octocat/notes/git/trees/"} {
		t.Run(path, func(t *testing.T) {
			server, r := hub(t)
			s := open(t, server.Config(map[string]any{"retry_count": 0, "repositories": []string{"notes"}}))
			at := position(t, s)
			r.Commit([]string{"new.md"}, nil, time.Time{})
			server.Before(func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != path && (path[len(path)-1] != '/' || len(r.URL.Path) < len(path) || r.URL.Path[:len(path)] != path) {
					return false
				}
				w.WriteHeader(http.StatusForbidden)
				return true
			})
			_, _, _, err := changes(t, s, at, "")
			require.ErrorContains(t, err, "403 Forbidden")
			require.NotErrorIs(t, err, connector.ErrPositionLost)
			if path != "/repos/octocat/notes/issues" && path[len(path)-1] != '/' {
				_, err = s.(connector.Incremental).Position(t.Context())
				require.ErrorContains(t, err, "403 Forbidden")
			}
		})
	}
	server, _ := hub(t)
	s := open(t, server.Config(nil))
	server.Before(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", "today")
		_, _ = w.Write([]byte("{}"))
		return true
	})
	_, err := s.(connector.Incremental).Position(t.Context())
	require.ErrorContains(t, err, "no date")
}

// A cursor has an end; with more repositories than it holds, every sync is a full
// one.
func TestManyRepositories(t *testing.T) {
	h := fixture.NewHub()
	for n := range 450 {
		h.Repo(h.Login, fmt.Sprintf("repository-number-%04d", n)).Commit([]string{"a.md"}, nil, time.Time{})
	}
	s := open(t, fixture.Serve(t, h).Config(nil))
	at := position(t, s)
	require.Less(t, len(at), connector.MaxCursor)
	_, _, _, err := changes(t, s, at, "")
	require.ErrorIs(t, err, connector.ErrPositionLost)
}
