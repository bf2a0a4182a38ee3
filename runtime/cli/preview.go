package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/rules"
	"github.com/tributary-search/tributary/runtime/service"
)

// shownDocuments is how many documents a preview shows when no limit is given.
const shownDocuments = 10

// shownText is how many characters of a field a preview shows to people.
const shownText = 200

func (a *app) previewCommand() *cobra.Command {
	var f syncFlags
	cmd := &cobra.Command{
		Use:   "preview SOURCE key=value...",
		Short: "Show what a sync would do, and change nothing",
		Long: "Reads a source, compares it with the index and shows documents as a sync would\n" +
			"send them, then what it would create, update, leave and delete.\n\n" +
			"Without --limit everything is read and the first 10 documents are shown. With\n" +
			"--limit reading stops when so many were shown, and what would be deleted is not\n" +
			"known. Unchanged documents are counted, not shown.",
		Example:           "  tributary preview directory directory=/srv/documents --limit 3",
		Args:              needs("SOURCE"),
		ValidArgsFunction: a.completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.load(); err != nil {
				return err
			}
			f.dryRun = true
			return a.preview(cmd.Context(), args, f)
		},
	}
	f.register(cmd)
	cmd.Flags().IntVar(&f.limit, "limit", 0, "stop when so many documents were shown")
	return cmd
}

// documentLine is a document in `preview --json`.
type documentLine struct {
	Type     string          `json:"type"`   // "document"
	Action   string          `json:"action"` // "create" or "update"
	ID       string          `json:"id"`
	Document json.RawMessage `json:"document"`
}

// previewLine is the last line of `preview --json`.
type previewLine struct {
	Type     string           `json:"type"` // "preview"
	Index    string           `json:"index"`
	Complete bool             `json:"complete"` // everything was read
	Counters job.Counters     `json:"counters"`
	RuleHits []rules.RuleHits `json:"rule_hits"`
	Refused  *string          `json:"refused"` // why a sync would delete nothing and fail
}

func (a *app) preview(ctx context.Context, args []string, f syncFlags) error {
	if f.limit < 0 {
		return usagef("--limit must be 1 or more")
	}
	r, err := a.request(ctx, args, f)
	if err != nil {
		return err
	}
	run, err := a.prepare(ctx, r)
	if err != nil {
		return err
	}
	show := &shower{app: a, most: cmp.Or(f.limit, shownDocuments), stop: f.limit > 0}
	run.sync.Sink = newDrySink(show.document)
	if r.rules.basic != nil {
		run.sync.Rules = newExplainer(r.rules.basic, show)
	}
	run.sync.Options.Downloads = 1 // so that the first documents to be read are the first to be shown
	run.sync.Extract = &firstFew{Extractor: run.sync.Extract, left: int64(show.most)}
	started := time.Now()
	err = service.Guard(a.log, r.kind, func() error { return run.sync.Run(ctx) })
	complete := !errors.Is(err, errEnough)
	if !complete {
		err = nil
	}
	return errors.Join(a.concludePreview(r, run, err, complete, time.Since(started)), run.finish(), run.close())
}

// concludePreview reports what a sync would do.
func (a *app) concludePreview(r request, run *run, err error, complete bool, took time.Duration) error {
	line := previewLine{Type: "preview", Index: r.index, Complete: complete,
		Counters: previewCounters(run.sync, complete), RuleHits: r.rules.basic.Tally()}
	var guard *job.GuardError
	if errors.As(err, &guard) {
		text := guard.Error()
		line.Refused, line.Counters.Deleted = &text, int64(guard.Gone)
	} else if err != nil {
		return err
	}
	if a.json {
		err = a.printJSON(line)
	} else {
		err = a.print("%s%snothing was changed; %s read in %s\n",
			line.text(run.sync.Budget.Failures()), hitsText(r.rules.basic), counted(line.Counters.Emitted, "document"), elapsed(took))
	}
	if failed := line.Counters.Failed; err == nil && failed > 0 {
		return partialError{failed}
	}
	return err
}

// previewCounters are those that a sync would end with, as far as they can be
// known.
func previewCounters(s *job.Sync, complete bool) job.Counters {
	c := s.Counters()
	c.NoText = 0   // not all contents were read
	if !complete { // what was under way when it stopped counts for nothing
		c.Failed = int64(s.Budget.Noted())
		c.Emitted = c.Created + c.Updated + c.Unchanged + c.Filtered + c.Failed + c.Duplicate
	}
	return c
}

// text is a preview for people.
func (line previewLine) text(failures []job.Failure) string {
	var b strings.Builder
	c := line.Counters
	fmt.Fprintf(&b, "would create %d update %d leave unchanged %d", c.Created, c.Updated, c.Unchanged)
	if line.Complete {
		fmt.Fprintf(&b, " delete %d", c.Deleted)
	} else {
		b.WriteString(" delete unknown (reading stopped at the limit)")
	}
	if c.Failed > 0 {
		fmt.Fprintf(&b, " fail %d", c.Failed)
	}
	fmt.Fprintf(&b, " in index %s\n", line.Index)
	for _, f := range failures {
		fmt.Fprintf(&b, "would fail: %s: %s\n", printable(f.ID), printable(f.Reason))
	}
	if line.Refused != nil {
		fmt.Fprintf(&b, "would be refused: %s\n", *line.Refused)
	}
	return b.String()
}

// shower shows the first documents of a preview.
type shower struct {
	app  *app
	most int
	stop bool // at the first one that is not shown

	mu    sync.Mutex
	shown int
}

// document shows one document.
func (s *shower) document(action, id string, source []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown >= s.most {
		if s.stop {
			return errEnough
		}
		return nil
	}
	s.shown++
	return s.print(action, id, source)
}

func (s *shower) print(action, id string, source []byte) error {
	word := "update"
	if action == job.Create {
		word = "create"
	}
	if s.app.json {
		return s.app.printJSON(documentLine{"document", word, id, source})
	}
	fields, err := membersInOrder(source)
	if err != nil {
		return fmt.Errorf("document %s: %w", id, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", word, printable(id))
	for _, f := range fields {
		fmt.Fprintf(&b, "  %s: %s\n", printable(f.name), printable(shorten(string(f.value), shownText)))
	}
	return s.app.print("%s\n", b.String())
}

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + fmt.Sprintf("… (%s more)", count(int64(len(r)-most)))
	}
	return s
}

// firstFew reads the contents of so many attachments; of the others it says
// that they have no text.
type firstFew struct {
	job.Extractor
	left  int64
	taken atomic.Int64
}

// Extract reads the content of an attachment that will be shown.
func (f *firstFew) Extract(ctx context.Context, at *connector.Attachment, dst []byte) (string, []byte, error) {
	if f.taken.Add(1) > f.left {
		return "", dst, nil
	}
	return f.Extractor.Extract(ctx, at, dst)
}
