package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/elastic"
)

func (a *app) checkCommand() *cobra.Command {
	index := "search-*"
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the connection to Elasticsearch and what it allows",
		Long: "Checks address, TLS, credentials, product, version and privileges. Where\n" +
			"privileges are missing it prints the request that makes a key which has them.",
		Example: "  ELASTICSEARCH_URL=https://localhost:9200 tributary check --index search-*",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.load(); err != nil {
				return err
			}
			return a.check(cmd.Context(), index)
		},
	}
	cmd.Flags().StringVar(&index, "index", index, "index, or pattern of indices, that will be written to")
	return cmd
}

// checkLine is the one line of `check --json`.
type checkLine struct {
	Type        string          `json:"type"` // "check"
	OK          bool            `json:"ok"`
	URL         string          `json:"url"`
	Embedded    bool            `json:"embedded"`
	TLS         string          `json:"tls"`         // "verified", "unverified" or "none"
	Credentials string          `json:"credentials"` // "api_key", "user" or "none"
	Version     string          `json:"version"`
	Flavor      string          `json:"flavor"`
	Cluster     string          `json:"cluster"`
	Index       string          `json:"index"`
	Missing     []missingPart   `json:"missing"`
	APIKey      json.RawMessage `json:"api_key_request"` // body of POST _security/api_key
	Error       *string         `json:"error"`
}

// missingPart is a privilege that the credentials lack.
type missingPart struct {
	Privilege string `json:"privilege"`
	Index     string `json:"index"` // empty for one of the cluster
	Why       string `json:"why"`
	Optional  bool   `json:"optional"` // a sync works without it
}

func (a *app) check(ctx context.Context, index string) error {
	line := checkLine{Type: "check", Index: index, Missing: []missingPart{}, Credentials: a.credentials()}
	err := a.examine(ctx, &line)
	if err != nil {
		text := err.Error()
		line.Error = &text
	}
	line.OK = err == nil
	if a.json {
		return errors.Join(err, a.printJSON(line))
	}
	return errors.Join(err, a.showCheck(line))
}

// examine fills a report as far as it gets.
func (a *app) examine(ctx context.Context, line *checkLine) error {
	t, err := a.target(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = t.close() }()
	line.URL, line.Embedded = t.Address(), t.embedded
	if t.embedded {
		line.Credentials = "api_key"
	}
	info, err := t.Info(ctx)
	if answered(err, http.StatusForbidden) { // which privilege is missing, and which others?
		line.TLS = a.tls()
		return cmp.Or(line.privileges(ctx, t, a.settings.DeadLetters.Index), err)
	}
	if err != nil {
		return err
	}
	line.TLS = a.tls()
	line.Version, line.Flavor, line.Cluster = info.Version, info.BuildFlavor, info.ClusterName
	if err := supported(info); err != nil {
		return err
	}
	return line.privileges(ctx, t, a.settings.DeadLetters.Index)
}

// privileges asks what the credentials allow. Lacking what a sync can do
// without is no error.
func (line *checkLine) privileges(ctx context.Context, t *target, failed string) error {
	missing, err := t.Privileges(ctx, line.Index, failed)
	if err != nil {
		return err
	}
	needed := 0
	for _, m := range missing {
		line.Missing = append(line.Missing, missingPart(m))
		if !m.Optional {
			needed++
		}
	}
	if len(missing) > 0 {
		line.APIKey = elastic.APIKeyRequest("tributary", line.Index, failed)
	}
	if needed > 0 {
		return usagef("the credentials lack %s that a sync to %s needs", counted(int64(needed), "privilege"), line.Index)
	}
	return nil
}

// supported refuses servers that Tributary was not made for.
func supported(info elastic.Info) error {
	major, _, _ := strings.Cut(info.Version, ".")
	n, err := strconv.Atoi(major)
	if err != nil || n < 8 {
		return fmt.Errorf("version %s of Elasticsearch is not supported; 8 and 9 are", info.Version)
	}
	return nil
}

func (a *app) tls() string {
	es := a.settings.Elasticsearch
	switch {
	case es.CloudID == "" && !strings.HasPrefix(es.Host, "https://"):
		return "none"
	case es.SSL && !es.VerifyCerts:
		return "unverified"
	}
	return "verified"
}

func (a *app) credentials() string {
	es := a.settings.Elasticsearch
	switch {
	case !es.APIKey.Empty():
		return "api_key"
	case es.Username != "", strings.Contains(es.Host, "@"):
		return "user"
	}
	return "none"
}

func (a *app) showCheck(line checkLine) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	row := func(name, value string) { _, _ = fmt.Fprintf(table, "%s\t%s\n", name, value) }
	address := line.URL
	if line.Embedded {
		address = "the embedded node at " + address
	}
	row("address", cmp.Or(address, "?"))
	if line.TLS != "" {
		row("TLS", map[string]string{"none": "none", "verified": "certificate verified", "unverified": "certificate not verified"}[line.TLS])
	}
	row("credentials", map[string]string{"none": "none", "api_key": "API key", "user": "user and password"}[line.Credentials])
	if line.Version != "" {
		row("product", fmt.Sprintf("Elasticsearch %s (%s), cluster %s", line.Version, line.Flavor, line.Cluster))
	}
	if line.Error == nil && len(line.Missing) == 0 {
		row("privileges", "all that a sync to "+line.Index+" needs")
	}
	for _, m := range line.Missing {
		row("missing", elastic.Missing(m).String())
	}
	_ = table.Flush()
	if line.APIKey != nil {
		fmt.Fprintf(&b, "\nA key with these privileges:\n\nPOST _security/api_key\n%s\n", line.APIKey)
	}
	return a.print("%s", b.String())
}
