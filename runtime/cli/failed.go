package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/letters"
	"github.com/tributary-search/tributary/runtime/service"
)

func (a *app) failedCommand() *cobra.Command {
	return group("failed", "Look at documents that failed, and send them again",
		a.failedListCommand(), a.failedShowCommand(), a.failedReplayCommand(), a.failedDropCommand())
}

// letterLine is a document that failed, in JSON.
type letterLine struct {
	Type        string                   `json:"type"` // "letter"
	Connector   string                   `json:"connector"`
	Index       string                   `json:"index"`
	Pipeline    string                   `json:"pipeline"`
	ID          string                   `json:"id"`
	Action      string                   `json:"action"`
	Class       connector.Class          `json:"class"`
	Reason      string                   `json:"reason"`
	Attempts    int                      `json:"attempts"`
	Job         *string                  `json:"job"`
	FailedAt    time.Time                `json:"failed_at"`
	NeedsSource bool                     `json:"needs_source"`
	Attachment  *connector.AttachmentRef `json:"attachment"`
	KeptIn      letters.Place            `json:"kept_in"`
}

func newLetterLine(l *letters.Letter, p letters.Place) letterLine {
	return letterLine{
		Type: "letter", Connector: l.Connector, Index: l.Index, Pipeline: l.Pipeline, ID: l.ID, Action: l.Action, Class: l.Class, Reason: l.Reason,
		Attempts: l.Attempts, Job: orNull(l.Job), FailedAt: l.At, NeedsSource: l.NeedsSource, Attachment: l.Attachment, KeptIn: p,
	}
}

// atLetters connects and works on the dead letters of the connector that a word
// means; of all for an empty word.
func (a *app) atLetters(ctx context.Context, word string, work func(s letters.Store, connectorID string) error) error {
	return a.atDesk(ctx, func(d *desk) error {
		store := service.Letters(d.Client, a.lettersSettings())
		store.Log = a.log
		id, err := d.lettersOf(ctx, store, word)
		if err != nil {
			return err
		}
		return work(store, id)
	})
}

// ownerWord is what a sync without a connector is called by.
var ownerWord = regexp.MustCompile(`^[0-9a-f]{8}$`)

// lettersOf finds whose letters a word means: an owner or connector that has
// some, else a connector by its id or name.
func (d *desk) lettersOf(ctx context.Context, s letters.Store, word string) (string, error) {
	if word == "" {
		return "", nil
	}
	s.Log = slog.New(slog.DiscardHandler) // the command itself will tell
	err := s.Each(ctx, letters.Query{Connector: word}, func(*letters.Letter, letters.Place) error { return errEnough })
	switch {
	case errors.Is(err, errEnough):
		return word, nil
	case err != nil:
		return "", err
	}
	conn, err := d.connector(ctx, word)
	if errors.As(err, new(usageError)) && ownerWord.MatchString(word) {
		return word, nil
	}
	return conn.ID, err
}

// completeLetters completes the connectors that have dead letters, then the ids
// of their documents.
func (a *app) completeLetters(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(cmd.Context(), 2*time.Second)
	defer cancel()
	q, seen, words := letters.Query{}, map[string]bool{}, []string{}
	if len(args) > 0 {
		q.Connector = args[0]
	}
	_ = a.atLetters(ctx, "", func(s letters.Store, _ string) error { // a completion has nobody to tell
		return s.Each(ctx, q, func(l *letters.Letter, _ letters.Place) error {
			word := l.Connector
			if len(args) > 0 {
				word = l.ID
			}
			if !seen[word] {
				seen[word] = true
				words = append(words, word)
			}
			if len(words) == shownLetters {
				return errEnough
			}
			return nil
		})
	})
	return without(words, args), cobra.ShellCompDirectiveNoFileComp
}

// waiting is a summary of letters; nil when none waits.
func waiting(s letters.Summary) *letters.Summary {
	if s.Waiting <= 0 && s.Unkept == 0 {
		return nil
	}
	return &s
}

// waitingText tells people where their failed documents are, and how to see them.
func waitingText(start, connectorID string, s *letters.Summary) string {
	if s == nil {
		return ""
	}
	verb := "wait"
	if s.Waiting == 1 {
		verb = "waits"
	}
	text := fmt.Sprintf("%s%s %s; tributary failed list %s shows them\n", start, counted(s.Waiting, "document"), verb, printable(connectorID))
	if s.File != "" {
		text += "  kept in the file " + printable(s.File)
		if s.Problem != "" {
			text += ": " + printable(s.Problem)
		}
		text += "\n"
	}
	if s.Dropped > 0 {
		text += fmt.Sprintf("  %s had to go: the file was full\n", counted(s.Dropped, "older document"))
	}
	if s.Unkept > 0 {
		text += fmt.Sprintf("  %s could not be kept: %s\n", counted(s.Unkept, "document"), printable(s.Problem))
	}
	return text
}
