package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// service is the product's service with one connector.
type service struct {
	id       string // of the connector; its index is search- and that
	url      string
	node     *node // nil: a genuine Elasticsearch
	client   *elastic.Client
	protocol *protocol.Client
	cmd      *exec.Cmd
	log      string
}

func (b *bench) service(source, config string) (s *service, err error) {
	s = &service{id: fmt.Sprintf("bench-%s-%d", source, time.Now().UnixNano()), url: os.Getenv(genuine)}
	if s.url == "" {
		if s.node, err = b.startNode(filepath.Join(b.dir, s.id), runtime.NumCPU()); err != nil {
			return nil, err
		}
		s.url = s.node.url
	}
	quiet := slog.New(slog.DiscardHandler)
	if s.client, err = elastic.New(elastic.Config{URL: s.url, Log: quiet}); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.protocol = protocol.New(s.client.Documents(), protocol.Options{Log: quiet})
	if err := s.begin(b, source, config); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// begin makes the connector and starts the service.
func (s *service) begin(b *bench, source, config string) error {
	env := append(os.Environ(), "ELASTICSEARCH_URL="+s.url)
	values := filepath.Join(b.dir, s.id+".json")
	if err := os.WriteFile(values, []byte(config), 0o600); err != nil {
		return err
	}
	_, _, err := b.exec(env, b.child, "connector", "create", source, "--id", s.id, "--index", "search-"+s.id, "--from-file", values)
	if err != nil {
		return err
	}
	s.log = filepath.Join(b.dir, s.id+".log")
	log, err := os.Create(s.log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	s.cmd = exec.Command(b.child, "serve", "--set", "service.service_types="+source, "--set", "service.idling=200ms")
	s.cmd.Dir, s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = b.dir, env, log, log
	return s.cmd.Start()
}

// run runs a job to its end.
func (s *service) run(kind protocol.JobType) (j protocol.Job, err error) {
	ctx := context.Background()
	conn, err := s.protocol.Connector(ctx, s.id)
	if err != nil {
		return j, err
	}
	if j, err = s.protocol.CreateJob(ctx, conn, kind, protocol.OnDemand, protocol.JobOptions{}); err != nil {
		return j, err
	}
	err = wait(2*time.Minute, func() (bool, error) {
		j, err = s.protocol.Job(ctx, j.ID)
		return j.Ended(), err
	})
	if err == nil && j.Status != job.Completed {
		err = fmt.Errorf("the job is %s: %s", j.Status, j.Error)
	}
	return j, err
}

// stop ends the service and takes what it wrote away.
func (s *service) stop() (err error) {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		if err = s.cmd.Wait(); err != nil {
			text, _ := os.ReadFile(s.log)
			err = fmt.Errorf("service: %w: %s", err, lastOf(text))
		}
	}
	if s.client != nil {
		s.client.Close()
	}
	if s.node != nil {
		return errors.Join(err, s.node.stop())
	}
	return errors.Join(err, s.clean())
}

// clean removes the connector, its jobs and its index from a genuine server.
func (s *service) clean() error {
	at := &node{url: s.url}
	query := fmt.Sprintf(`{"query":{"term":{"connector.id":%q}}}`, s.id)
	return errors.Join(
		at.call(http.MethodPost, "/"+protocol.JobsIndex+"/_delete_by_query?refresh=true", query, nil),
		at.call(http.MethodDelete, "/"+protocol.ConnectorsIndex+"/_doc/"+s.id, "", nil),
		at.call(http.MethodDelete, "/search-"+s.id, "", nil),
	)
}
