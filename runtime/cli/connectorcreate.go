package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/cron"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// createFlags are the flags of connector create.
type createFlags struct {
	valueFlags
	id, name, description, index, schedule, pipeline string
	apiKey, adopt                                    bool
}

func (a *app) connectorCreateCommand() *cobra.Command {
	var f createFlags
	cmd := &cobra.Command{
		Use:   "create SOURCE [key=value...]",
		Short: "Make a connector",
		Long: "Makes a connector, which a service then keeps in sync: `tributary serve`. On a\n" +
			"terminal it asks for what is missing: everything when no value is given, else what\n" +
			"is required.\n\n" +
			"A value is text, key=@FILE, key=env:NAME or key=- (asks without echo).",
		Example: "  tributary connector create directory\n" +
			"  tributary connector create directory directory=/srv/documents --name Documents --schedule \"0 0 * * * ?\"",
		Args:              needs("SOURCE"),
		ValidArgsFunction: a.completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.connectorCreate(cmd.Context(), d, args, f) })
		},
	}
	f.register(cmd, a)
	flags := cmd.Flags()
	flags.StringVar(&f.id, "id", "", "id (default the source's name and a random part)")
	flags.StringVar(&f.name, "name", "", "name for people (default the id)")
	flags.StringVar(&f.description, "description", "", "what people should know about it")
	flags.StringVar(&f.index, "index", "", "index (default search- and the name or the id)")
	flags.StringVar(&f.schedule, "schedule", "", "when full syncs are due, as a Quartz expression by UTC (default never)")
	flags.StringVar(&f.pipeline, "pipeline", "", "ingest pipeline (default "+protocol.DefaultPipeline().Name+")")
	flags.BoolVar(&f.apiKey, "api-key", false, "make an API key that may do all that the service does for this connector, and print it")
	flags.BoolVar(&f.adopt, "adopt", false, "allow an index that holds documents; those that the source lacks will be deleted")
	return cmd
}

// createdLine is the one line of `connector create --json`.
type createdLine struct {
	Type      string        `json:"type"` // "created"
	Connector connectorLine `json:"connector"`
	APIKey    *string       `json:"api_key"` // encoded; null without --api-key
	Selected  bool          `json:"selected"`
}

func (a *app) connectorCreate(ctx context.Context, d *desk, args []string, f createFlags) error {
	kind, err := a.kind(args[0])
	if err != nil {
		return err
	}
	n, err := newConnector(kind, f)
	if err != nil {
		return err
	}
	if n.Configuration, err = a.values(kind, nil, args[1:], f.valueFlags); err != nil {
		return err
	}
	if err := d.protocol.Ensure(ctx); err != nil {
		return err
	}
	if err := d.vacant(ctx, n.IndexName, f.adopt); err != nil {
		return err
	}
	conn, err := d.protocol.CreateConnector(ctx, n)
	if errors.Is(err, protocol.ErrExists) {
		return usagef("%w (--id and --index choose others)", err)
	}
	if err == nil {
		conn, _, err = d.protocol.Prepare(ctx, conn, kind)
	}
	if err != nil {
		return err
	}
	key := ""
	if f.apiKey {
		if key, err = d.makeKey(ctx, conn, a.settings.DeadLetters.Index); err != nil {
			err = fmt.Errorf("connector %s is made, but without an API key: %w", conn.ID, keyRemedy(err))
		}
	}
	return errors.Join(a.printCreated(d, conn, key), err)
}

// newConnector is what the flags say, checked.
func newConnector(kind connector.Kind, f createFlags) (protocol.NewConnector, error) {
	n := protocol.NewConnector{
		ID: f.id, Name: f.name, Description: f.description, ServiceType: kind.ServiceType, IndexName: f.index, Scheduling: map[protocol.JobType]protocol.Schedule{},
	}
	if n.ID == "" {
		n.ID = kind.ServiceType + "-" + random()
	}
	if len(n.ID) > 512 || strings.TrimSpace(n.ID) != n.ID {
		return n, usagef("--id %q: must be 512 bytes at most, and neither begin nor end with a space", n.ID)
	}
	if n.Name == "" {
		n.Name = n.ID
	}
	if n.IndexName == "" {
		n.IndexName = "search-" + indexPart(n.Name)
	}
	if err := elastic.CheckContentName(n.IndexName); err != nil {
		return n, usagef("--index: %w", err)
	}
	if f.schedule != "" {
		s, err := cron.Parse(f.schedule)
		if err != nil {
			return n, usagef("--schedule: %w", pointed(err))
		}
		n.Scheduling[protocol.Full] = protocol.Schedule{Enabled: true, Interval: s.String()}
	}
	if f.pipeline != "" {
		p := protocol.DefaultPipeline()
		p.Name = f.pipeline
		n.Pipeline = &p
	}
	return n, nil
}

