package job

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Budget is how many documents Elasticsearch may reject before a run ends.
// The defaults are those of Elastic's service (protocol: bulk error monitor).
// A limit of 0 or less is none.
//
// A document that the index holds already as it is counts as one that was taken:
// otherwise the run after one with a few rejections would see nothing but these
// few, sent again, and end.
type Budget struct {
	Total       int     // in the run
	Consecutive int     // in a row
	Rate        float64 // of the last Window documents, 0 to 1
	Window      int
	// Redact takes the source's secrets out of reasons.
	Redact connector.Redactor

	kept atomic.Int64 // documents that the index holds as they are, not yet counted

	mu     sync.Mutex
	total  int
	inRow  int
	recent []bool // a ring of the last Window outcomes, true for a rejection
	at     int
	bad    int      // rejections in the ring
	first  Failure  // the first rejection
	then   []string // the ids of the next ones
	noted  int
	named  []Failure
}

// Failure is a document that could not be indexed, and why.
type Failure struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// maxNamed is how many failures a run keeps to name them.
const maxNamed = 10

// maxThen is how many rejections an error names after the first.
const maxThen = 2

// NewBudget returns the default budget: 1000 in total, 10 in a row, 15 % of
// the last 100.
func NewBudget() *Budget {
	return &Budget{Total: 1000, Consecutive: 10, Rate: 0.15, Window: 100}
}

// Succeeded counts documents that Elasticsearch took.
func (b *Budget) Succeeded(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inRow = 0
	for range min(n, b.Window) {
		b.push(false)
	}
}

// Failed counts a document that Elasticsearch rejected. It returns an error
// when the budget is spent.
func (b *Budget) Failed(r connector.Rejection) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	reason := b.Redact.Text(r.Reason)
	b.name(r.ID, reason)
	switch {
	case b.total == 0:
		b.first = Failure{r.ID, reason}
	case len(b.then) < maxThen:
		b.then = append(b.then, r.ID)
	}
	b.spendKept()
	b.total++
	b.inRow++
	b.push(true)
	switch {
	case b.Consecutive > 0 && b.inRow > b.Consecutive:
		return b.spent(fmt.Sprintf("%d documents in a row", b.inRow))
	case b.Total > 0 && b.total > b.Total:
		return b.spent(fmt.Sprintf("%d documents", b.total))
	case b.Rate > 0 && b.Window > 0 && float64(b.bad) > b.Rate*float64(b.Window):
		return b.spent(fmt.Sprintf("%d of the last %d documents", b.bad, len(b.recent)))
	}
	return nil
}

// Unchanged counts a document that the index holds as it is.
func (b *Budget) Unchanged() { b.kept.Add(1) }

// spendKept lets unchanged documents go before a rejection. Which of them came
// before which rejection is not known, since answers come in batches; so each
// rejection has as many as make it bearable, as long as there are some.
func (b *Budget) spendKept() {
	share := 1.0
	if b.Rate > 0 {
		share = max(1, math.Ceil(1/b.Rate)-1)
	}
	n := min(b.kept.Load(), int64(share))
	if n <= 0 {
		return
	}
	b.kept.Add(-n)
	b.inRow = 0
	for range min(int(n), b.Window) {
		b.push(false)
	}
}

// Unreadable notes a document that the source could not read. It costs nothing
// of the budget.
func (b *Budget) Unreadable(id, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.name(id, b.Redact.Text(reason))
}

// Failures returns the first failures of the run.
func (b *Budget) Failures() []Failure {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Failure(nil), b.named...)
}

// Noted returns how many documents failed, those included that Failures does
// not name.
func (b *Budget) Noted() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.noted
}

func (b *Budget) name(id, reason string) {
	b.noted++
	if len(b.named) < maxNamed {
		b.named = append(b.named, Failure{id, reason})
	}
}

func (b *Budget) spent(what string) error {
	then := ""
	if len(b.then) > 0 {
		then = "; then " + strings.Join(b.then, ", ")
	}
	return fmt.Errorf("Elasticsearch rejected %s; the first is %s: %s%s; mend the cause, or raise the limits in elasticsearch.bulk.error_monitor",
		what, b.first.ID, b.first.Reason, then)
}

func (b *Budget) push(failed bool) {
	if b.Window <= 0 {
		return
	}
	if len(b.recent) < b.Window {
		b.recent = append(b.recent, failed)
	} else {
		if b.recent[b.at] {
			b.bad--
		}
		b.recent[b.at] = failed
		b.at = (b.at + 1) % b.Window
	}
	if failed {
		b.bad++
	}
}
