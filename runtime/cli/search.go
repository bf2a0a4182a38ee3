package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Marks around a match: characters that no text has.
const (
	markStart = "\ue000"
	markEnd   = "\ue001"
)

func (a *app) searchCommand() *cobra.Command {
	limit := 10
	cmd := &cobra.Command{
		Use:     "search INDEX QUERY",
		Short:   "Search an index",
		Example: "  tributary search search-directory-5d41402a \"annual report\"",
		Args:    cobra.MinimumNArgs(2),
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

// searchAnswer is what is used of Elasticsearch's answer.
type searchAnswer struct {
	Took int64 `json:"took"`
	Hits struct {
		Total struct {
			Value    int64  `json:"value"`
			Relation string `json:"relation"`
		} `json:"total"`
		Hits []searchHit `json:"hits"`
	} `json:"hits"`
}

type searchHit struct {
	ID        string              `json:"_id"`
	Score     float64             `json:"_score"`
	Source    json.RawMessage     `json:"_source"`
	Highlight map[string][]string `json:"highlight"`
}

// hitLine is a hit of `search --json`.
type hitLine struct {
	Type       string          `json:"type"` // "hit"
	ID         string          `json:"id"`
	Score      float64         `json:"score"`
	Document   json.RawMessage `json:"document"`   // without body
	Highlights []string        `json:"highlights"` // of body, matches in <em>
}

// totalLine is the last line of `search --json`.
type totalLine struct {
	Type   string `json:"type"` // "total"
	Index  string `json:"index"`
	Total  int64  `json:"total"`
	Exact  bool   `json:"exact"`
	TookMS int64  `json:"took_ms"`
}

func (a *app) search(ctx context.Context, index, query string, limit int) error {
	t, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = t.close() }()
	body, err := json.Marshal(searchBody(query, limit))
	if err != nil {
		return err
	}
	raw, err := t.Search(ctx, index, body)
	if err != nil {
		return err
	}
	var answer searchAnswer
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("answer to the search of %s: %w", index, err)
	}
	if a.json {
		return a.printHits(index, answer)
	}
	return a.showHits(index, answer)
}

func searchBody(query string, limit int) map[string]any {
	return map[string]any{
		"size":    limit,
		"_source": map[string]any{"excludes": []string{"body", "_attachment"}},
		"query":   map[string]any{"multi_match": map[string]any{"query": query, "fields": []string{"*"}, "lenient": true}},
		"highlight": map[string]any{
			"pre_tags": []string{markStart}, "post_tags": []string{markEnd},
			"max_analyzed_offset": 999_999,
			"fields":              map[string]any{"body": map[string]any{"fragment_size": 150, "number_of_fragments": 2}},
		},
	}
}

func (a *app) printHits(index string, answer searchAnswer) error {
	em := strings.NewReplacer(markStart, "<em>", markEnd, "</em>")
	for _, h := range answer.Hits.Hits {
		line := hitLine{Type: "hit", ID: h.ID, Score: h.Score, Document: h.Source, Highlights: []string{}}
		for _, text := range h.Highlight["body"] {
			line.Highlights = append(line.Highlights, em.Replace(text))
		}
		if err := a.printJSON(line); err != nil {
			return err
		}
	}
	total := answer.Hits.Total
	return a.printJSON(totalLine{"total", index, total.Value, total.Relation == "eq", answer.Took})
}

func (a *app) showHits(index string, answer searchAnswer) error {
	marks := strings.NewReplacer(markStart, "«", markEnd, "»")
	if terminal(a.Stdout) && a.env["NO_COLOR"] == "" {
		marks = strings.NewReplacer(markStart, "\x1b[1m", markEnd, "\x1b[0m")
	}
	var b strings.Builder
	total := answer.Hits.Total
	more := ""
	if total.Relation != "eq" {
		more = "more than "
	}
	fmt.Fprintf(&b, "%s%s hits in %s\n", more, count(total.Value), index)
	for i, h := range answer.Hits.Hits {
		fmt.Fprintf(&b, "\n%d. %s\n", i+1, printable(h.title()))
		for _, text := range h.Highlight["body"] {
			fmt.Fprintf(&b, "   %s\n", marks.Replace(strings.Join(strings.Fields(printable(text)), " ")))
		}
	}
	return a.print("%s", b.String())
}

// title is what names a hit best.
func (h searchHit) title() string {
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
