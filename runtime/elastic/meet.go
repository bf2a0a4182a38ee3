package elastic

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
)

// settleGone tells deletions of documents that are gone from those of
// documents that changed: Elasticsearch answers 409 to both.
func (t *settling) settleGone(ctx context.Context) {
	if len(t.gone) == 0 {
		return
	}
	there, ok := t.lookUp(ctx, t.gone)
	if !ok {
		return
	}
	for k, i := range t.gone {
		it := &t.batch.items[i]
		switch {
		case there[k].Found:
			t.succeed(it, countConflict)
		case it.unsure:
			t.succeed(it, countDeleted)
		default:
			t.succeed(it, countNotFound)
		}
	}
}

// settleMet decides about creations that met a document. It may be what an
// unanswered request has made of the same bytes. One that carries the same owner
// was written late by a worker that has lost the job since: it is replaced.
// Another writer's stays. One that is gone again is created.
func (t *settling) settleMet(ctx context.Context) {
	if len(t.met) == 0 {
		return
	}
	there, ok := t.lookUp(ctx, t.met)
	if !ok {
		return
	}
	for k, i := range t.met {
		it := &t.batch.items[i]
		met, own := there[k].print(), t.batch.print(it)
		switch {
		case !there[k].Found:
			t.again = errMet
		case it.unsure && bytes.Equal(met, own):
			t.succeed(it, counterOf(it, &verdict{result: created}))
		case sameOwner(met, own):
			t.batch.replace(it)
			t.again = errMet
		default:
			t.refuse(it, connector.ClassConflict, errMet.Error())
		}
	}
}

var errMet = errors.New("appeared in the index during the sync")

// lookUp returns what the index holds of items. Where that can't be learned now,
// they stay as they are.
func (t *settling) lookUp(ctx context.Context, items []int) (there []lookedUp, ok bool) {
	ids := make([]string, len(items))
	for k, i := range items {
		ids[k] = t.batch.name(&t.batch.items[i])
	}
	there, err := t.bulk.content.mget(ctx, ids)
	switch {
	case err == nil:
		return there, true
	case t.bulk.client.again(request{}, err) || errors.Is(err, errLook):
		t.again = err
	default:
		t.stop(fmt.Errorf("look at documents that a bulk request met: %w", err))
	}
	return nil, false
}

// sameOwner reports whether two fingerprints, <owner>.<hash>, have one owner.
func sameOwner(a, b []byte) bool {
	ownerA, _, ok := bytes.Cut(a, []byte{'.'})
	ownerB, _, also := bytes.Cut(b, []byte{'.'})
	return ok && also && bytes.Equal(ownerA, ownerB)
}
