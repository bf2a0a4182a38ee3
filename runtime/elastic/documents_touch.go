package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// touchTries is how often the server repeats an update that met another write.
const touchTries = 5

// Touch merges doc into many documents, whatever their version, in one
// request. It returns the ids that are not there. Searches see the change when
// the index is refreshed next.
func (d *Documents) Touch(ctx context.Context, index string, ids []string, doc []byte) (missing []string, err error) {
	var body bytes.Buffer
	for _, id := range ids {
		name, err := json.Marshal(id)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&body, `{"update":{"_id":%s,"retry_on_conflict":%d}}`+"\n"+`{"doc":%s}`+"\n", name, touchTries, doc)
	}
	var answer struct {
		Items []map[string]jsonVerdict `json:"items"`
	}
	r := request{
		method: http.MethodPost, path: "/" + index + "/_bulk", query: bulkFilter + "&" + throughAlias, body: body.Bytes(), lines: true, origin: true,
	}
	if err := d.send(ctx, r, &answer); err != nil {
		return nil, err
	}
	if len(answer.Items) != len(ids) {
		return nil, fmt.Errorf("POST %s: %w", r.path, errDocument)
	}
	for i, item := range answer.Items {
		v := item["update"]
		switch {
		case v.Status == nil:
			return missing, fmt.Errorf("POST %s: %w", r.path, errDocument)
		case *v.Status == http.StatusNotFound:
			missing = append(missing, ids[i])
		case *v.Status == http.StatusConflict: // written all the time: somebody else keeps it alive
		case *v.Status >= 300:
			return missing, &Error{
				Status: int(*v.Status), Type: v.Error.Type, Reason: Reason(v.Error.Reason), Method: r.method, Path: r.path,
				Remedy: remedy(int(*v.Status), v.Error.Type, v.Error.Reason),
			}
		}
	}
	return missing, nil
}
