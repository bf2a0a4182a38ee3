package letters_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/letters"
)

func fields(t *testing.T, source []byte) (m map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(source, &m))
	return m
}

// keep makes letters.
func (w *world) keep(list ...connector.Rejection) {
	w.Helper()
	box := w.open()
	for _, r := range list {
		box.Keep(r)
	}
	require.EqualValues(w, len(list), box.Finish(w.Context(), letters.Broken).Waiting)
}

func (w *world) index_(id, source string) {
	w.Helper()
	refused, err := w.client.WriteMany(w.Context(), w.index, []elastic.Write{{ID: id, Source: []byte(source)}})
	require.NoError(w, err)
	require.NoError(w, refused[0])
}

func TestReplayReplacesNeitherNewerNorForeignDocuments(t *testing.T) {
	const owner, earlier, later = "aaaaaaaa", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00Z"
	doc := func(owner, hash, at string) string {
		return fmt.Sprintf(`{"n":1,"_fingerprint":"%s.%s","_timestamp":"%s"}`, owner, hash, at)
	}
	cases := []struct {
		name, stored, action string
		want                 letters.Outcome
		print                string
	}{
		{"older", doc(owner, "old", earlier), "index", letters.Delivered, owner + ".new"},
		{"newer", doc(owner, "newest", "2026-01-03T00:00:00Z"), "index", letters.Superseded, owner + ".newest"},
		{"the same", doc(owner, "new", later), "index", letters.Superseded, owner + ".new"},
		{"foreign", doc("bbbbbbbb", "x", earlier), "index", letters.Refused, "bbbbbbbb.x"},
		{"nobody's, to be adopted", `{"n":5}`, "index", letters.Delivered, owner + ".new"},
		{"nobody's, come up since", `{"n":5}`, "create", letters.Refused, ""},
		{"absent", "", "index", letters.Delivered, owner + ".new"},
	}
	w := newWorld(t)
	var list []connector.Rejection
	for _, c := range cases {
		if c.stored != "" {
			w.index_(c.name, c.stored)
		}
		list = append(list, connector.Rejection{
			ID: c.name, Action: c.action, Class: connector.ClassMapping, Reason: "r", Source: []byte(doc(owner, "new", later)),
		})
	}
	w.keep(list...)
	outcomes := map[string]letters.Outcome{}
	require.NoError(t, w.store.Replay(t.Context(), letters.Query{Connector: "con"}, func(l *letters.Letter, o letters.Outcome) error {
		outcomes[l.ID] = o
		return nil
	}))
	require.NoError(t, w.client.Index(w.index).Refresh(t.Context()))
	left := w.letters()
	for _, c := range cases {
		require.Equal(t, c.want, outcomes[c.name], c.name)
		print, _ := w.stored(c.name)["_fingerprint"].(string)
		require.Equal(t, c.print, print, c.name)
		require.Equal(t, c.want == letters.Refused, left[c.name] != nil, c.name)
	}
}

// What a letter holds is bounded, and a document that is not whole is not sent.
func TestLargeContentsGoByReference(t *testing.T) {
	w := newWorld(t)
	big := strings.Repeat("x", 3<<20)
	w.keep(
		connector.Rejection{ID: "body", Action: "index", Source: []byte(`{"n":1,"body":"` + big + `"}`)},
		connector.Rejection{ID: "field", Action: "index", Source: []byte(`{"n":1,"other":"` + big + `"}`)},
		connector.Rejection{ID: "file", Action: "index", Source: []byte(`{"n":1,"_attachment":"QUJD"}`)},
		connector.Rejection{ID: "no json", Action: "index", Source: []byte(`{"n":1,"x":}`)},
		connector.Rejection{ID: "deep", Action: "index", Source: []byte(`{"n":1,"x":` + strings.Repeat(`{"x":`, 300) + "1" + strings.Repeat("}", 301))},
	)
	all := w.letters()
	require.JSONEq(t, `{"n":1}`, string(all["body"].Body))
	require.EqualValues(t, 3<<20, all["body"].Attachment.Size)
	require.Empty(t, all["field"].Body)
	require.JSONEq(t, `{"n":1}`, string(all["file"].Body))
	require.Empty(t, all["no json"].Body)
	for id, l := range all {
		require.Equal(t, id != "deep", l.NeedsSource, id)
	}
	require.Equal(t, 4, w.replay()[letters.NeedsSource])
}

func TestManyLettersInPages(t *testing.T) {
	w := newWorld(t)
	box := w.open()
	for i := range 2500 {
		box.Keep(connector.Rejection{ID: fmt.Sprint(i), Action: "index", Class: connector.ClassMapping, Reason: "r", Source: []byte(`{"n":1}`)})
	}
	require.EqualValues(t, 2500, box.Finish(t.Context(), letters.Broken).Waiting)
	require.Len(t, w.letters(), 2500)
	box = w.open()
	box.Unread("77")
	require.EqualValues(t, 1, box.Finish(t.Context(), letters.Everything).Waiting)
	require.Equal(t, []string{"77"}, sorted(w.letters()))
}
