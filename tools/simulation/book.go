package simulation

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// book is what the oracle knows of one index that jobs write: that of the documents, or that of the people.
type book struct {
	shelf   *shelf // what the index is to hold
	image   map[string]stored
	failing map[string]bool      // ids that the last syncs could not bring up to date
	late    map[string]time.Time // when a lost worker or a ghost wrote an id last
	foreign map[string]string
	latest  map[string]*run // by process
	holder  *run            // the one whose job is in progress
}

func newBook(of *shelf) *book {
	return &book{
		shelf: of, image: map[string]stored{}, failing: map[string]bool{}, late: map[string]time.Time{}, foreign: map[string]string{}, latest: map[string]*run{},
	}
}

// emptied says that the index is gone.
func (b *book) emptied() {
	if b.holder != nil { // even one that has ended may still have its position to store
		b.holder.emptied = true
	}
	clear(b.image)
	clear(b.foreign)
	clear(b.late)
}

// fail notes what a pass could not bring up to date.
func (b *book) fail(pass *reading) {
	if pass == nil {
		return
	}
	for _, id := range pass.failures() {
		b.failing[id] = true
	}
}

// ids are those that the source has had, and those in the index.
func (b *book) ids() []string {
	all := b.shelf.ids()
	for id := range b.image {
		all = append(all, id)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// stored is a document of the index.
type stored struct {
	N     int      `json:"n"`
	Kind  string   `json:"kind"`
	Body  string   `json:"body"`
	Print string   `json:"_fingerprint"`
	List  []string `json:"_allow_access_control"`
	Query struct {
		Template struct {
			Params struct {
				List []string `json:"access_control"`
			}
		}
	}
	there  bool
	source string
}

func parse(source json.RawMessage) stored {
	var s stored
	_ = json.Unmarshal(source, &s) // a document whose n is no number is refused before
	s.source = string(source)
	return s
}

// readers are who may read a document, or what an identity may read; empty is everybody.
func (s stored) readers() string {
	return strings.Join(append(s.List, s.Query.Template.Params.List...), " ")
}

// partly reports whether the document is one that is to be sent again.
func (s stored) partly() bool { return strings.HasSuffix(s.Print, ".") }

// run is one claim of a job.
type run struct {
	job, claim, process string
	book                *book
	started             time.Time
	hides               bool // the rules exclude hidden documents
	restricts           bool // documents say who may read them
	lost                bool // another one has taken the job since
	emptied             bool // a user has deleted the index meanwhile
	ended               bool
	status              string          // at the end
	created             map[string]bool // id and content
	updated             map[string]bool // the same
	deleted             int
	ambiguous           int       // created meanwhile by lost workers: the same bytes without an answer can't be told from one's own
	confirmed           time.Time // when the last confirmation of its lease was sent
}

func (r *run) excludes(v version) bool { return r.hides && v.kind == "hidden" }

// readers are those that the index is to name of a version.
func (r *run) readers(b *book, v version) string {
	switch {
	case b.people():
		return v.readers
	case !r.restricts:
		return ""
	case v.readers == "":
		return connector.Nobody
	}
	return v.readers
}

// people reports whether the index is that of the people.
func (b *book) people() bool { return b.shelf.people }
