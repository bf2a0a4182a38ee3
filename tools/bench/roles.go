package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esutil"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/rules"
)

// play is what a measured process does: one role, with an address or a folder
// and a number of documents.
func play(role string, args []string) (answer, error) {
	if len(args) != 2 {
		return answer{}, errors.New("a role takes a target and a number")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return answer{}, err
	}
	switch role {
	case "engine":
		return engine(args[0], n, nil)
	case "engine-rules":
		return ruledEngine(args[0], n)
	case "compile":
		return compileRules(n)
	case "hostile":
		return hostile(n)
	case "writer":
		return measured(n, func() error { return write(args[0], n) })
	case "esutil":
		return measured(n, func() error { return stock(args[0], n, nil) })
	case "esutil-blind":
		return measured(n, func() error { return stock(args[0], n, []string{"errors"}) })
	case "walk":
		return measured(n, func() error { return walk(args[0]) })
	}
	return answer{}, fmt.Errorf("no role %q", role)
}

// measured runs a part of the process and says what it took.
func measured(n int, part func() error) (a answer, err error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used, start := cpu(), time.Now()
	if err := part(); err != nil {
		return a, err
	}
	a.CPU, a.Wall = cpu()-used, time.Since(start)
	runtime.ReadMemStats(&after)
	a.Allocs = float64(after.Mallocs-before.Mallocs) / float64(n)
	a.Peak = peak(os.Getpid())
	return a, nil
}

func client(url string) (*elastic.Client, error) {
	return elastic.New(elastic.Config{URL: url, Log: slog.New(slog.DiscardHandler)})
}

// engine is a whole sync as the command line makes it, with its defaults.
func engine(url string, n int, set *rules.Set) (answer, error) {
	source := newDocuments(n)
	alone, err := measured(n, func() error {
		return source.GetDocs(context.Background(), connector.Filter{}, func(d connector.Document) error {
			d.Release()
			return nil
		})
	})
	if err != nil {
		return answer{}, err
	}
	a, err := measured(n, func() error { return syncAll(url, source, set) })
	a.Source = usage{alone.CPU, alone.Allocs}
	return a, err
}

func syncAll(url string, source connector.Source, set *rules.Set) error {
	c, err := client(url)
	if err != nil {
		return err
	}
	defer c.Close()
	budget := job.NewBudget()
	bulk := c.Bulk("bench", elastic.BulkOptions{Report: budget})
	s := &job.Sync{
		Source: source, Index: c.Index("bench"), Sink: bulk, Budget: budget,
		Owner: job.Owner("bench"), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	if set != nil { // an interface that holds a nil pointer is not nil
		s.Rules = set
	}
	return errors.Join(s.Run(context.Background()), bulk.Close())
}

// write is the bulk writer alone.
func write(url string, n int) error {
	c, err := client(url)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Index("bench").Prepare(context.Background(), nil); err != nil {
		return err
	}
	bodies := newDocuments(n).bodies()
	bulk := c.Bulk("bench", elastic.BulkOptions{})
	for i := range n {
		if err := bulk.Put(context.Background(), "create", ids(i), bodies[i%different], ""); err != nil {
			return err
		}
	}
	return bulk.Close()
}

// stock is esutil.BulkIndexer with the same documents, as many workers and as
// large requests.
func stock(url string, n int, filter []string) error {
	es, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{url}})
	if err != nil {
		return err
	}
	indexer, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{
		Client: es, Index: "bench", NumWorkers: 2, FlushBytes: 1 << 20, FlushInterval: time.Minute, FilterPath: filter,
	})
	if err != nil {
		return err
	}
	bodies := newDocuments(n).bodies()
	for i := range n {
		item := esutil.BulkIndexerItem{Action: "create", DocumentID: ids(i), Body: bytes.NewReader(bodies[i%different])}
		if err := indexer.Add(context.Background(), item); err != nil {
			return err
		}
	}
	return indexer.Close(context.Background())
}

// walk looks at every entry of a tree once, and does nothing else.
func walk(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		_, err = os.Lstat(path)
		return err
	})
}
