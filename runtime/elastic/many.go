package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Write is one document to store, or to remove when Source is nil.
type Write struct {
	ID     string
	Source []byte
	// SeqNo and PrimaryTerm are of the version that it is made of: another one
	// is a conflict (409). No PrimaryTerm is any version, or none.
	SeqNo, PrimaryTerm int64
}

// WriteMany carries out writes in one request, which searches see when it
// returns. It is for few documents beside a sync; see [Bulk] for the others. The
// list has an error for each write, nil for those that were carried out; to
// remove what is not there is none.
func (c *Client) WriteMany(ctx context.Context, index string, writes []Write) ([]error, error) {
	if err := CheckName(index); err != nil {
		return nil, err
	}
	r := request{
		method: http.MethodPost, path: "/" + index + "/_bulk", query: bulkFilter + "&refresh=true", body: linesOf(writes), lines: true,
	}
	a, err := c.call(ctx, r)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Items []map[string]jsonVerdict `json:"items"`
	}
	if json.Unmarshal(a.body, &answer) != nil || len(answer.Items) != len(writes) {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, errAnswer)
	}
	list := make([]error, len(writes))
	for i, item := range answer.Items {
		action := "index"
		if writes[i].Source == nil {
			action = "delete"
		}
		if list[i], err = item[action].refusal(r); err != nil {
			return nil, err
		}
		if writes[i].Source == nil && isStatus(list[i], http.StatusNotFound) {
			list[i] = nil
		}
	}
	return list, nil
}

// refusal is the error that an item of a request was answered with; nil when it
// was carried out.
func (v jsonVerdict) refusal(r request) (refused, err error) {
	switch {
	case v.Status == nil:
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, errAnswer)
	case *v.Status < 300:
		return nil, nil
	}
	return &Error{
		Status: int(*v.Status), Type: v.Error.Type, Reason: Reason(v.Error.Reason), Method: r.method, Path: r.path,
		Remedy: remedy(int(*v.Status), v.Error.Type, v.Error.Reason),
	}, nil
}

func linesOf(writes []Write) []byte {
	var b bytes.Buffer
	for _, w := range writes {
		op := opIndex
		if w.Source == nil {
			op = opDelete
		}
		b.WriteString(heads[op])
		b.Write(connector.AppendString(nil, w.ID))
		if w.PrimaryTerm > 0 {
			fmt.Fprintf(&b, `,"if_seq_no":%d,"if_primary_term":%d`, w.SeqNo, w.PrimaryTerm)
		}
		b.WriteString("}}\n")
		if w.Source != nil {
			b.Write(w.Source)
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// Ensure makes the index with a body (settings and mappings) where it is absent.
func (x *Index) Ensure(ctx context.Context, body json.RawMessage) error {
	there, err := x.Exists(ctx)
	if there || err != nil && !isStatus(err, http.StatusForbidden) { // may not look, may make
		return err
	}
	_, err = x.client.call(ctx, request{method: http.MethodPut, path: "/" + x.name, body: body})
	if isType(err, "resource_already_exists_exception") {
		return nil
	}
	return err
}
