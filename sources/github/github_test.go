package github_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/github"
	"github.com/tributary-search/tributary/sources/github/fixture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hub is a server with 60 documents in one repository of its user.
func hub(t *testing.T) (*fixture.Server, *fixture.Repo) {
	h := fixture.NewHub()
	r := h.Repo(h.Login, "notes")
	fixture.Fill(r, 60)
	return fixture.Serve(t, h), r
}

func open(t *testing.T, config json.RawMessage) connector.Source {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 16
	t.Cleanup(transport.CloseIdleConnections)
	s, err := github.Kind().Open(t.Context(), config, connector.Deps{
		HTTP: &http.Client{Transport: transport}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.(io.Closer).Close()) })
	return s
}

// docs are documents by their ids.
type docs struct {
	mu  sync.Mutex
	all map[string]connector.Document
}

func (d *docs) emit(doc connector.Document) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all[doc.ID] = doc
	return nil
}

func (d *docs) ids() []string { return slices.Sorted(maps.Keys(d.all)) }

func read(t *testing.T, s connector.Source, rules string) (*docs, error) {
	t.Helper()
	got := &docs{all: map[string]connector.Document{}}
	return got, s.GetDocs(t.Context(), connector.Filter{AdvancedRules: json.RawMessage(rules)}, got.emit)
}

func count(ids []string, prefix string) (n int) {
	for _, id := range ids {
		if strings.HasPrefix(id, prefix) {
			n++
		}
	}
	return n
}

func fields(t *testing.T, d connector.Document) map[string]any {
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte("{"+string(d.Fields())+"}"), &m))
	return m
}

func TestDocuments(t *testing.T) {
	server, _ := hub(t)
	got, err := read(t, open(t, server.Config(nil)), "")
	require.NoError(t, err)
	require.Len(t, got.all, 61)
	require.Equal(t, 1, count(got.ids(), "R_"))
	require.Equal(t, 24, count(got.ids(), "I_"))
	require.Equal(t, 12, count(got.ids(), "PR_"))
	require.Equal(t, 24, count(got.ids(), "octocat/notes/"))

	file := got.all["octocat/notes/note 0#ü.md"]
	require.NotZero(t, file.UpdatedAt)
	content, err := file.Attachment.Open(t.Context())
	require.NoError(t, err)
	text, err := io.ReadAll(content)
	require.NoError(t, err)
	require.NoError(t, content.Close())
	require.Contains(t, string(text), "File 0 in revision 0")
	require.EqualValues(t, len(text), file.Attachment.Size)
	require.Equal(t, "100644", fields(t, file)["mode"])

	pull := fields(t, got.all["PR_1_6"])
	require.Equal(t, "MERGED", pull["state"])
	require.Equal(t, []any{map[string]any{"login": "cleo"}}, pull["requested_reviewers"])
	require.Nil(t, fields(t, got.all["I_1_7"])["author"], "of a user who has left")
}

