package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Pipeline returns the definition of an ingest pipeline and of those that it
// calls, as bytes that change when one of them changes, and whether content in
// _attachment is of use there. That is so when one of them has an attachment
// processor, and when that can't be found out: because definitions may not be
// read (the bytes are then the name alone), or because the name of a called
// pipeline is made from the document.
func (c *Client) Pipeline(ctx context.Context, name string) (definition []byte, attachment bool, err error) {
	p := pipelines{client: c, seen: map[string]bool{}}
	err = p.read(ctx, name)
	switch {
	case isStatus(err, http.StatusForbidden):
		return []byte(name), true, nil
	case err != nil:
		return nil, false, fmt.Errorf("ingest pipeline %s: %w", name, err)
	}
	return p.text.Bytes(), p.attachment, nil
}

// ErrNoPipeline is wrapped by the error of [Client.Pipeline] when there is no
// pipeline of that name.
var ErrNoPipeline = errors.New("it does not exist; create it, or name another one")

// pipelines collects a pipeline and those below it.
type pipelines struct {
	client     *Client
	seen       map[string]bool
	text       bytes.Buffer
	attachment bool
}

func (p *pipelines) read(ctx context.Context, name string) error {
	if p.seen[name] {
		return nil
	}
	p.seen[name] = true
	a, err := p.client.call(ctx, request{method: http.MethodGet, path: "/_ingest/pipeline/" + name})
	if isStatus(err, http.StatusNotFound) {
		return ErrNoPipeline
	}
	if err != nil {
		return err
	}
	var found map[string]json.RawMessage
	var definition any
	if json.Unmarshal(a.body, &found) != nil {
		return errPage
	}
	if found[name] == nil {
		return ErrNoPipeline
	}
	if err := json.Unmarshal(found[name], &definition); err != nil {
		return errPage
	}
	fmt.Fprintf(&p.text, "%q %s\n", name, found[name])
	for _, called := range p.walk(definition, nil) {
		if err := p.read(ctx, called); err != nil && !errors.Is(err, ErrNoPipeline) {
			return err
		}
	}
	return nil
}

// walk looks through processors, those in foreach and on_failure included, and
// returns the names of called pipelines.
func (p *pipelines) walk(v any, calls []string) []string {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			calls = p.walk(element, calls)
		}
	case map[string]any:
		if _, there := v["attachment"].(map[string]any); there {
			p.attachment = true
		}
		if called, there := v["pipeline"].(map[string]any); there {
			name, _ := called["name"].(string)
			if strings.Contains(name, "{{") {
				p.attachment = true // it may be any
			} else if name != "" {
				calls = append(calls, name)
			}
		}
		for _, key := range sortedKeys(v) {
			calls = p.walk(v[key], calls)
		}
	}
	return calls
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
