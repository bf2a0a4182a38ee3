package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Delivery is a document that is sent for what was seen of it: nothing (create),
// or one version (index, update). It is not written when that is not so any more.
type Delivery struct {
	Action string // "create", "index" or "update", as of [Bulk.Put]
	ID     string
	Source []byte
	// SeqNo and PrimaryTerm are of the version that was seen; not of a create.
	SeqNo, PrimaryTerm int64
}

// Delivered says what became of a [Delivery].
type Delivered struct {
	Fate   Fate
	Class  connector.Class // of a refusal
	Reason string          // the same, without values of the document
}

// Fate is what became of a [Delivery].
type Fate uint8

// The fates of deliveries.
const (
	Taken     Fate = iota // carried out, as far as a pipeline let it
	Met                   // somebody else wrote since it was seen; also when an attempt was carried out whose answer was lost
	Refused               // the document is not one for this index
	Postponed             // not now
)

// Deliver sends documents through a pipeline (empty: none) into an index that
// must be there, and tells the fate of each. It is for few documents beside a
// sync. What is too large is sent in halves. The error is of all of them; some
// may have been written then.
func (x *Index) Deliver(ctx context.Context, pipeline string, list []Delivery) ([]Delivered, error) {
	t, err := x.client.resolve(ctx, x.name, identityFilter)
	query := bulkFilter + "&refresh=true"
	if pipeline != "" {
		query += "&pipeline=" + url.QueryEscape(pipeline)
	}
	switch {
	case isStatus(err, http.StatusForbidden): // may not look, may write
	case err != nil:
		return nil, err
	case t == nil:
		return nil, fmt.Errorf("write to index %s: it does not exist", x.name)
	case t.alias:
		query += "&" + throughAlias
	}
	return x.deliver(ctx, query, list)
}

func (x *Index) deliver(ctx context.Context, query string, list []Delivery) ([]Delivered, error) {
	r := request{method: http.MethodPost, path: "/" + x.name + "/_bulk", query: query, body: deliveries(list), lines: true}
	a, err := x.client.call(ctx, r)
	var refused *Error
	if errors.As(err, &refused) {
		switch what := requestRuling(refused); {
		case what != cut && what != part:
		case len(list) == 1:
			return []Delivered{denied(&verdict{status: int16(refused.Status), kind: refused.Type, reason: refused.full})}, nil
		default:
			return x.halves(ctx, query, list)
		}
	}
	if err != nil {
		return nil, err
	}
	var answer struct {
		Items []map[string]jsonVerdict `json:"items"`
	}
	if json.Unmarshal(a.body, &answer) != nil || len(answer.Items) != len(list) {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, errAnswer)
	}
	fates := make([]Delivered, len(list))
	for i, item := range answer.Items {
		v, there := item[list[i].Action]
		if !there || v.Status == nil {
			return nil, fmt.Errorf("%s %s: %w", r.method, r.path, errAnswer)
		}
		if fates[i], err = fateOf(r, list[i], v); err != nil {
			return nil, err
		}
	}
	return fates, nil
}

func (x *Index) halves(ctx context.Context, query string, list []Delivery) ([]Delivered, error) {
	first, err := x.deliver(ctx, query, list[:len(list)/2])
	if err != nil {
		return nil, err
	}
	second, err := x.deliver(ctx, query, list[len(list)/2:])
	return append(first, second...), err
}

func fateOf(r request, d Delivery, answer jsonVerdict) (Delivered, error) {
	op, _ := operation(d.Action)
	v := verdict{op: op, status: *answer.Status, kind: answer.Error.Type, reason: answer.Error.Reason}
	if v.status == http.StatusConflict {
		return Delivered{Fate: Met}, nil
	}
	switch itemRuling(&v) {
	case taken:
		return Delivered{}, nil
	case again, unknown:
		return Delivered{Fate: Postponed, Reason: describe(&v)}, nil
	case stop:
		refused, err := answer.refusal(r)
		return Delivered{}, errors.Join(refused, err)
	}
	return denied(&v), nil
}

func denied(v *verdict) Delivered {
	class, remedy := classOf(v)
	reason := describe(v)
	if remedy != "" {
		reason += "; " + remedy
	}
	return Delivered{Refused, class, reason}
}

func deliveries(list []Delivery) []byte {
	var b []byte
	for _, d := range list {
		op, _ := operation(d.Action)
		b = connector.AppendString(append(b, heads[op]...), d.ID)
		if op != opCreate {
			b = strconv.AppendInt(append(b, `,"if_seq_no":`...), d.SeqNo, 10)
			b = strconv.AppendInt(append(b, `,"if_primary_term":`...), d.PrimaryTerm, 10)
		}
		b = append(b, "}}\n"...)
		if op == opUpdate {
			b = append(b, `{"doc":`...)
		}
		b = append(append(b, d.Source...), tails[op]...)
	}
	return b
}
