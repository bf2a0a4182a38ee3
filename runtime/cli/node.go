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
	var o nodeOptions
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
			return a.node(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.listen, "listen", defaultListen, "address and port")
	cmd.Flags().StringVar(&o.password, "password", "", "password of the user elastic: env:NAME, @FILE, - or text")
	cmd.Flags().StringVar(&o.mode, "mode", "8", "for tests: behave like Elasticsearch 8 or 9.1")
	cmd.Flags().StringVar(&o.license, "license", "trial", "for tests: the license that the node says it has, trial or basic")
	_ = cmd.Flags().MarkHidden("mode")    // fails for an unknown name only
	_ = cmd.Flags().MarkHidden("license") // likewise
	return cmd
}

// nodeOptions are the flags of `node`.
type nodeOptions struct {
	listen, password, mode, license string
}

// nodeOptions checks the flags and makes them a node's options.
func (a *app) nodeOptions(o nodeOptions) (embedded.Options, error) {
	out := embedded.Options{Listen: o.listen, Username: "elastic", Password: o.password, Anonymous: true, License: o.license, Log: a.log}
	switch o.mode {
	case "8":
	case "9.1":
		out.Mode = embedded.Mode91
	default:
		return out, usagef("--mode %s: must be 8 or 9.1", o.mode)
	}
	if o.license != "trial" && o.license != "basic" {
		return out, usagef("--license %s: must be trial or basic", o.license)
	}
	if o.password != "" {
		value, plain, err := a.value("password", o.password)
		if err != nil {
			return out, usagef("--password: %w", err)
		}
		if plain {
			a.warn("--password: other users of this machine can see it; write env:NAME, @FILE or -")
		}
		out.Password = value
	}
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return out, usagef("--listen %s: must be an address and a port, such as %s", o.listen, defaultListen)
	}
	if out.Password == "" && !loopback(host) {
		return out, usagef("--listen %s: other machines can reach this address, so it needs --password", o.listen)
	}
	return out, nil
}

// nodeLine is the one line of `node --json`, written when it listens.
type nodeLine struct {
	Type string `json:"type"` // "listening"
	URL  string `json:"url"`
	Data string `json:"data"`
}

func (a *app) node(ctx context.Context, flags nodeOptions) error {
	o, err := a.nodeOptions(flags)
	if err != nil {
		return err
	}
	dir, err := a.dataDir()
	if err != nil {
		return usageError{err}
	}
	node, err := a.attach(dir, o)
	if err != nil {
		return err
	}
	if !node.Own {
		return errors.Join(fmt.Errorf("another process has the data folder %s and serves it on %s", dir, node.URL), node.Close())
	}
	return errors.Join(a.serveNode(ctx, node, dir), node.Close())
}

// serveNode says where the node listens and waits until ctx ends.
func (a *app) serveNode(ctx context.Context, node *embedded.Attached, dir string) error {
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
