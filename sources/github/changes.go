package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rest"
)

// overlap is how much of the time before a position is read again: GitHub's lists
// may lag behind its clock.
const overlap = time.Minute

// position is where the history stands.
type position struct {
	At time.Time `json:"at"`
	// Heads is the last commit of each repository's default branch; empty
	// where there is none.
	Heads map[string]string `json:"heads"`
}

func lost(format string, args ...any) error {
	return fmt.Errorf("%w: %s", connector.ErrPositionLost, fmt.Sprintf(format, args...))
}

// Position is the time by GitHub's clock, and the last commit of each
// repository.
func (s *Source) Position(ctx context.Context) (connector.Cursor, error) {
	at, err := s.clock(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := s.accounts(ctx)
	if err != nil {
		return nil, err
	}
	p := position{At: at, Heads: map[string]string{}}
	for r, err := range s.repositories(ctx, accounts) {
		if errors.As(err, new(*missingError)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if p.Heads[r.FullName], err = r.head(ctx, r.DefaultBranch); err != nil {
			return nil, err
		}
	}
	s.heads.Store(&p.Heads)
	return p.cursor()
}

// cursor is without the heads when they are too many: then every incremental sync
// becomes a full one, and says so.
func (p position) cursor() (connector.Cursor, error) {
	text, err := json.Marshal(p)
	if err == nil && len(text) > connector.MaxCursor {
		text, err = json.Marshal(position{At: p.At})
	}
	return text, err
}

// clock is the time by which GitHub stamps its things.
func (s *Source) clock(ctx context.Context) (time.Time, error) {
	header, err := s.api.JSON(ctx, "meta", nil, nil)
	if err != nil {
		return time.Time{}, err
	}
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}, errors.New("GitHub's answers have no date")
	}
	return at, nil
}

// head is the last commit of a branch; empty where there is none.
func (r *repository) head(ctx context.Context, branch string) (string, error) {
	var answer struct{ Commit struct{ SHA string } }
	_, err := r.api.JSON(ctx, r.path+"/branches"+rest.Path(branch), nil, &answer)
	if gone(err) {
		return "", nil
	}
	return answer.Commit.SHA, err
}

// Changes emits what changed since a position: issues and pull requests by their
// time, files by comparing trees. That an issue was deleted or moved away, GitHub
// does not tell; the next full sync finds out.
func (s *Source) Changes(ctx context.Context, since connector.Cursor, filter connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	var last position
	if err := json.Unmarshal(since, &last); err != nil || last.At.IsZero() {
		return nil, lost("the cursor can't be read")
	}
	if _, some, err := advancedRules(filter); err != nil || some {
		return nil, cmpErr(err, lost("advanced rules are searches, which tell no history"))
	}
	if len(last.Heads) == 0 {
		return nil, lost("there are no repositories, or too many to remember where each stands")
	}
	next, err := s.clock(ctx)
	if err != nil {
		return nil, err
	}
	repositories, err := s.same(ctx, last)
	if err != nil {
		return nil, err
	}
	heads := map[string]string{}
	for _, r := range repositories {
		if heads[r.FullName], err = s.follow(ctx, r, last, emit); err != nil {
			return nil, err
		}
	}
	return position{At: next, Heads: heads}.cursor()
}

func cmpErr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// same returns the repositories, which must be those of the position.
func (s *Source) same(ctx context.Context, last position) ([]*repository, error) {
	accounts, err := s.accounts(ctx)
	if err != nil {
		return nil, err
	}
	var all []*repository
	left := maps.Clone(last.Heads)
	for r, err := range s.repositories(ctx, accounts) {
		if err != nil {
			return nil, err
		}
		if _, known := left[r.FullName]; !known {
			return nil, lost("the repository %s is new", r.FullName)
		}
		delete(left, r.FullName)
		all = append(all, r)
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		return nil, lost("the repository %s is gone", name)
	}
	return all, nil
}

// follow emits the changes of one repository and returns its last commit.
func (s *Source) follow(ctx context.Context, r *repository, last position, emit func(connector.Change) error) (string, error) {
	access, err := s.readers(ctx, r)
	if err != nil {
		return "", err
	}
	put := restricted(func(d connector.Document) error { return emit(connector.Change{Document: d}) }, access)
	since := last.At.Add(-overlap)
	if r.UpdatedAt.After(since) {
		if err := put(r.document()); err != nil {
			return "", err
		}
	}
	if err := r.issues(ctx, r.updatedSince(ctx, since), put); err != nil {
		return "", err
	}
	head, err := r.head(ctx, r.DefaultBranch)
	if was := last.Heads[r.FullName]; err != nil || head == was {
		return head, err
	}
	files, deleted, err := r.compare(ctx, last.Heads[r.FullName], head)
	if err != nil {
		return "", err
	}
	for _, path := range deleted {
		if err := emit(connector.Change{Document: connector.NewDocument(r.fileID(path)), Deleted: true}); err != nil {
			return "", err
		}
	}
	return head, r.files(ctx, head, files, put)
}

// compare returns the text files that differ between two commits, as they are in
// the later one, and the paths of those that it does not have. It compares the
// trees, since GitHub tells 300 files of a comparison at most.
func (r *repository) compare(ctx context.Context, from, to string) (changed []file, deleted []string, err error) {
	if from == "" || to == "" {
		return nil, nil, lost("the default branch of %s was made or deleted", r.FullName)
	}
	before, err := r.tree(ctx, from)
	if gone(err) {
		return nil, nil, lost("the commit %s of %s is gone: its history was rewritten", from, r.FullName)
	}
	if err != nil {
		return nil, nil, err
	}
	now, err := r.tree(ctx, to)
	if err != nil {
		return nil, nil, err
	}
	old := map[string]file{}
	for _, f := range before {
		old[f.Path] = f
	}
	for _, f := range now {
		if old[f.Path] != f {
			changed = append(changed, f)
		}
		delete(old, f.Path)
	}
	return changed, slices.Sorted(maps.Keys(old)), nil
}
