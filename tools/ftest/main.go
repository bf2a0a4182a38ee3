// Command ftest is the functional test: it builds the program, starts an
// Elasticsearch, and has each source sync a real system whose content is known.
// See package trial for what is compared.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"github.com/tributary-search/tributary/tools/ftest/trial"
)

// sizes are how many documents a test begins with.
var sizes = map[string]int{"small": 1_000, "medium": 12_000, "large": 200_000}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ftest:", err)
	}
	os.Exit(code)
}

func run(ctx context.Context) (code int, err error) {
	size := flag.String("size", "medium", "small, medium or large; arguments are the sources, none are all")
	server := flag.String("es", "embedded", "embedded, or real for a genuine Elasticsearch")
	cover := flag.Bool("cover", true, "measure what is covered; Go can't where an overlay is used")
	flag.Parse()
	if sizes[*size] == 0 || *server != "embedded" && *server != "real" {
		return trial.Unusable, fmt.Errorf("the size must be small, medium or large, not %q, and es embedded or real, not %q", *size, *server)
	}
	folders, err := sources(flag.Args())
	if err != nil {
		return trial.Unusable, err
	}
	w, err := newWorkshop(ctx, *cover)
	if err != nil {
		return trial.Unusable, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.open(ctx, *server); err != nil {
		return trial.Unusable, err
	}
	for _, source := range slices.Sorted(maps.Keys(folders)) {
		if ctx.Err() != nil {
			return trial.Unusable, errors.New("interrupted")
		}
		code = max(code, w.test(ctx, source, folders[source], *size))
	}
	w.conclude()
	return code, nil
}

// sources reads the folders of the sources from config.yml: of those that are
// named, or of all.
func sources(names []string) (map[string]string, error) {
	text, err := os.ReadFile("config.yml")
	if err != nil {
		return nil, fmt.Errorf("%w; run this at the root of the project", err)
	}
	var config struct{ Sources map[string]string }
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("config.yml: %w", err)
	}
	if len(names) == 0 {
		return config.Sources, nil
	}
	chosen := map[string]string{}
	for _, name := range names {
		folder, ok := config.Sources[name]
		if !ok {
			return nil, fmt.Errorf("config.yml has no source %q, only %s", name, strings.Join(slices.Sorted(maps.Keys(config.Sources)), ", "))
		}
		chosen[name] = filepath.ToSlash(filepath.Clean(folder))
	}
	return chosen, nil
}
