package elastic

import (
	"cmp"
	"encoding/json"
)

// verdict is the answer to one item.
type verdict struct {
	op           op
	result       result
	status       int16
	kind, reason string // of an error
	// id is the one that the answer names, when it is another one than that of
	// the item at its place.
	id string
}

// result is what an item did.
type result uint8

const (
	noResult result = iota
	created
	updated
	noop
	deleted
	notFound
	otherResult
)

func resultOf[T string | []byte](text T) result {
	switch string(text) {
	case "":
		return noResult
	case "created":
		return created
	case "updated":
		return updated
	case "noop":
		return noop
	case "deleted":
		return deleted
	case "not_found":
		return notFound
	}
	return otherResult
}

// walk goes through the items of a request.
type walk struct {
	batch *batch
	next  int
}

// item is the next one; nil at the end.
func (w *walk) item() *item {
	for items := w.batch.sent(); w.next < len(items); {
		it := &items[w.next]
		w.next++
		if it.state == open {
			return it
		}
	}
	return nil
}

// id is the JSON of the next one's id between its quotes; nil at the end.
func (w *walk) id() []byte {
	it := w.item()
	if it == nil {
		return nil
	}
	return w.batch.id(it)
}

type jsonVerdict struct {
	ID     *string `json:"_id"`
	Status *int16  `json:"status"`
	Result string  `json:"result"`
	Error  struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	} `json:"error"`
}

// decodeVerdicts is the slow way.
func decodeVerdicts(list []verdict, body []byte, b *batch) ([]verdict, error) {
	var answer struct {
		Items []map[string]jsonVerdict `json:"items"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return list, errAnswer
	}
	open := walk{batch: b}
	for _, item := range answer.Items {
		id := open.id()
		if len(item) != 1 || id == nil {
			return list, errAnswer
		}
		for action, j := range item {
			op, ok := operation(action)
			if !ok || j.ID == nil || j.Status == nil || !sensible(int64(*j.Status)) {
				return list, errAnswer
			}
			v := verdict{op: op, result: resultOf(j.Result), status: *j.Status, kind: j.Error.Type, reason: j.Error.Reason}
			if *j.ID != string(unescape(id)) {
				v.id = *j.ID
			}
			list = append(list, v)
		}
	}
	return list, nil
}

// matches reports whether the verdicts are those of the request: one for each
// item, of its action, without contradiction, in the order of the items.
func (b *batch) matches(list []verdict) error {
	open, strangers := walk{batch: b}, false
	for i := range list {
		v := &list[i]
		if it := open.item(); it == nil || it.op != v.op || v.status < 300 && v.kind != "" {
			return errAnswer
		}
		strangers = strangers || v.id != ""
	}
	if open.item() != nil || strangers && b.mixed(list) {
		return errAnswer
	}
	return nil
}

// mixed reports whether the ids of an answer are those of the request in another
// order. Otherwise a pipeline has changed some.
func (b *batch) mixed(list []verdict) bool {
	ids, open := map[string]int{}, walk{batch: b}
	for i := range list {
		own := string(unescape(open.id()))
		ids[own]++
		ids[cmp.Or(list[i].id, own)]--
	}
	for _, n := range ids {
		if n != 0 {
			return false
		}
	}
	return true
}
