package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rest"
)

// mostFound is how much of what it found GitHub's search gives out.
const mostFound = 1000

// ruled emits what advanced rules name, and nothing else.
func (s *Source) ruled(ctx context.Context, rules AdvancedRules, emit func(connector.Document) error) error {
	accounts, err := s.accounts(ctx)
	if err != nil {
		return err
	}
	var absent []error
	for n, rule := range rules {
		a, name := s.owner(accounts, rule.Repository)
		r, err := a.repository(ctx, name)
		if err = missing(name, err); errors.As(err, new(*missingError)) {
			absent = append(absent, fmt.Errorf("advanced rule %d: %w", n+1, err))
			continue
		}
		if err == nil {
			err = s.parts(ctx, r, rule.Filter, emit)
		}
		if err != nil {
			return fmt.Errorf("advanced rule %d: %w", n+1, err)
		}
	}
	return errors.Join(absent...)
}

// parts emits the parts of a repository that a rule names.
func (s *Source) parts(ctx context.Context, r *repository, f RuleFilter, emit func(connector.Document) error) error {
	access, err := s.readers(ctx, r)
	if err != nil {
		return err
	}
	emit = restricted(emit, access)
	for kind, query := range map[string]*string{"issue": f.Issue, "pr": f.Pr} {
		if query == nil {
			continue
		}
		if err := r.issues(ctx, r.search(ctx, kind, *query), emit); err != nil {
			return err
		}
	}
	if f.Branch != nil {
		tree, err := r.tree(ctx, *f.Branch)
		if err == nil {
			err = r.files(ctx, *f.Branch, tree, emit)
		}
		if err != nil {
			return fmt.Errorf("branch %q: %w", *f.Branch, err)
		}
	}
	if f.Path == nil {
		return nil
	}
	files, err := r.folder(ctx, *f.Path)
	if err == nil {
		err = r.files(ctx, r.DefaultBranch, files, emit)
	}
	if err != nil {
		return fmt.Errorf("path %q: %w", *f.Path, err)
	}
	return nil
}

// search finds issues or pull requests.
func (r *repository) search(ctx context.Context, kind, qualifiers string) iter.Seq2[issue, error] {
	query := url.Values{"q": {"repo:" + r.FullName + " is:" + kind + " " + qualifiers}, "sort": {"created"}, "order": {"asc"}}
	return listed(r.api, "search/issues", query, func(address string) ([]issue, http.Header, error) {
		var answer struct {
			Total      int  `json:"total_count"`
			Incomplete bool `json:"incomplete_results"`
			Items      []issue
		}
		header, err := r.api.JSON(ctx, address, nil, &answer)
		switch {
		case err != nil:
		case answer.Total > mostFound:
			err = fmt.Errorf("%q finds %d, and GitHub's search gives out %d at most; narrow it, such as by created:2026-01-01..2026-06-30, in several rules",
				qualifiers, answer.Total, mostFound)
		case answer.Incomplete:
			err = fmt.Errorf("%q takes GitHub too long to search through; narrow it", qualifiers)
		}
		return answer.Items, header, err
	})
}

// folder lists the text files of a folder of the default branch.
func (r *repository) folder(ctx context.Context, name string) ([]file, error) {
	var entries []struct {
		Path, Type string
		SHA        oid
		Size       int64
	}
	path := r.path + "/contents" + rest.Path(strings.Split(strings.Trim(name, "/"), "/")...)
	if _, err := r.api.JSON(ctx, path, url.Values{"ref": {r.DefaultBranch}}, &entries); err != nil {
		return nil, err
	}
	var files []file
	for _, e := range entries {
		f := file{Path: e.Path, SHA: e.SHA, Size: e.Size}
		if e.Type == "file" { // a list of a folder does not tell executable ones
			f.Mode = regular
		}
		if f.isText() {
			files = append(files, f)
		}
	}
	return files, nil
}

// AdvancedRulesValidators checks that the repositories of the rules can be read,
// and that their searches contradict themselves nowhere.
func (s *Source) AdvancedRulesValidators() []connector.RulesValidator {
	return []connector.RulesValidator{contradictions, s.reachable}
}

// contradictions finds searches for one kind that ask for the other.
func contradictions(_ context.Context, raw json.RawMessage) (problems connector.Problems) {
	rules, _, err := advancedRules(connector.Filter{AdvancedRules: raw})
	if err != nil {
		return connector.Problems{{Message: err.Error()}}
	}
	for n, rule := range rules {
		for part, other := range map[string]string{"issue": "pr", "pr": "issue"} {
			query := rule.Filter.Issue
			if part == "pr" {
				query = rule.Filter.Pr
			}
			if query == nil {
				continue
			}
			for word := range strings.FieldsSeq(strings.ToLower(*query)) {
				if word == "is:"+other || word == "type:"+other || strings.HasPrefix(word, "repo:") {
					problems = append(problems, connector.Problem{
						Pointer: fmt.Sprintf("/%d/filter/%s", n, part),
						Message: fmt.Sprintf("%q can't be here: is:%s and the repository of the rule are added, and nothing would be found", word, part),
					})
				}
			}
		}
	}
	return problems
}

// reachable asks for each repository once.
func (s *Source) reachable(ctx context.Context, raw json.RawMessage) (problems connector.Problems) {
	rules, _, err := advancedRules(connector.Filter{AdvancedRules: raw})
	if err != nil {
		return connector.Problems{{Message: err.Error()}}
	}
	accounts, err := s.accounts(ctx)
	if err != nil {
		return connector.Problems{{Message: err.Error()}}
	}
	for n, rule := range rules {
		a, name := s.owner(accounts, rule.Repository)
		if _, err := a.repository(ctx, name); err != nil {
			problems = append(problems, connector.Problem{Pointer: fmt.Sprintf("/%d/repository", n), Message: missing(name, err).Error()})
		}
	}
	return problems
}
