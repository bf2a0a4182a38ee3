package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// openNode starts the node and waits until it says where it listens.
func (t *trial) openNode(ctx context.Context) (err error) {
	data := filepath.Join(t.options.Dir, "node")
	t.node, err = t.start("node", nil, "node", "--json", "--listen", "127.0.0.1:0", "--data", data)
	if err != nil {
		return err
	}
	for range 300 {
		text, err := os.ReadFile(t.node.log)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			var said struct{ Type, URL string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Type == "listening" {
				t.nodeURL = said.URL
				return nil
			}
		}
		if !sleep(ctx, 100*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
	return errors.New("the node does not listen; see " + t.node.log)
}

// documents returns the content of every document of an index by its path.
func (t *trial) documents(ctx context.Context, index string) (map[string]string, error) {
	if _, err := t.ask(ctx, "/"+index+"/_refresh", ""); err != nil {
		return nil, err
	}
	body, err := t.ask(ctx, "/"+index+"/_search", `{"size":10000,"_source":["path","body"]}`)
	if err != nil {
		return nil, err
	}
	var found struct {
		Hits struct {
			Hits []struct {
				Source struct{ Path, Body string } `json:"_source"`
			}
		}
	}
	if err := json.Unmarshal(body, &found); err != nil {
		return nil, err
	}
	texts := make(map[string]string, len(found.Hits.Hits))
	for _, h := range found.Hits.Hits {
		texts[h.Source.Path] = h.Source.Body
	}
	return texts, nil
}

// ask sends a request to the node itself, past the log.
func (t *trial) ask(ctx context.Context, path, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.nodeURL+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("POST %s: %s: %s", path, res.Status, text)
	}
	return text, err
}
