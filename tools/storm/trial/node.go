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

// openNode starts the node and waits until it says where it listens: at an
// address of its choice, later at the same again.
func (t *trial) openNode(ctx context.Context, listen string) (err error) {
	t.nodes++
	data := filepath.Join(t.options.Dir, "node")
	t.node, err = t.start(fmt.Sprintf("node-%d", t.nodes), nil, "node", "--json", "--listen", listen, "--data", data)
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

// outages restarts the node now and then until ctx ends.
func (t *trial) outages(ctx context.Context) {
	for sleep(ctx, t.weather.between(4*time.Second, 20*time.Second)) && !t.weather.over() {
		t.weather.count("node restarted")
		if err := t.node.stop(); err != nil {
			t.violated("%v", err)
		}
		time.Sleep(t.weather.between(200*time.Millisecond, 4*time.Second))
		if err := t.openNode(context.WithoutCancel(ctx), strings.TrimPrefix(t.nodeURL, "http://")); err != nil {
			t.abandon(fmt.Errorf("the node can't be started again: %w", err))
			return
		}
	}
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

// ask sends a request to the node itself, past the log, until it answers.
func (t *trial) ask(ctx context.Context, path, body string) (answer []byte, err error) {
	for range 50 {
		answer, err = t.try(ctx, path, body)
		if err == nil || !sleep(ctx, 2*glance) {
			break
		}
	}
	return answer, err
}

func (t *trial) try(ctx context.Context, path, body string) ([]byte, error) {
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
