package ledger

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/tributary-search/tributary/runtime/protocol"
)

// IndexPrefix is what the name of a connector's index has before its id.
const IndexPrefix = "search-"

// Read tells what a request writes; false: nothing that matters here.
func Read(method, path string, body []byte) (w Write, ok bool) {
	index, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	endpoint, id, _ := strings.Cut(rest, "/")
	id, _, _ = strings.Cut(id, "?")
	single := endpoint == "_doc" || endpoint == "_create"
	switch {
	case method == http.MethodPost && endpoint == "_bulk" && strings.HasPrefix(index, IndexPrefix):
		w.Bulk = &Bulk{Connector: strings.TrimPrefix(index, IndexPrefix), Items: items(body)}
	case index == protocol.JobsIndex && single && method == http.MethodPut:
		w.Job = readJob(id, body)
	case index == protocol.JobsIndex && single && method == http.MethodDelete:
		w.Job = &JobDoc{ID: id, Removed: true}
	case index == protocol.ConnectorsIndex && single && method == http.MethodPut:
		w.Connector = readConnector(id, body)
	default:
		return w, false
	}
	return w, true
}

// items reads the action lines of a bulk request.
func items(body []byte) (list []Item) {
	for len(body) > 0 {
		var line []byte
		line, body, _ = bytes.Cut(body, []byte{'\n'})
		var action map[string]struct {
			ID string `json:"_id"`
		}
		if json.Unmarshal(line, &action) != nil || len(action) != 1 {
			continue
		}
		for name, target := range action {
			list = append(list, Item{Action: name, ID: target.ID})
			if name != "delete" {
				_, body, _ = bytes.Cut(body, []byte{'\n'})
			}
		}
	}
	return list
}

func readJob(id string, body []byte) *JobDoc {
	j, err := protocol.ParseJob(id, protocol.Version{}, body)
	if err != nil {
		return &JobDoc{ID: id, Error: err.Error()}
	}
	var own struct {
		Tributary struct{ Counters struct{ Failed int64 } }
	}
	_ = json.Unmarshal(j.Metadata, &own) // a job that was not run has none
	return &JobDoc{
		ID: id, Connector: j.ConnectorID, Type: string(j.Type), Trigger: string(j.Trigger), Status: string(j.Status), Error: j.Error,
		Claim: j.Claim, Requeued: j.Requeued, Indexed: j.Indexed, Deleted: j.Deleted, Failed: own.Tributary.Counters.Failed,
	}
}

func readConnector(id string, body []byte) *Connector {
	var doc struct {
		Status     string `json:"last_sync_status"`
		LastSynced string `json:"last_synced"`
	}
	_ = json.Unmarshal(body, &doc) // what can't be read has no status
	return &Connector{ID: id, SyncStatus: doc.Status, LastSynced: doc.LastSynced}
}

// Answer notes what the node says.
func (w *Write) Answer(status int, body []byte) {
	w.Status = status
	var doc struct {
		SeqNo int64 `json:"_seq_no"`
		Items []map[string]struct {
			Status int
			Result string
		}
	}
	if json.Unmarshal(body, &doc) != nil || !w.done() {
		return
	}
	switch {
	case w.Job != nil:
		w.Job.SeqNo = doc.SeqNo
	case w.Connector != nil:
		w.Connector.SeqNo = doc.SeqNo
	case len(doc.Items) == len(w.Bulk.Items):
		for i, verdicts := range doc.Items {
			for _, v := range verdicts {
				w.Bulk.Items[i].Status, w.Bulk.Items[i].Result = v.Status, v.Result
			}
		}
	}
}
