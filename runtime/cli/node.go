package cli

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/embedded"
)

// defaultListen is where `node` listens unless it is told otherwise.
const defaultListen = "127.0.0.1:9210"

func (a *app) nodeCommand() *cobra.Command {
	var listen, password string
	cmd := &cobra.Command{
		Use:   "node",
		Short: "Run the embedded node alone, for curl and other clients",
		Long: "Serves the embedded node's data over HTTP until it is stopped. It answers what\n" +
			"Tributary and common clients ask of Elasticsearch; it is an aid for one machine.\n\n" +
			"With a password clients log in as the user elastic. An address that other\n" +
			"machines can reach needs one: env:NAME, @FILE or - (asks without echo).",
		Example: "  tributary node\n  tributary node --listen 0.0.0.0:9210 --password env:NODE_PASSWORD",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.load(); err != nil {
				return err
			}
			return a.node(cmd.Context(), listen, password)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", defaultListen, "address and port")
	cmd.Flags().StringVar(&password, "password", "", "password of the user elastic: env:NAME, @FILE, - or text")
	return cmd
}

// nodeLine is the one line of `node --json`, written when it listens.
type nodeLine struct {
	Type string `json:"type"` // "listening"
	URL  string `json:"url"`
	Data string `json:"data"`
}

func (a *app) node(ctx context.Context, listen, password string) error {
	if password != "" {
		value, plain, err := a.value("password", password)
		if err != nil {
			return usagef("--password: %w", err)
		}
		if plain {
			a.warn("--password: other users of this machine can see it; write env:NAME, @FILE or -")
		}
		password = value
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return usagef("--listen %s: must be an address and a port, such as %s", listen, defaultListen)
	}
	if password == "" && !loopback(host) {
		return usagef("--listen %s: other machines can reach this address, so it needs --password", listen)
	}
	dir, err := a.dataDir()
	if err != nil {
		return usageError{err}
	}
	node, err := embedded.Attach(dir, embedded.Options{
		Listen: listen, Username: "elastic", Password: password, Anonymous: true, Log: a.log,
	})
	if err != nil {
		return err
	}
	if !node.Own {
		return errors.Join(fmt.Errorf("another process has the data folder %s and serves it on %s", dir, node.URL), node.Close())
	}
	return errors.Join(a.serve(ctx, node, dir), node.Close())
}

// serve says where the node listens and waits until ctx ends.
func (a *app) serve(ctx context.Context, node *embedded.Attached, dir string) error {
	a.say("the embedded node listens on %s; its data is in %s; stop it with Ctrl-C", node.URL, dir)
	if a.json {
		if err := a.printJSON(nodeLine{"listening", node.URL, dir}); err != nil {
			return err
		}
	}
	release := context.AfterFunc(ctx, func() { _ = node.Close() })
	defer release()
	return node.Wait()
}

// loopback reports whether only this machine can reach a host.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