// Limits of every kind cost time and nothing else.
func TestLimits(t *testing.T) {
	for name, refuse := range map[string]func(http.ResponseWriter){
		"primary": func(w http.ResponseWriter) {
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Unix(), 10))
			w.WriteHeader(http.StatusForbidden)
		},
		"429 with a time": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"429 without a time": func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"secondary": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"message":"You have exceeded a secondary rate limit."}`)
		},
		"cut": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `[{"node_id":`)
			panic(http.ErrAbortHandler)
		},
		"502": func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
	} {
		t.Run(name, func(t *testing.T) {
			server, _ := hub(t)
			var n atomic.Int64
			var silent atomic.Int64 // until when no request is to come
			server.Before(func(w http.ResponseWriter, _ *http.Request) bool {
				if n.Add(1)%60 != 20 {
					if until := silent.Load(); until > 0 && time.Now().UnixNano() < until {
						t.Error("a request during the wait that was asked for")
					}
					return false
				}
				refuse(w)
				return true
			})
			got, err := read(t, open(t, server.Config(nil)), "")
			require.NoError(t, err)
			require.Len(t, got.all, 61)
		})
	}
}

// A limit that names no time is waited out for a minute, as GitHub asks.
func TestSecondaryLimitWithoutATime(t *testing.T) {
	resp := &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}}
	wait, limited := github.Limited(resp, "You have exceeded a secondary rate limit. Please wait.", time.Now())
	require.True(t, limited)
	require.Equal(t, time.Minute, wait)
	_, limited = github.Limited(resp, "Resource not accessible by personal access token", time.Now())
	require.False(t, limited)
	resp.Header.Set("X-RateLimit-Remaining", "0")
	resp.Header.Set("X-RateLimit-Reset", "soon")
	_, limited = github.Limited(resp, "", time.Now())
	require.False(t, limited)
	resp.StatusCode = http.StatusNotFound
	_, limited = github.Limited(resp, "secondary rate limit", time.Now())
	require.False(t, limited)
}

// What GitHub fails at again and again costs one document; what is gone is gone.
func TestOneThing(t *testing.T) {
	for name, test := range map[string]struct {
		path   string
		status int
		left   int
		failed string
		err    string
	}{
		"a pull request too large":    {"/repos/octocat/notes/pulls/6", 502, 61, "PR_1_6", ""},
		"a pull request gone":         {"/repos/octocat/notes/pulls/6", 404, 60, "", ""},
		"reviews gone":                {"/repos/octocat/notes/pulls/6/reviews", 404, 60, "", ""},
		"reviews refused":             {"/repos/octocat/notes/pulls/6/reviews", 403, 0, "", "may not do this"},
		"lines of a pull request":     {"/repos/octocat/notes/pulls/36/comments", 500, 61, "PR_1_36", ""},
		"comments":                    {"/repos/octocat/notes/issues/16/comments", 422, 61, "I_1_16", ""},
		"no credentials in mid-read":  {"/repos/octocat/notes/git/trees/main", 401, 0, "", "the credentials are wrong or have expired"},
		"no right to read files":      {"/repos/octocat/notes/commits", 403, 0, "", "file "},
		"files without a time":        {"/repos/octocat/notes/commits", 500, 61, "octocat/notes/note 0#ü.md", ""},
		"issues switched off":         {"/repos/octocat/notes/issues", 410, 25, "", ""},
		"no repository in the middle": {"/repos/octocat/notes", 404, 0, "", ""},
		"the list of repositories":    {"/user/repos", 500, 0, "", "list the repositories of octocat"},
		"the user":                    {"/user", 401, 0, "", "the credentials are wrong"},
		"issues":                      {"/repos/octocat/notes/issues", 500, 0, "", "issues of octocat/notes"},
	} {
		t.Run(name, func(t *testing.T) {
			server, _ := hub(t)
			server.Before(func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != test.path {
					return false
				}
				w.WriteHeader(test.status)
				return true
			})
			got, err := read(t, open(t, server.Config(map[string]any{"retry_count": 0})), "")
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Len(t, got.all, test.left)
			for id, d := range got.all {
				if id == test.failed {
					require.Error(t, d.Err)
				} else if test.path != "/repos/octocat/notes/commits" {
					require.NoError(t, d.Err, id)
				}
			}
		})
	}
}

// A repository that can't be found deletes nothing: the sync fails, after all
// others were read.
func TestMissingRepository(t *testing.T) {
	server, r := hub(t)
	got, err := read(t, open(t, server.Config(map[string]any{"repositories": []string{"gone", "notes", "someone/else", "NOTES"}})), "")
	require.ErrorContains(t, err, "repository octocat/gone can't be found")
	require.ErrorContains(t, err, "repository someone/else can't be found")
	require.ErrorContains(t, err, "nothing of it is deleted")
	require.Len(t, got.all, 61, "each repository once")

	err = open(t, server.Config(map[string]any{"repositories": []string{"gone", "notes"}})).(connector.ConfigValidator).ValidateConfig(t.Context())
	require.ErrorContains(t, err, "List of repositories: repository octocat/gone can't be found")
	require.NoError(t, open(t, server.Config(nil)).(connector.ConfigValidator).ValidateConfig(t.Context()))

	server.Hub.Remove(r)
	got, err = read(t, open(t, server.Config(nil)), "")
	require.NoError(t, err)
	require.Empty(t, got.all)
}

func TestOddRepositories(t *testing.T) {
	h := fixture.NewHub()
	h.Repo(h.Login, "empty")
	h.Repo(h.Login, "code").NoIssues = true
	cut := h.Repo(h.Login, "cut")
	fixture.Fill(cut, 100)
	cut.Truncated = true
	server := fixture.Serve(t, h)
	got, err := read(t, open(t, server.Config(nil)), "")
	require.NoError(t, err)
	require.Len(t, got.all, 103)
	require.Equal(t, 40, count(got.ids(), "octocat/cut/"))
}

// Issues are deleted, changed and made while they are listed, 100 a page: none
// that stays is missed, and what changed is seen as it is in the end.
func TestIssuesChangeWhileTheyAreListed(t *testing.T) {
	h := fixture.NewHub()
	r := h.Repo(h.Login, "busy")
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	var issues []*fixture.Issue
	for n := range 1500 { // 250 at a time, so that one second fills pages
		issues = append(issues, r.AddIssue(false, 0, start.Add(time.Duration(n/250)*time.Second)))
	}
	server := fixture.Serve(t, h)
	page := 0
	server.Before(func(_ http.ResponseWriter, req *http.Request) bool {
		if strings.HasSuffix(req.URL.Path, "/issues") {
			for n := page * 7; n < page*7+7 && n < 700; n++ {
				if n%2 == 0 {
					r.DeleteIssue(issues[2*n])
				} else {
					r.Touch(issues[2*n])
				}
			}
			page++
		}
		return false
	})
	got, err := read(t, open(t, server.Config(nil)), "")
	require.NoError(t, err)
	for _, i := range issues {
		d, is := got.all[fmt.Sprintf("I_1_%d", i.Number)]
		if !r.Has(i) {
			continue
		}
		require.True(t, is, "issue %d was missed", i.Number)
		require.Equal(t, fmt.Sprintf("Issue %d, revision %d", i.Number, i.Revision), fields(t, d)["title"])
	}
	require.Greater(t, page, 15)
}

func TestRules(t *testing.T) {
	server, _ := hub(t)
	for rules, want := range map[string]int{
		`[{"repository":"notes","filter":{"issue":"is:open"}}]`:                                    18,
		`[{"repository":"octocat/notes","filter":{"pr":"is:closed"}}]`:                             6,
		`[{"repository":"notes","filter":{"branch":"main"}}]`:                                      24,
		`[{"repository":"notes","filter":{"path":"/docs/part-1/"}}]`:                               3,
		`[{"repository":"notes","filter":{"pr":"is:pr","issue":"is:issue","path":"docs/part-1"}}]`: 39,
		`[]`: 61,
	} {
		got, err := read(t, open(t, server.Config(nil)), rules)
		require.NoError(t, err, rules)
		require.Len(t, got.all, want, rules)
	}
	for rules, want := range map[string]string{
		`[{"repository":"gone","filter":{"issue":"is:open"}},{"repository":"notes","filter":{"issue":"is:open"}}]`: "advanced rule 1: repository octocat/gone can't be found",
		`[{"repository":"notes","filter":{"branch":"gone"}}]`:                                                      `advanced rule 1: branch "gone"`,
		`[{"repository":"notes","filter":{"path":"../gone"}}]`:                                                     `advanced rule 1: path "../gone"`,
		`[{"repository":"notes","filter":{"issue":"weather:fine"}}]`:                                               "422 Unprocessable Entity: Validation Failed",
		`[1]`: "cannot",
	} {
		_, err := read(t, open(t, server.Config(map[string]any{"retry_count": 0})), rules)
		require.ErrorContains(t, err, want, rules)
	}
}

func TestSearchHasAnEnd(t *testing.T) {
	h := fixture.NewHub()
	r := h.Repo(h.Login, "large")
	for range 1001 {
		r.AddIssue(false, 0, time.Time{})
	}
	server := fixture.Serve(t, h)
	s := open(t, server.Config(nil))
	_, err := read(t, s, `[{"repository":"large","filter":{"issue":"is:issue"}}]`)
	require.ErrorContains(t, err, `"is:issue" finds 1001, and GitHub's search gives out 1000 at most; narrow it`)
	got, err := read(t, s, `[{"repository":"large","filter":{"issue":"is:open"}}]`)
	require.NoError(t, err)
	require.Len(t, got.all, 668)

	server.Before(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/search/issues" {
			return false
		}
		_, _ = io.WriteString(w, `{"total_count":5,"incomplete_results":true,"items":[]}`)
		return true
	})
	_, err = read(t, s, `[{"repository":"large","filter":{"issue":"is:open"}}]`)
	require.ErrorContains(t, err, "takes GitHub too long")
}

