package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/elastic"
)

func (a *app) searchCommand() *cobra.Command {
	limit := 10
	cmd := &cobra.Command{
		Use:     "search INDEX QUERY",
		Short:   "Search an index",
		Example: "  tributary search search-directory-5d41402a \"annual report\"",
		Args:    needs("INDEX", "QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 0 || limit > 10000 {
				return usagef("--limit must be between 0 and 10000")
			}
			if err := a.load(); err != nil {
				return err
			}
			return a.search(cmd.Context(), args[0], strings.Join(args[1:], " "), limit)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "most hits that are printed")
	return cmd
}

// hitLine is a hit of `search --json`.
type hitLine struct {
	Type       string              `json:"type"` // "hit"
	ID         string              `json:"id"`
	Score      float64             `json:"score"`
	Document   json.RawMessage     `json:"document"`   // without its long fields
	Highlights map[string][]string `json:"highlights"` // by field, matches in <em>
}

// totalLine is the last line of `search --json`.
type totalLine struct {
	Type  string `json:"type"` // "total"
	Index string `json:"index"`
	Total int64  `json:"total"`
	Exact bool   `json:"exact"`
}

func (a *app) search(ctx context.Context, index, query string, limit int) error {
	if err := elastic.CheckName(index); err != nil {
		return usageError{err}
	}
	t, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = t.close() }()
	if err := t.searchable(ctx, index); err != nil {
		return err
	}
	found, err := t.Search(ctx, index, elastic.MatchText(query, limit, shownFragments))
	if answered(err, http.StatusNotFound) {
		return a.noIndex(t, index)
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.printHits(index, found)
	}
	return a.showHits(index, found)
}

// noIndex says where an index was looked for: the embedded node has one set of
// them for each data folder.
func (a *app) noIndex(t *target, index string) error {
	where := t.name()
	if dir, err := a.dataDir(); err == nil && t.embedded {
		where += " in " + dir
	}
	return fmt.Errorf("there is no index %s on %s; a sync prints the name of its index", index, where)
}

// shownFragments is how many fragments of a field are shown of each hit.
const shownFragments = 2

func (a *app) printHits(index string, found elastic.Found) error {
	for _, h := range found.Hits {
		line := hitLine{Type: "hit", ID: h.ID, Score: h.Score, Document: h.Source, Highlights: h.Highlights}
		if line.Highlights == nil {
			line.Highlights = map[string][]string{}
		}
		if err := a.printJSON(line); err != nil {
			return err
		}
	}
	return a.printJSON(totalLine{"total", index, found.Total, !found.AtLeast})
}

func (a *app) showHits(index string, found elastic.Found) error {
	marks := strings.NewReplacer("<em>", "«", "</em>", "»")
	if terminal(a.Stdout) && a.env["NO_COLOR"] == "" {
		marks = strings.NewReplacer("<em>", "\x1b[1m", "</em>", "\x1b[0m")
	}
	var b strings.Builder
	more := ""
	if found.AtLeast {
		more = "more than "
	}
	fmt.Fprintf(&b, "%s%s in %s\n", more, counted(found.Total, "hit"), index)
	for i, h := range found.Hits {
		fmt.Fprintf(&b, "\n%d. %s\n", i+1, printable(title(h)))
		for _, text := range fragments(h) {
			fmt.Fprintf(&b, "   %s\n", marks.Replace(strings.Join(strings.Fields(printable(text)), " ")))
		}
	}
	return a.print("%s", b.String())
}

// fragments are those of the body or, without one, of the first other field.
func fragments(h elastic.Match) []string {
	for _, name := range append([]string{"body"}, slices.Sorted(maps.Keys(h.Highlights))...) {
		if len(h.Highlights[name]) > 0 {
			return h.Highlights[name]
		}
	}
	return nil
}

// title is what names a hit best.
func title(h elastic.Match) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(h.Source, &fields) == nil {
		for _, name := range []string{"path", "title", "name", "subject", "url"} {
			var text string
			if json.Unmarshal(fields[name], &text) == nil && text != "" {
				return text
			}
		}
	}
	return h.ID
}
