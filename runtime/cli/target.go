package cli

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/embedded"
	"github.com/tributary-search/tributary/runtime/settings"
)

// target is where a command writes to or reads from.
type target struct {
	*elastic.Client
	embedded bool
	close    func() error
}

// place is where the documents are kept: an Elasticsearch or the embedded node.
type place struct {
	config elastic.Config
	node   *embedded.Attached // nil: an Elasticsearch
}

// place finds the Elasticsearch of the settings or, when they name none, opens
// the embedded node. It makes no request to the former. Close it.
func (a *app) place() (*place, error) {
	if !a.settings.Embedded() {
		return &place{config: a.elasticConfig(a.settings.Elasticsearch)}, nil
	}
	dir, err := a.dataDir()
	if err != nil {
		return nil, usageError{err}
	}
	node, err := a.attach(dir, embedded.Options{Log: a.log})
	if err != nil {
		return nil, err
	}
	return &place{elastic.Config{URL: node.URL, APIKey: node.APIKey, Log: a.log, Timeout: patience}, node}, nil
}

// address is empty for the embedded node. It holds no user and password.
func (p *place) address() string {
	if p.node != nil {
		return ""
	}
	if p.config.URL == "" {
		return p.config.CloudID
	}
	var shown []string
	for one := range strings.SplitSeq(p.config.URL, ",") {
		if u, err := url.Parse(strings.TrimSpace(one)); err == nil {
			u.User = nil
			shown = append(shown, u.String())
		}
	}
	return strings.Join(shown, ",")
}

// close ends the embedded node if it runs in this process; others who use it
// go on with it by themselves.
func (p *place) close() error {
	if p.node == nil {
		return nil
	}
	return p.node.Close()
}

// target connects to the Elasticsearch of the settings or, when they name
// none, to the embedded node. It makes no request to the former. The latter is
// closed when no other process uses it any more, or when ctx ends.
func (a *app) target(ctx context.Context) (*target, error) {
	p, err := a.place()
	if err != nil {
		return nil, err
	}
	client, err := elastic.New(p.config)
	if err != nil {
		_ = p.close()
		return nil, usageError{err}
	}
	return &target{Client: client, embedded: p.node != nil, close: func() error {
		client.Close()
		if p.node != nil {
			p.node.AwaitOthers(ctx, func() {
				a.say("another process uses the embedded node; waiting until it is done")
			})
		}
		return p.close()
	}}, nil
}

func (a *app) elasticConfig(s settings.Elasticsearch) elastic.Config {
	cfg := elastic.Config{
		URL: s.Host, CloudID: s.CloudID,
		APIKey: s.APIKey.Reveal(), Username: s.Username, Password: s.Password.Reveal(),
		Fingerprint: s.Fingerprint, Proxy: s.Proxy, Headers: s.Headers, Compress: s.Compress,
		Timeout: time.Duration(s.RequestTimeout),
		Retry:   elastic.Retry{Attempts: s.MaxRetries, Max: time.Duration(s.RetryInterval)},
		Log:     a.log,
	}
	if s.SSL {
		cfg.CACert, cfg.InsecureSkipVerify = s.CACerts, !s.VerifyCerts
	}
	return cfg
}

// patience is how long a request to the embedded node may take: it makes some
// thousand documents a second searchable, and a refresh waits for all of them.
// That the node is gone shows at once, on one machine.
const patience = 12 * time.Hour

// connect is target with a first request, so that one that can't be reached is
// told from one that fails later.
func (a *app) connect(ctx context.Context) (*target, error) {
	t, err := a.target(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := t.Info(ctx); err != nil {
		_ = t.close()
		return nil, err
	}
	return t, nil
}

// name is the target as messages call it.
func (t *target) name() string {
	if t.embedded {
		return "the embedded node"
	}
	return t.Address()
}

// searchable waits until the embedded node has made everything searchable that
// it holds: its process ends with the command. Elasticsearch does that by
// itself.
func (t *target) searchable(ctx context.Context, index string) error {
	if !t.embedded {
		return nil
	}
	if there, err := t.Index(index).Exists(ctx); err != nil || !there {
		return err
	}
	return t.Index(index).Refresh(ctx)
}
