package github

import (
	"context"
	"slices"
	"strconv"

	"github.com/tributary-search/tributary/runtime/connector"
)

// comment is what a user said.
type comment struct {
	User *user   `json:"user"`
	Body *string `json:"body"`
}

func (c comment) said() said { return said{c.User, c.Body} }

// said is a comment as it is indexed.
type said struct {
	Author *user   `json:"author"`
	Body   *string `json:"body"`
}

// reviewed is a review as it is indexed.
type reviewed struct {
	said
	State    string `json:"state"`
	Comments []said `json:"comments"`
}

// comments reads what was said about an issue as a whole.
func (r *repository) comments(ctx context.Context, i issue) ([]said, error) {
	all := []said{}
	if i.Comments == 0 {
		return all, nil
	}
	for c, err := range pages[comment](ctx, r.api, r.path+"/issues/"+strconv.Itoa(i.Number)+"/comments", nil) {
		if err != nil {
			return nil, err
		}
		all = append(all, c.said())
	}
	return all, nil
}

// review sets what only pull requests have: reviews with the comments on lines
// that belong to them, and who is asked for more.
func (r *repository) review(ctx context.Context, i issue, d *connector.Document) error {
	pull := r.path + "/pulls/" + strconv.Itoa(i.Number)
	var detail struct {
		RequestedReviewers []user `json:"requested_reviewers"`
		ReviewComments     int    `json:"review_comments"`
	}
	if _, err := r.api.JSON(ctx, pull, nil, &detail); err != nil {
		return err
	}
	d.Set("requested_reviewers", list(detail.RequestedReviewers))
	lines, err := r.lines(ctx, pull, detail.ReviewComments)
	if err != nil {
		return err
	}
	type review struct {
		ID int64
		comment
		State string
	}
	reviews := []reviewed{}
	for v, err := range pages[review](ctx, r.api, pull+"/reviews", nil) {
		if err != nil {
			return err
		}
		reviews = append(reviews, reviewed{v.said(), v.State, list(lines[v.ID])})
	}
	d.Set("reviews_comments", slices.Clip(reviews))
	return nil
}

// lines are the comments on lines of a pull request, by their review.
func (r *repository) lines(ctx context.Context, pull string, n int) (map[int64][]said, error) {
	if n == 0 {
		return nil, nil
	}
	type line struct {
		comment
		Review int64 `json:"pull_request_review_id"`
	}
	lines := map[int64][]said{}
	for c, err := range pages[line](ctx, r.api, pull+"/comments", nil) {
		if err != nil {
			return nil, err
		}
		lines[c.Review] = append(lines[c.Review], c.said())
	}
	return lines, nil
}