// random tells ids apart.
func random() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// indexPart makes a part of an index's name from words.
func indexPart(words string) string {
	parts := strings.FieldsFunc(strings.ToLower(words), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.')
	})
	part := strings.Join(parts, "-")
	return part[:min(len(part), 200)]
}

// vacant refuses an index that holds documents: the connector takes over those
// that carry no owner.
func (d *desk) vacant(ctx context.Context, index string, adopt bool) error {
	x := d.Index(index)
	there, err := x.Exists(ctx)
	if err != nil || !there || adopt {
		return err
	}
	if err := x.Refresh(ctx); err != nil {
		return err
	}
	n, err := x.Count(ctx)
	if err == nil && n > 0 {
		err = usagef("index %s holds %s already: the connector would take them over and delete those that its source lacks; "+
			"choose another one with --index, or allow it with --adopt", index, counted(n, "document"))
	}
	return err
}

func (a *app) printCreated(d *desk, conn protocol.Connector, key string) error {
	selected := a.selected(d, conn)
	if a.json {
		line := createdLine{"created", a.connectorLine(conn), nil, selected}
		if key != "" {
			line.APIKey = &key
		}
		return a.printJSON(line)
	}
	var b strings.Builder
	rows := [][2]string{{"connector", called(conn)}, {"index", conn.IndexName}}
	if s := conn.Scheduling[protocol.Full]; s.Enabled {
		rows = append(rows, [2]string{"full syncs", s.Interval + ", next " + nextTime(s.Interval)})
	}
	if key != "" {
		rows = append(rows, [2]string{"API key", key + " (shown this once; set it as ELASTICSEARCH_API_KEY for tributary serve)"})
	}
	writeTable(&b, rows)
	if !selected {
		fmt.Fprintf(&b, "\nA service works on it once its config.yml says so:\n\nconnectors:\n  - connector_id: %s\n", conn.ID)
	}
	fmt.Fprintf(&b, "\nnext: tributary serve, and in another terminal: tributary job start %s --watch\n", conn.ID)
	return a.print("%s", b.String())
}

// selected reports whether a service with these settings works on a connector.
func (a *app) selected(d *desk, conn protocol.Connector) bool {
	sel := protocol.Selection{ServiceTypes: a.settings.Service.ServiceTypes}
	for _, c := range a.settings.Connectors {
		sel.IDs = append(sel.IDs, c.ConnectorID)
	}
	sel.All = d.embedded && len(sel.IDs)+len(sel.ServiceTypes) == 0
	return sel.Has(conn)
}

// makeKey makes an API key for a connector and stores its id there.
func (d *desk) makeKey(ctx context.Context, conn protocol.Connector, failed string) (string, error) {
	content := []string{conn.IndexName, protocol.AccessPrefix + conn.IndexName}
	kept := []string{protocol.ConnectorsIndex + "*", protocol.JobsIndex + "*"}
	key, err := d.CreateAPIKey(ctx, elastic.ServiceKeyRequest(conn.IndexName+"-connector", content, kept, failed))
	if err != nil {
		return "", err
	}
	_, err = d.protocol.Update(ctx, conn, func(protocol.Connector) (protocol.Patch, error) {
		return protocol.Patch{"api_key_id": key.ID}, nil
	})
	return key.Encoded, err
}

// keyRemedy says what to do where no key may be made.
func keyRemedy(err error) error {
	switch {
	case refused(err):
		return fmt.Errorf("%w; log in as a user who may manage API keys", err)
	case answered(err, 400):
		return fmt.Errorf("%w; a key can't make other keys that may do something: log in with TRIBUTARY_ELASTICSEARCH_USERNAME and TRIBUTARY_ELASTICSEARCH_PASSWORD", err)
	}
	return err
}
