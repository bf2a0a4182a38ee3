package cli

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
	"github.com/tributary-search/tributary/runtime/settings"
	"github.com/tributary-search/tributary/runtime/telemetry"
)

// app is what the commands of one run share.
type app struct {
	Program
	console  *console // the standard error
	env      map[string]string
	json     bool
	input    input
	flags    globalFlags
	settings settings.Settings  // after load
	log      *slog.Logger       // after load
	redact   connector.Redactor // of the source that is open
}

// globalFlags are understood by every command.
type globalFlags struct {
	config, data, logLevel string
	set                    []string
}

func newApp(p Program) *app {
	a := &app{Program: p, console: newConsole(p.Stderr), env: map[string]string{}}
	for _, e := range p.Env {
		if name, value, ok := strings.Cut(e, "="); ok {
			a.env[name] = value
		}
	}
	return a
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tributary",
		Short: "Keep Elasticsearch in sync with other systems",
		Long: "Tributary keeps Elasticsearch in sync with other systems. Without an address of\n" +
			"Elasticsearch it uses a node inside this program, which keeps its data on this\n" +
			"machine; set ELASTICSEARCH_URL and ELASTICSEARCH_API_KEY to use your own.\n\n" +
			"Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 done but some\n" +
			"documents failed or differ, 130 canceled.",
		Example:           "  tributary sync directory directory=/srv/documents\n  tributary search search-directory-5d41402a \"annual report\"",
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              cobra.ArbitraryArgs,
		RunE:              listCommands,
	}
	root.SetOut(a.Stdout)
	root.SetErr(a.console)
	root.SetIn(a.Stdin)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, "write JSON to the standard output")
	flags.StringVar(&a.flags.config, "config", "", "settings file, also TRIBUTARY_CONFIG (default config.yml here, or in the user's configuration folder)")
	flags.StringVar(&a.flags.data, "data", "", "folder of the embedded node's data, also TRIBUTARY_DATA (default the user's state folder)")
	flags.StringVar(&a.flags.logLevel, "log-level", "", "debug, info, warn or error")
	flags.StringArrayVar(&a.flags.set, "set", nil, "any setting, as `KEY=VALUE`; may be repeated")
	root.AddCommand(a.syncCommand(), a.previewCommand(), a.verifyCommand(), a.searchCommand(), a.checkCommand(),
		a.serveCommand(), a.connectorCommand(), a.jobCommand(), a.failedCommand(),
		a.sourcesCommand(), a.rulesCommand(), a.configCommand(), a.nodeCommand(), a.scheduleCommand(), a.versionCommand())
	for _, cmd := range root.Commands() {
		wrapArgs(cmd)
	}
	return root
}

// group is a command that only has others below it.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, RunE: listCommands}
	for _, sub := range commands {
		wrapArgs(sub)
		cmd.AddCommand(sub)
	}
	return cmd
}

func listCommands(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return unknownCommand(cmd, args[0])
	}
	return cmd.Help()
}

// wrapArgs makes a wrong number of words a usage error.
func wrapArgs(cmd *cobra.Command) {
	check := cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if check == nil {
			check = cobra.NoArgs
		}
		if err := check(cmd, args); err != nil {
			return usagef("%s; usage: %s", err, cmd.UseLine())
		}
		return nil
	}
}

// needs asks for at least as many words as it names.
func needs(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return fmt.Errorf("%s is missing", names[len(args)])
		}
		return nil
	}
}

func unknownCommand(parent *cobra.Command, name string) error {
	var names []string
	for _, cmd := range parent.Commands() {
		names = append(names, cmd.Name())
	}
	hint := cmp.Or(schema.DidYouMean(name, names), "; "+parent.CommandPath()+" --help lists them")
	return usagef("unknown command %q%s", name, hint)
}

// load reads the settings. Every command that needs them calls it first.
func (a *app) load() error {
	flags, err := a.settingFlags()
	if err != nil {
		return err
	}
	file := a.configFile()
	s, warnings, err := settings.Load(settings.Input{File: file, Env: a.Env, Flags: flags})
	for _, w := range warnings {
		a.warn("%s", w)
	}
	if err != nil {
		return usageError{err}
	}
	a.settings = s
	a.log = telemetry.Logger(a.console, s.Log.Format, s.Log.Level)
	a.log.Debug("settings are read", "file", file, "embedded", s.Embedded())
	return nil
}

// configFile is the settings file: the one named by --config or
// TRIBUTARY_CONFIG, else one found in the usual places, else none.
func (a *app) configFile() string {
	if a.flags.config != "" {
		return a.flags.config
	}
	if file := a.env["TRIBUTARY_CONFIG"]; file != "" {
		return file
	}
	return settings.DefaultFile(a.configDir())
}

func (a *app) settingFlags() ([]settings.Flag, error) {
	var flags []settings.Flag
	for _, word := range a.flags.set {
		key, value, ok := strings.Cut(word, "=")
		if !ok || nameIn(key) != key {
			return nil, usagef("--set %s: must be KEY=VALUE", nameIn(word))
		}
		if settings.IsSecret(key) && value != "" {
			a.warn("%s: other users of this machine can see a secret on the command line; set TRIBUTARY_%s instead",
				key, strings.ToUpper(strings.ReplaceAll(key, ".", "_")))
		}
		flags = append(flags, settings.Flag{Name: "--set", Key: key, Value: value})
	}
	if a.flags.data != "" {
		flags = append(flags, settings.Flag{Name: "--data", Key: "data", Value: a.flags.data})
	}
	if a.flags.logLevel != "" {
		flags = append(flags, settings.Flag{Name: "--log-level", Key: "log.level", Value: a.flags.logLevel})
	}
	return flags, nil
}
