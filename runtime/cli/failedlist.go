package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/letters"
)

// shownLetters is how many letters are listed unless a flag says otherwise.
const shownLetters = 20

func (a *app) failedListCommand() *cobra.Command {
	n := shownLetters
	cmd := &cobra.Command{
		Use:   "list [CONNECTOR]",
		Short: "List the documents of a connector that failed, the newest first",
		Long: "Lists documents that Elasticsearch rejected or whose content could not be read, and\n" +
			"that no later sync has brought in. CONNECTOR is a connector, or the owner that a\n" +
			"sync without one names. Without it, those that have such documents.",
		Args:              exactly("[CONNECTOR]"),
		ValidArgsFunction: a.completeLetters,
		RunE: func(cmd *cobra.Command, args []string) error {
			if n < 1 {
				return usagef("--limit must be 1 or more")
			}
			word := ""
			if len(args) > 0 {
				word = args[0]
			}
			return a.atLetters(cmd.Context(), word, func(s letters.Store, id string) error {
				if id == "" {
					return a.failedOverview(cmd.Context(), s)
				}
				return a.failedList(cmd.Context(), s, id, n)
			})
		},
	}
	cmd.Flags().IntVar(&n, "limit", n, "most documents that are listed")
	return cmd
}

// newest keeps the newest letters.
type newest struct {
	most  int
	total int64
	lines []letterLine
}

func (n *newest) add(l *letters.Letter, p letters.Place) error {
	n.total++
	n.lines = append(n.lines, newLetterLine(l, p))
	if len(n.lines) >= 2*n.most+1000 {
		n.cut()
	}
	return nil
}

func (n *newest) cut() {
	slices.SortFunc(n.lines, func(x, y letterLine) int { return cmp.Or(y.FailedAt.Compare(x.FailedAt), strings.Compare(x.ID, y.ID)) })
	n.lines = n.lines[:min(n.most, len(n.lines))]
}

func (a *app) failedList(ctx context.Context, s letters.Store, id string, most int) error {
	n := &newest{most: most}
	if err := s.Each(ctx, letters.Query{Connector: id}, n.add); err != nil {
		return err
	}
	n.cut()
	if a.json {
		for _, line := range n.lines {
			if err := a.printJSON(line); err != nil {
				return err
			}
		}
		return nil
	}
	if n.total == 0 {
		return a.print("no documents of %s wait in the dead letters\n", printable(id))
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tINDEX\tCLASS\tATTEMPTS\tFAILED\tREPLAY\tREASON")
	for _, l := range n.lines {
		replay := "yes"
		if l.NeedsSource {
			replay = "needs a sync"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", printable(l.ID), l.Index, l.Class, l.Attempts, ago(l.FailedAt), replay, printable(l.Reason))
	}
	_ = table.Flush()
	if left := n.total - int64(len(n.lines)); left > 0 {
		fmt.Fprintf(&b, "and %s; --limit shows more\n", counted(left, "older document"))
	}
	if lost, err := s.Dropped(id); err == nil && lost > 0 {
		fmt.Fprintf(&b, "%s had to go: the file of this machine was full\n", counted(lost, "older document"))
	}
	return a.print("%s", b.String())
}

// ownerLine is the letters of one connector.
type ownerLine struct {
	Type        string    `json:"type"` // "letters"
	Connector   string    `json:"connector"`
	Documents   int64     `json:"documents"`
	NeedsSource int64     `json:"needs_source"`
	Newest      time.Time `json:"newest"`
}

func (a *app) failedOverview(ctx context.Context, s letters.Store) error {
	byOwner := map[string]*ownerLine{}
	err := s.Each(ctx, letters.Query{}, func(l *letters.Letter, _ letters.Place) error {
		o := byOwner[l.Connector]
		if o == nil {
			o = &ownerLine{Type: "letters", Connector: l.Connector}
			byOwner[l.Connector] = o
		}
		o.Documents++
		if l.NeedsSource {
			o.NeedsSource++
		}
		if l.At.After(o.Newest) {
			o.Newest = l.At
		}
		return nil
	})
	if err != nil {
		return err
	}
	var lines []*ownerLine
	for _, o := range byOwner {
		lines = append(lines, o)
	}
	slices.SortFunc(lines, func(x, y *ownerLine) int { return y.Newest.Compare(x.Newest) })
	return a.printOwners(lines)
}

func (a *app) printOwners(lines []*ownerLine) error {
	if a.json {
		for _, l := range lines {
			if err := a.printJSON(l); err != nil {
				return err
			}
		}
		return nil
	}
	if len(lines) == 0 {
		return a.print("no documents wait in the dead letters\n")
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "CONNECTOR\tDOCUMENTS\tNEED A SYNC\tNEWEST")
	for _, l := range lines {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", printable(l.Connector), count(l.Documents), count(l.NeedsSource), ago(l.Newest))
	}
	_ = table.Flush()
	return a.print("%s", b.String())
}

func (a *app) failedShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "show CONNECTOR ID...",
		Short:             "Show documents that failed, as they were to be sent",
		Args:              needs("CONNECTOR", "ID"),
		ValidArgsFunction: a.completeLetters,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atLetters(cmd.Context(), args[0], func(s letters.Store, id string) error {
				return a.failedShow(cmd.Context(), s, id, args[1:])
			})
		},
	}
}

// shownLetter is a letter with its document.
type shownLetter struct {
	letterLine
	Document json.RawMessage `json:"document"`
}

func (a *app) failedShow(ctx context.Context, s letters.Store, id string, ids []string) error {
	missing := slices.Clone(ids)
	err := s.Each(ctx, letters.Query{Connector: id, IDs: ids, Bodies: true}, func(l *letters.Letter, p letters.Place) error {
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == l.ID })
		line := newLetterLine(l, p)
		if a.json {
			return a.printJSON(shownLetter{line, l.Body})
		}
		return a.print("%s", line.text(l.Body))
	})
	if err == nil {
		err = notThere(id, missing)
	}
	return err
}

// notThere refuses ids that no letter is about.
func notThere(connectorID string, missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	return usagef("no document %q of %s waits in the dead letters; tributary failed list %s names those that do", missing[0], connectorID, connectorID)
}

// text is a letter for people.
func (l letterLine) text(document json.RawMessage) string {
	var b strings.Builder
	rows := [][2]string{
		{"document", printable(l.ID)}, {"index", l.Index}, {"action", l.Action}, {"class", string(l.Class)}, {"reason", printable(l.Reason)},
		{"attempts", fmt.Sprint(l.Attempts)}, {"failed", ago(l.FailedAt)}, {"kept in", string(l.KeptIn)},
	}
	if l.Job != nil {
		rows = append(rows, [2]string{"job", *l.Job})
	}
	if at := l.Attachment; at != nil {
		rows = append(rows, [2]string{"content", printable(fmt.Sprintf("%s %s, %s", at.Name, at.MediaType, size(max(at.Size, 0))))})
	}
	if l.NeedsSource {
		rows = append(rows, [2]string{"replay", "not possible: a part of the document is only in the source; the next sync tries it again"})
	}
	writeTable(&b, rows)
	fields, _ := membersInOrder(document) // an absent document has none
	for _, f := range fields {
		fmt.Fprintf(&b, "  %s: %s\n", printable(f.name), printable(shorten(string(f.value), shownText)))
	}
	return b.String() + "\n"
}
