package github

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/page"
	"github.com/tributary-search/tributary/runtime/rest"
)

// issue is an issue or, with PullRequest, a pull request: GitHub lists and
// searches both together.
type issue struct {
	NodeID      string `json:"node_id"`
	Number      int
	HTMLURL     string `json:"html_url"`
	Title       string
	Body        *string
	State       string
	User        *user
	Labels      []label
	Assignees   []user
	Comments    int
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
	ClosedAt    *time.Time `json:"closed_at"`
	PullRequest *struct {
		MergedAt *time.Time `json:"merged_at"`
	} `json:"pull_request"`
}

type user struct {
	Login string `json:"login"`
}

type label struct {
	Name        string  `json:"name"`
	Description *string `json:"description"`
}

// updatedSince gives issues and pull requests by the time of their last change,
// the oldest first.
//
// It does not count pages but goes on from the time of the last one: an issue
// that is deleted meanwhile moves none that is still to come, and one that
// changes comes once more at the end. GitHub does not say whether a time itself is
// included, so each page begins a second early, and what was given already is
// left out.
func (r *repository) updatedSince(ctx context.Context, since time.Time) iter.Seq2[issue, error] {
	list := &sinceList{from: since, given: map[int]time.Time{}}
	return page.Cursor(func(string) ([]issue, string, error) {
		return list.next(func(query url.Values) (items []issue, err error) {
			_, err = r.api.JSON(ctx, r.path+"/issues", query, &items)
			return items, err
		})
	})
}

// sinceList is where a list by time stands.
type sinceList struct {
	from  time.Time
	page  int               // from 0, of those from that time on
	given map[int]time.Time // the numbers that may come again
}

func (l *sinceList) next(fetch func(url.Values) ([]issue, error)) ([]issue, string, error) {
	query := url.Values{
		"state": {"all"}, "sort": {"updated"}, "direction": {"asc"},
		"per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(l.page + 1)},
	}
	if !l.from.IsZero() {
		query.Set("since", l.from.UTC().Format(time.RFC3339))
	}
	items, err := fetch(query)
	if err != nil {
		return nil, "", err
	}
	fresh := l.fresh(items)
	if len(items) < perPage {
		return fresh, "", nil
	}
	l.page++
	if from := items[len(items)-1].UpdatedAt.Add(-time.Second); from.After(l.from) {
		l.from, l.page = from, 0
		l.forget()
	}
	return fresh, fmt.Sprintf("%d %d", l.from.Unix(), l.page), nil
}

// fresh leaves out what was given in the state in which it is now.
func (l *sinceList) fresh(items []issue) []issue {
	var fresh []issue
	for _, i := range items {
		if at, was := l.given[i.Number]; was && at.Equal(i.UpdatedAt) {
			continue
		}
		l.given[i.Number] = i.UpdatedAt
		fresh = append(fresh, i)
	}
	return fresh
}

// forget keeps those that the next page may hold.
func (l *sinceList) forget() {
	for number, at := range l.given {
		if at.Before(l.from) {
			delete(l.given, number)
		}
	}
}

// issues emits a list of issues and pull requests, with what was said about them.
func (r *repository) issues(ctx context.Context, list iter.Seq2[issue, error], emit func(connector.Document) error) error {
	err := page.Each(ctx, atOnce, list, func(ctx context.Context, i issue) error {
		d, err := r.discussion(ctx, i)
		switch {
		case gone(err):
			return nil // deleted since it was listed
		case err != nil && !costsOneDocument(err):
			return err
		case err != nil:
			d.Err = err
		}
		return emit(d)
	})
	if gone(err) {
		return nil // issues are switched off in this repository
	}
	if err != nil && ctx.Err() == nil && rest.StatusOf(err) != 0 {
		return fmt.Errorf("issues of %s: %w", r.FullName, err)
	}
	return err
}

// costsOneDocument reports that GitHub fails at one thing again and again, which is
// known of pull requests of thousands of files.
func costsOneDocument(err error) bool {
	var refused *rest.Error
	return errors.As(err, &refused) && (refused.Status >= 500 || refused.Status == 422) && refused.Wait == 0
}

// discussion is an issue or pull request with its comments. With an error, the
// document has its ID.
func (r *repository) discussion(ctx context.Context, i issue) (connector.Document, error) {
	d := connector.NewDocument(i.NodeID)
	d.UpdatedAt = i.UpdatedAt
	i.describe(&d)
	comments, err := r.comments(ctx, i)
	if err != nil {
		return d, err
	}
	d.Set("issue_comments", comments)
	if i.PullRequest == nil {
		d.Set("type", "Issue")
		return d, nil
	}
	d.Set("type", "Pull request")
	d.Set("mergedAt", i.PullRequest.MergedAt)
	return d, r.review(ctx, i, &d)
}

// describe sets what issues and pull requests have in common.
func (i issue) describe(d *connector.Document) {
	state := strings.ToUpper(i.State)
	if i.PullRequest != nil && i.PullRequest.MergedAt != nil {
		state = "MERGED"
	}
	d.Set("number", i.Number)
	d.Set("url", i.HTMLURL)
	d.Set("title", i.Title)
	d.Set("body", orNil(i.Body))
	d.Set("state", state)
	d.Set("author", i.User)
	d.Set("createdAt", i.CreatedAt)
	d.Set("closedAt", i.ClosedAt)
	d.Set("labels_field", list(i.Labels))
	d.Set("assignees_list", list(i.Assignees))
}

// list is never null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
