package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/connector"
)

// A waiting source has pageDocs documents on each page and takes pageTime to
// answer, as a system at the other end of a network does; a prompt one takes no
// time.
const (
	waitingType = "waiting"
	waitingDocs = 100
	pageDocs    = 10
	pageTime    = 20 * time.Millisecond
	promptHost  = `"prompt"`
)

type waiting struct{ prompt bool }

func (waiting) Ping(context.Context) error { return nil }

// GetDocs emits documents that are other ones each time.
func (w waiting) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	run := time.Now().UnixNano()
	for i := range waitingDocs {
		if i%pageDocs == 0 && !w.prompt {
			select {
			case <-time.After(pageTime):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		d := connector.NewDocument(strconv.Itoa(i))
		d.Set("run", run)
		d.Set("title", "a document of a source that waits")
		if err := emit(d); err != nil {
			return err
		}
	}
	return nil
}

func waitingKind() connector.Kind {
	fields := json.RawMessage(`{"host":{"label":"Host","type":"str","value":"h","order":1}}`)
	return connector.Kind{
		ServiceType: waitingType, Name: "Waiting", Configuration: fields,
		CheckConfig: func(json.RawMessage) connector.Problems { return nil },
		Prepare: func(stored json.RawMessage) (json.RawMessage, connector.Problems) {
			if len(stored) <= len("{}") {
				return fields, nil
			}
			return stored, nil
		},
		Open: func(_ context.Context, raw json.RawMessage, _ connector.Deps) (connector.Source, error) {
			return waiting{prompt: bytes.Contains(raw, []byte(promptHost))}, nil
		},
	}
}

// tributary is the product's program with the waiting source compiled in.
func tributary() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Program{
		Kinds: []connector.Kind{waitingKind()}, Args: os.Args[1:], Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}.Run(ctx)
}
