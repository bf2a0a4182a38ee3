package proxy

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// Item is one item of a _bulk request.
type Item struct {
	Action, ID string
	Source     []byte // nil for a delete
	line       []byte // its lines as sent
}

// Items reads the body of a _bulk request; what is no item is left out.
func Items(body []byte) (items []Item) {
	for len(body) > 0 {
		head, rest := line(body)
		var action map[string]struct {
			ID string `json:"_id"`
		}
		if json.Unmarshal(head, &action) != nil || len(action) != 1 {
			body = rest
			continue
		}
		for name, meta := range action {
			item := Item{Action: name, ID: meta.ID}
			if name != "delete" {
				item.Source, rest = line(rest)
			}
			item.line = body[:len(body)-len(rest)]
			items = append(items, item)
		}
		body = rest
	}
	return items
}

func line(b []byte) (first, rest []byte) {
	first, rest, _ = bytes.Cut(b, []byte("\n"))
	return first, rest
}

// IsBulk reports whether a request writes documents, to whatever index.
func IsBulk(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/_bulk") }

// RefuseItems answers a _bulk request as a server that refuses some of its
// items: those for which refuse returns a status other than 0 never reach the
// server and get that status with an error of the given type and reason; the
// others are carried out. The order of the answer is that of the request.
func RefuseItems(body []byte, refuse func(Item) (status int, kind, reason string)) *Answer {
	items := Items(body)
	answers := make([]json.RawMessage, len(items))
	var send []byte
	for i, item := range items {
		status, kind, reason := refuse(item)
		if status == 0 {
			send = append(send, item.line...)
			continue
		}
		answers[i], _ = json.Marshal(map[string]any{item.Action: map[string]any{
			"_id": item.ID, "status": status, "error": map[string]string{"type": kind, "reason": reason},
		}})
	}
	if len(send) == 0 {
		return &Answer{Status: http.StatusOK, Body: bulkAnswer(answers)}
	}
	return &Answer{Send: send, Edit: func(status int, body []byte) (int, []byte) {
		var passed struct{ Items []json.RawMessage }
		if status != http.StatusOK || json.Unmarshal(body, &passed) != nil {
			return status, body
		}
		for i := range answers {
			if answers[i] == nil && len(passed.Items) > 0 {
				answers[i], passed.Items = passed.Items[0], passed.Items[1:]
			}
		}
		return status, bulkAnswer(answers)
	}}
}

func bulkAnswer(items []json.RawMessage) []byte {
	b, _ := json.Marshal(map[string]any{"took": 1, "errors": true, "items": items})
	return b
}
