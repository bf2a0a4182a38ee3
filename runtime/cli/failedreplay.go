package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/letters"
)

func (a *app) failedReplayCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "replay CONNECTOR [ID...]",
		Short: "Send documents that failed again, as they were",
		Long: "Sends documents again that failed, after what was in their way is mended, such as\n" +
			"the mapping of the index. Those that the index takes are no dead letters any more.\n\n" +
			"A document that the index holds in a newer version, or that belongs to somebody\n" +
			"else, is not replaced. Those whose content is only in the source stay: a sync tries\n" +
			"them again.",
		Args:              needs("CONNECTOR"),
		ValidArgsFunction: a.completeLetters,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atLetters(cmd.Context(), args[0], func(s letters.Store, id string) error {
				return a.failedReplay(cmd.Context(), s, id, args[1:])
			})
		},
	}
}

// replayedLine is the last line of `failed replay --json`.
type replayedLine struct {
	Type        string `json:"type"` // "replayed"
	Connector   string `json:"connector"`
	Delivered   int64  `json:"delivered"`
	Superseded  int64  `json:"superseded"`
	NeedsSource int64  `json:"needs_source"`
	Refused     int64  `json:"refused"`
}

func (a *app) failedReplay(ctx context.Context, s letters.Store, id string, ids []string) error {
	line := replayedLine{Type: "replayed", Connector: id}
	missing, failures := slices.Clone(ids), []job.Failure{}
	err := s.Replay(ctx, letters.Query{Connector: id, IDs: idsOrAll(ids)}, func(l *letters.Letter, o letters.Outcome) error {
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == l.ID })
		switch o {
		case letters.Delivered:
			line.Delivered++
		case letters.Superseded:
			line.Superseded++
		case letters.NeedsSource:
			line.NeedsSource++
		default:
			if line.Refused++; len(failures) < maxShownFailures {
				failures = append(failures, job.Failure{ID: l.ID, Reason: l.Reason})
			}
		}
		return nil
	})
	if told := a.tellReplay(line, failures); err == nil {
		err = told
	}
	if err == nil {
		err = notThere(id, missing)
	}
	if err == nil && line.Refused > 0 {
		return refusedError{line.Refused}
	}
	return err
}

// maxShownFailures is how many documents are named that failed again.
const maxShownFailures = 10

// idsOrAll is nil for no ids, which means all.
func idsOrAll(ids []string) []string {
	if len(ids) == 0 {
		return nil
	}
	return ids
}

// refusedError says that documents were refused once more.
type refusedError struct{ n int64 }

func (e refusedError) Error() string {
	return counted(e.n, "document") + " failed again; see what tributary failed show says about them"
}

// Unwrap makes it the end of a command that did its work but for some documents.
func (e refusedError) Unwrap() error { return partialError{e.n} }

func (a *app) tellReplay(line replayedLine, failures []job.Failure) error {
	if a.json {
		for _, f := range failures {
			if err := a.printJSON(failureLine{"failure", f}); err != nil {
				return err
			}
		}
		return a.printJSON(line)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s delivered", counted(line.Delivered, "document"))
	for _, more := range []struct {
		n    int64
		text string
	}{
		{line.Superseded, "superseded by what the index holds"}, {line.Refused, "failed again"}, {line.NeedsSource, "can be brought in by a sync only"},
	} {
		if more.n > 0 {
			fmt.Fprintf(&b, ", %s %s", count(more.n), more.text)
		}
	}
	b.WriteByte('\n')
	for _, f := range failures {
		fmt.Fprintf(&b, "  failed: %s: %s\n", printable(f.ID), printable(f.Reason))
	}
	return a.print("%s", b.String())
}

func (a *app) failedDropCommand() *cobra.Command {
	all := false
	cmd := &cobra.Command{
		Use:   "drop CONNECTOR [ID...]",
		Short: "Forget documents that failed",
		Long: "Removes dead letters: the documents named, or with --all those of the connector.\n" +
			"The index of the documents stays as it is, and a sync tries them again.",
		Args:              needs("CONNECTOR"),
		ValidArgsFunction: a.completeLetters,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 1) {
				return usagef("name the documents to forget, or all of them with --all")
			}
			return a.atLetters(cmd.Context(), args[0], func(s letters.Store, id string) error {
				return a.failedDrop(cmd.Context(), s, id, args[1:])
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all documents of the connector that failed")
	return cmd
}

// droppedLine is the one line of `failed drop --json`.
type droppedLine struct {
	Type      string `json:"type"` // "dropped"
	Connector string `json:"connector"`
	Documents int    `json:"documents"`
}

func (a *app) failedDrop(ctx context.Context, s letters.Store, id string, ids []string) error {
	missing, keys, n := slices.Clone(ids), map[letters.Place][]string{}, 0
	err := s.Each(ctx, letters.Query{Connector: id, IDs: idsOrAll(ids)}, func(l *letters.Letter, p letters.Place) error {
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == l.ID })
		keys[p] = append(keys[p], l.Key)
		n++
		return nil
	})
	if err != nil {
		return err
	}
	if err := notThere(id, missing); err != nil {
		return err
	}
	if err := s.Remove(ctx, id, keys); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(droppedLine{"dropped", id, n})
	}
	return a.print("%s forgotten\n", counted(int64(n), "document"))
}