func TestRulesValidators(t *testing.T) {
	server, _ := hub(t)
	s := open(t, server.Config(map[string]any{"retry_count": 0}))
	check := func(rules string) (all connector.Problems) {
		for _, v := range s.(connector.AdvancedRulesValidators).AdvancedRulesValidators() {
			all = append(all, v(t.Context(), json.RawMessage(rules))...)
		}
		return all
	}
	require.Empty(t, check(`[{"repository":"notes","filter":{"issue":"is:open label:bug"}}]`))
	problems := check(`[{"repository":"notes","filter":{"issue":"IS:pr"}},{"repository":"a/b","filter":{"pr":"type:issue repo:c/d"}}]`)
	var pointers []string
	for _, p := range problems {
		pointers = append(pointers, p.Pointer)
	}
	require.Equal(t, []string{"/0/filter/issue", "/1/filter/pr", "/1/filter/pr", "/1/repository"}, pointers)
	require.Contains(t, problems[3].Message, "repository a/b can't be found")
	require.NotEmpty(t, check(`[1]`))
	server.Before(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(401); return true })
	require.Contains(t, check(`[{"repository":"notes","filter":{"path":"docs"}}]`).Error(), "the credentials are wrong")
}

// Cancelling ends every wait.
func TestCancel(t *testing.T) {
	server, _ := hub(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	server.Before(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/issues") {
			cancel(io.ErrClosedPipe)
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		return false
	})
	err := open(t, server.Config(nil)).GetDocs(ctx, connector.Filter{}, func(connector.Document) error { return nil })
	require.ErrorIs(t, err, io.ErrClosedPipe)
}
