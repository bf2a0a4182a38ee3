package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

func TestPositionIsReadAsItWasWritten(t *testing.T) {
	for _, p := range []job.Position{
		{Settings: "s"},
		{Source: connector.Cursor(`{"lsn":[1,"x"]}`), Settings: "s", Index: "uuid", Documents: 1 << 60, Failed: 3},
	} {
		read, ok := job.ParsePosition(p.JSON())
		require.True(t, ok)
		require.Equal(t, p, read)
	}
	require.JSONEq(t, `{"tributary":1,"source":{"a":1},"settings":"s","documents":2,"failed":0}`,
		string(job.Position{Source: connector.Cursor(`{"a":1}`), Settings: "s", Documents: 2}.JSON()))
}

func TestAPositionAfterChangesIsReckoned(t *testing.T) {
	p := job.Position{Source: connector.Cursor(`1`), Settings: "s", Index: "uuid", Documents: 10, Failed: 3}
	require.Equal(t, job.Position{Source: connector.Cursor(`2`), Settings: "s", Index: "uuid", Documents: 12, Failed: 7},
		p.After(connector.Cursor(`2`), job.Counters{Created: 5, Updated: 6, Deleted: 3, Failed: 4, Foreign: 1}))
	require.EqualValues(t, 10, p.Documents)
}

func TestOtherCursorsAreLost(t *testing.T) {
	for _, raw := range []string{
		``, `null`, `{}`, `[]`, `"x"`, `7`, `{`, `{"cursor_timestamp":"2024-05-01T00:00:00Z"}`,
		`{"tributary":2,"settings":"s"}`, `{"tributary":1}`, `{"tributary":"1","settings":"s"}`,
		`{"tributary":1,"settings":"s","source":"` + strings.Repeat("x", connector.MaxCursor) + `"}`,
	} {
		_, ok := job.ParsePosition(json.RawMessage(raw))
		require.False(t, ok, raw)
	}
}

func TestHashSettings(t *testing.T) {
	require.Equal(t, job.HashSettings([]byte("a"), nil), job.HashSettings([]byte("a"), []byte{}))
	hashes := map[string]bool{}
	for _, parts := range [][][]byte{nil, {nil}, {[]byte("ab")}, {[]byte("a"), []byte("b")}, {[]byte("b"), []byte("a")}} {
		hashes[job.HashSettings(parts...)] = true
	}
	require.Len(t, hashes, 5)
	require.Equal(t, job.HashSettings([]byte(`{"a":{"x":1,"y":[2.50]},"b":"c"}`)), job.HashSettings([]byte(`{"b":"c", "a":{"y":[2.50],"x":1}}`)), "the order of members")
	require.NotEqual(t, job.HashSettings([]byte(`{"a":[1,2]}`)), job.HashSettings([]byte(`{"a":[2,1]}`)))
	require.NotEqual(t, job.HashSettings([]byte(`{"a":9007199254740993}`)), job.HashSettings([]byte(`{"a":9007199254740992}`)))
}

func TestPositionOf(t *testing.T) {
	at, err := job.PositionOf(t.Context(), docs{})
	require.NoError(t, err)
	require.Nil(t, at)
	at, err = job.PositionOf(t.Context(), detector{at: `7`})
	require.NoError(t, err)
	require.Equal(t, connector.Cursor(`7`), at)
	_, err = job.PositionOf(t.Context(), detector{at: `{`})
	require.ErrorContains(t, err, "defect of the source")
	_, err = job.PositionOf(t.Context(), detector{err: errors.New("no route")})
	require.ErrorContains(t, err, "no route")
}

// detector is a source that says whether it changed.
type detector struct {
	docs
	at      string
	changed bool
	err     error
}

func (d detector) Position(context.Context) (connector.Cursor, error) {
	return connector.Cursor(d.at), d.err
}

func (d detector) Changed(_ context.Context, since connector.Cursor) (bool, error) {
	return d.changed || string(since) != d.at, d.err
}

// TestSkip takes away one condition after the other.
func TestSkip(t *testing.T) {
	x := newIndex(t)
	source := detector{docs: numbered(30), at: `"x"`}
	s := x.new(source)
	require.NoError(t, s.Run(t.Context()))
	x.close()
	x.as("other").sync(t, docs{"theirs": "one"})
	p, err := job.NewPosition(t.Context(), s.Index, x.owner, "settings", connector.Cursor(source.at), s.Counters())
	require.NoError(t, err)
	identity, err := s.Index.Identity(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, identity)
	require.Equal(t, job.Position{Source: connector.Cursor(source.at), Settings: "settings", Index: identity, Documents: 30}, p)

	position := func(change func(*job.Position)) json.RawMessage {
		q := p
		change(&q)
		return q.JSON()
	}
	for why, change := range map[string]func(*job.Due){
		"":                           func(*job.Due) {},
		"can't tell whether":         func(d *job.Due) { d.Source = docs{} },
		"a user asked for it":        func(d *job.Due) { d.OnDemand = true },
		"no position":                func(d *job.Due) { d.Stored = nil },
		"no position of an earlier":  func(d *job.Due) { d.Stored = position(func(p *job.Position) { p.Source = nil }) },
		"was not completed":          func(d *job.Due) { d.Last = job.Failed },
		"2 documents failed":         func(d *job.Due) { d.Stored = position(func(p *job.Position) { p.Failed = 2 }) },
		"settings have changed":      func(d *job.Due) { d.Settings = "others" },
		"the source has changed":     func(d *job.Due) { d.Source = detector{changed: true} },
		"log: the position in":       func(d *job.Due) { d.Source = detector{err: fmt.Errorf("log: %w", connector.ErrPositionLost)} },
		"can't say whether":          func(d *job.Due) { d.Source = detector{err: errors.New("no route")} },
		"holds 30 documents":         func(d *job.Due) { d.Stored = position(func(p *job.Position) { p.Documents = 31 }) },
		"found no documents":         func(d *job.Due) { d.Stored = position(func(p *job.Position) { p.Documents = 0 }) },
		"can't be counted: no route": func(d *job.Due) { d.Index = uncountable{} },
	} {
		d := job.Due{
			Source: source, Stored: p.JSON(), Settings: "settings", Last: job.Completed, Owner: x.owner, Index: s.Index,
		}
		change(&d)
		skip, says := job.Skip(t.Context(), d)
		require.Equal(t, why == "", skip, says)
		require.Contains(t, says, why)
	}
}

type uncountable struct{ job.Index }

func (uncountable) Owned(context.Context, string) (int64, error) { return 0, errors.New("no route") }
