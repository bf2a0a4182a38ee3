package elastic

import (
	"bytes"
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

// settle decides about every item that was sent. What stays open is to be sent
// again.
func (s *sender) settle(ctx context.Context, b *batch) (*setback, error) {
	t := &settling{bulk: s.bulk, batch: b}
	n := 0
	for i := range b.items {
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
	t.report()
	for number, n := range t.counts {
		if n > 0 {
			s.bulk.counts.add(uint16(number), n)
		}
	}
	if t.fatal != nil {
		return nil, t.fatal
	}
	if _, items := b.size(); items == 0 {
		return nil, nil
	}
	return &setback{err: t.again}, nil
}

// item decides about one item.
func (t *settling) item(i int, v *verdict) {
	it := &t.batch.items[i]
	switch status := int(v.status); {
	case status < 300:
		t.succeed(it, counterOf(it, v))
	case fatalItem(v):
		t.stop(t.fatalError(v))
	case status == http.StatusNotFound && it.op == opDelete:
		t.gone = append(t.gone, i)
	case status == http.StatusConflict:
		t.conflict(i, v)
	case status == http.StatusTooManyRequests || status >= 500:
		it.unsure = it.unsure || status >= 500
		t.retry(v)
	case status == http.StatusNotFound && it.op == opUpdate && t.waits(i):
		t.retry(v)
	default:
		t.reject(it, classOf(v), describe(v))
	}
}

// conflict decides about an item that met another version of its document.
func (t *settling) conflict(i int, v *verdict) {
	it := &t.batch.items[i]
	switch {
	case it.op == opDelete:
		t.gone = append(t.gone, i)
	case it.op == opUpdate:
		it.unsure = true
		t.retry(v) // somebody wrote between its read and its write
	case it.op == opCreate && it.unsure:
		t.succeed(it, counterOf(it, &verdict{result: created}))
	case it.op == opCreate:
		t.met = append(t.met, i)
	default:
		t.reject(it, connector.ClassConflict, describe(v))
	}
}

// counterOf is the counter of a success.
func counterOf(it *item, v *verdict) uint16 {
	if it.tally != byAnswer {
		return it.tally
	}
	switch {
	case v.result == noop:
		return countNoop
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

func (t *settling) reject(it *item, class connector.Class, reason string) {
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
	text := fmt.Sprint(v.status)
	if v.kind != "" {
		text = v.kind
	}
	if v.reason != "" {
		text += ": " + Reason(v.reason)
	}
	return text
}

// fatalItem reports an item whose error every other item will meet too.
func fatalItem(v *verdict) bool {
	switch v.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	switch v.kind {
	case "index_not_found_exception", "index_closed_exception":
		return true
	}
	return blocked(v.kind, int(v.status)) || missingPipeline(v)
}

func missingPipeline(v *verdict) bool {
	return v.kind == "illegal_argument_exception" &&
		strings.HasPrefix(v.reason, "pipeline with id [") && strings.HasSuffix(v.reason, "does not exist")
}

func (t *settling) fatalError(v *verdict) error {
	e := &Error{
		Status: int(v.status), Type: v.kind, Reason: Reason(v.reason), Method: http.MethodPost, Path: t.bulk.path,
		Remedy: remedy(int(v.status), v.kind, v.reason),
	}
	switch {
	case v.kind == "index_not_found_exception":
		e.Remedy = "the index was deleted during the sync; run it again"
	case missingPipeline(v):
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

// settleGone tells deletions of documents that are gone from those of
// documents that changed: Elasticsearch answers 409 to both.
func (t *settling) settleGone(ctx context.Context) {
	if len(t.gone) == 0 {
		return
	}
	there, err := t.lookUp(ctx, t.gone)
	for k, i := range t.gone {
		it := &t.batch.items[i]
		switch {
		case err != nil || there[k].Found:
			t.succeed(it, countConflict)
		case it.unsure:
			t.succeed(it, countDeleted)
		default:
			t.succeed(it, countNotFound)
		}
	}
}

// settleMet decides about creations that met a document. One that carries the
// same owner was written late by a worker that has lost the job since: it is
// replaced. Another writer's stays.
func (t *settling) settleMet(ctx context.Context) {
	if len(t.met) == 0 {
		return
	}
	there, err := t.lookUp(ctx, t.met)
	for k, i := range t.met {
		it := &t.batch.items[i]
		if err == nil && sameOwner(there[k].print(), t.batch.print(it)) {
			t.batch.replace(it)
			t.again = errMet
			continue
		}
		t.reject(it, connector.ClassConflict, errMet.Error())
	}
}

var errMet = errors.New("appeared in the index during the sync")

func (t *settling) lookUp(ctx context.Context, items []int) ([]lookedUp, error) {
	ids := make([]string, len(items))
	for k, i := range items {
		ids[k] = t.batch.name(&t.batch.items[i])
	}
	return t.bulk.content.mget(ctx, ids)
}

// sameOwner reports whether two fingerprints, <owner>.<hash>, have one owner.
func sameOwner(a, b []byte) bool {
	ownerA, _, ok := bytes.Cut(a, []byte{'.'})
	ownerB, _, also := bytes.Cut(b, []byte{'.'})
	return ok && also && bytes.Equal(ownerA, ownerB)
}
