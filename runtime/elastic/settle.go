package elastic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// settling is the settling of one answer.
type settling struct {
	bulk   *Bulk
	batch  *batch
	counts [maxCounts]int64
	good   int   // since the last report
	fatal  error // the first; it ends the sync
	again  error // the last reason to send items again
	gone   []int // deletions that met another version or none
	met    []int // creations that met a document
}

// settle decides about every item of a request. What stays open is to be sent
// again.
func (s *sender) settle(ctx context.Context, b *batch) (outcome, error) {
	t := &settling{bulk: s.bulk, batch: b}
	n := 0
	for i := range b.sent() {
		if b.items[i].state == open {
			t.item(i, &s.verdicts[n])
			n++
		}
	}
	t.settleGone(ctx)
	t.settleMet(ctx)
	if t.again != nil {
		t.supersede()
	}
	t.tell()
	if t.fatal != nil {
		return outcome{}, t.fatal
	}
	o := outcome{again: t.again}
	if _, o.open = b.size(); o.open == 0 {
		o.again = nil
	}
	o.taken = n - o.open
	return o, nil
}

// rejectOnly rejects the only document of a request that was refused.
func (s *sender) rejectOnly(b *batch, back setback) (outcome, error) {
	t := &settling{bulk: s.bulk, batch: b}
	var v verdict
	var e *Error
	if errors.As(back.err, &e) {
		v = verdict{status: int16(e.Status), kind: e.Type, reason: e.full}
	}
	t.reject((&walk{batch: b}).item(), &v)
	t.tell()
	return outcome{taken: 1}, t.fatal
}

// tell reports and counts.
func (t *settling) tell() {
	t.report()
	for number, n := range t.counts {
		if n > 0 {
			t.bulk.counts.add(uint16(number), n)
		}
	}
}

// item decides about one item: see itemRules.
func (t *settling) item(i int, v *verdict) {
	it := &t.batch.items[i]
	if v.status < 300 && v.id == "" {
		t.succeed(it, counterOf(it, v)) // the first of the rules
		return
	}
	switch what := itemRuling(v); {
	case what == taken && v.result == noop:
		t.succeed(it, counterOf(it, v))
	case what == taken:
		t.refuse(it, connector.ClassPipeline, "an ingest pipeline changed its id; a document keeps the id that its source gives it")
	case what == again, what == behind && t.waits(i):
		t.retry(v)
	case what == unknown:
		it.unsure = true
		t.retry(v)
	case what == absent:
		t.gone = append(t.gone, i)
	case what == present:
		t.met = append(t.met, i)
	case what == stop:
		t.stop(t.fatalError(v))
	default:
		t.reject(it, v)
	}
}

// counterOf is the counter of a success.
func counterOf(it *item, v *verdict) uint16 {
	if it.tally != byAnswer {
		return it.tally
	}
	switch {
	case v.result == noop && it.op == opUpdate:
		return countNoop
	case v.result == noop:
		return countDropped
	case v.result == notFound:
		return countNotFound
	case v.result == deleted, it.op == opDelete:
		return countDeleted
	case v.result == created:
		return countCreated
	case v.result == noResult && (it.op == opCreate || v.status == http.StatusCreated):
		return countCreated
	}
	return countUpdated
}

func (t *settling) succeed(it *item, counter uint16) {
	it.state = done
	t.counts[counter]++
	t.good++
}

// reject refuses a document for what Elasticsearch said about it.
func (t *settling) reject(it *item, v *verdict) {
	class, remedy := classOf(v)
	reason := describe(v)
	if remedy != "" {
		reason += "; " + remedy
	}
	t.refuse(it, class, reason)
}

func (t *settling) refuse(it *item, class connector.Class, reason string) {
	it.state = refused
	t.counts[countFailed]++
	t.report()
	if r := t.bulk.options.Report; r != nil {
		t.stop(r.Failed(t.batch.rejection(it, class, reason)))
	}
}

// report tells of successes before a failure, so that a run of failures can be
// told from single ones.
func (t *settling) report() {
	if r := t.bulk.options.Report; r != nil && t.good > 0 {
		r.Succeeded(t.good)
	}
	t.good = 0
}

func (t *settling) retry(v *verdict) { t.again = errors.New(describe(v)) }

func (t *settling) stop(err error) {
	if t.fatal == nil {
		t.fatal = err
	}
}

func describe(v *verdict) string {
	text := v.kind
	if text == "" {
		text = strings.TrimSpace(fmt.Sprint(v.status, " ", http.StatusText(int(v.status))))
	}
	if v.reason != "" {
		text += ": " + Reason(v.reason)
	}
	return text
}

func (t *settling) fatalError(v *verdict) error {
	e := &Error{
		Status: int(v.status), Type: v.kind, Reason: Reason(v.reason), Method: http.MethodPost, Path: t.bulk.path,
		Remedy: remedy(int(v.status), v.kind, v.reason),
	}
	switch {
	case v.kind == "index_not_found_exception":
		e.Remedy = "the index was deleted during the sync; run it again"
	case noPipeline(v.reason):
		e.Remedy = "create the pipeline, or name another one in the connector's settings"
	}
	return e
}

// waits reports whether an earlier item of the same id is to be sent again.
func (t *settling) waits(i int) bool {
	if t.again == nil {
		return false
	}
	id := string(t.batch.id(&t.batch.items[i]))
	for k := range t.batch.items[:i] {
		if it := &t.batch.items[k]; it.state == open && string(t.batch.id(it)) == id {
			return true
		}
	}
	return false
}

// supersede settles items that wait although a later one of the same id was
// carried out: sent again, the older document would replace the newer.
func (t *settling) supersede() {
	newest := map[string]int{}
	for i := range t.batch.items {
		if it := &t.batch.items[i]; it.state == done {
			newest[string(t.batch.id(it))] = i
		}
	}
	for i := range t.batch.items {
		it := &t.batch.items[i]
		if it.state != open {
			continue
		}
		if at, found := newest[string(t.batch.id(it))]; found && at > i {
			t.succeed(it, counterOf(it, &verdict{}))
		}
	}
}
