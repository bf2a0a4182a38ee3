package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// firstRun measures the program of `make run` on a fresh data folder.
func (b *bench) firstRun() ([]row, error) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	tree := filepath.Join(strings.TrimSpace(string(goroot)), "src")
	var walls, cpus []time.Duration
	var peaks []int64
	for i := range min(b.runs, 3) {
		data := filepath.Join(b.dir, fmt.Sprintf("run-%d", i))
		a, _, err := b.exec([]string{"ELASTICSEARCH_URL="}, b.child, "--data", data, "sync", "directory", "directory="+tree, "--index", "go-source")
		if err != nil {
			return nil, err
		}
		search, out, err := b.exec([]string{"ELASTICSEARCH_URL="}, b.child, "--data", data, "search", "go-source", "goroutine scheduler", "--limit", "3")
		if err != nil {
			return nil, err
		}
		if !strings.Contains(out, "runtime") {
			return nil, fmt.Errorf("the search finds nothing: %s", out)
		}
		walls, cpus = append(walls, a.Wall+search.Wall), append(cpus, a.CPU+search.CPU)
		peaks = append(peaks, mebibytes(max(a.Peak, search.Peak)))
	}
	wall, peak := median(walls), median(peaks)
	return []row{
		{
			what: "make run after the build, the first time", target: "≤ 30 s",
			measured: fmt.Sprintf("%.1f s", wall.Seconds()), met: wall <= 30*time.Second,
			notes: []string{fmt.Sprintf("%.1f s of CPU", median(cpus).Seconds())},
		},
		{
			what: "make run, peak RSS", target: "≤ 400 MiB",
			measured: fmt.Sprintf("%d MiB", peak), met: peak <= 400,
		},
	}, nil
}

// generator measures `gen generate` on a tree with 30 made-up sources.
func (b *bench) generator() ([]row, error) {
	program := filepath.Join(b.dir, "gen")
	build := exec.Command("go", "build", "-o", program, "./gen")
	build.Dir = b.root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the generator: %w: %s", err, out)
	}
	tree := filepath.Join(b.dir, "declarations")
	if err := b.declare(tree, 30); err != nil {
		return nil, err
	}
	var walls, cpus []float64
	for i := range b.runs + 1 {
		a, out, err := b.exec(nil, program, "generate", "--root", tree)
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, out)
		}
		if i > 0 { // the first writes the files and warms the caches
			walls, cpus = append(walls, float64(a.Wall.Microseconds())/1000), append(cpus, float64(a.CPU.Microseconds())/1000)
		}
	}
	return []row{{
		what: "gen generate, 30 sources, warm", target: "≤ 300 ms",
		measured: fmt.Sprintf("%.0f ms", median(walls)), met: median(walls) <= 300,
		notes: []string{fmt.Sprintf("%s; %.0f ms of CPU", spread(walls, "%.0f"), median(cpus))},
	}}, nil
}

// declare makes a tree of declarations, each like the directory source with
// more fields.
func (b *bench) declare(tree string, sources int) error {
	for _, dir := range []string{"schemas", "templates", "runtime"} {
		if err := os.CopyFS(filepath.Join(tree, dir), os.DirFS(filepath.Join(b.root, dir))); err != nil {
			return err
		}
	}
	config, err := os.ReadFile(filepath.Join(b.root, "config.yml"))
	if err != nil {
		return err
	}
	head, _, _ := strings.Cut(string(config), "\nsources:\n")
	list := head + "\nsources:\n"
	for i := range sources {
		name := fmt.Sprintf("made_up_%c%c", 'a'+i/26, 'a'+i%26)
		list += fmt.Sprintf("  %s: sources/%s\n", name, strings.ReplaceAll(name, "_", ""))
		if err := declareOne(filepath.Join(tree, "sources", strings.ReplaceAll(name, "_", "")), name); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(tree, "config.yml"), []byte(list), 0o644); err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(b.root, "go.mod"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(tree, "go.mod"), mod, 0o644)
}

const madeUp = `{
  "$schema": "../../schemas/source.schema.json",
  "service_type": "NAME",
  "name": "Made up",
  "about": "A source that is declared and never read.",
  "abilities": ["advanced_rules"],
  "config": {
    "type": "object", "additionalProperties": false,
    "required": ["host", "database"],
    "properties": {
      "host": {"type": "string", "title": "Host", "format": "hostname"},
      "port": {"type": "integer", "title": "Port", "default": 3306, "minimum": 1, "maximum": 65535},
      "database": {"type": "string", "title": "Database"},
      "username": {"type": "string", "title": "Username", "default": ""},
      "password": {"type": "string", "title": "Password", "writeOnly": true, "default": ""},
      "tables": {"type": "array", "title": "Tables", "items": {"type": "string"}, "default": ["*"]},
      "mode": {"type": "string", "title": "Mode", "enum": ["fast", "safe"], "default": "safe"},
      "fetch_size": {"type": "integer", "title": "Rows per request", "default": 50, "minimum": 1},
      "ssl_enabled": {"type": "boolean", "title": "Enable SSL", "default": false},
      "ssl_ca": {"type": "string", "title": "SSL certificate", "default": "",
        "x-ui": {"display": "textarea", "depends_on": {"ssl_enabled": true}}}
    }
  },
  "advanced_rules": {
    "type": "array", "minItems": 1,
    "items": {
      "type": "object", "additionalProperties": false, "required": ["query"],
      "properties": {
        "query": {"type": "string", "minLength": 1},
        "tables": {"type": "array", "items": {"type": "string"}},
        "limit": {"type": "integer", "minimum": 1}
      }
    }
  }
}
`

func declareOne(dir, name string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	readme := "# Made up\n\n<!-- gen:begin configuration -->\n<!-- gen:end configuration -->\n\n<!-- gen:begin rules -->\n<!-- gen:end rules -->\n"
	if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte(readme), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "schema.json"), []byte(strings.ReplaceAll(madeUp, "NAME", name)), 0o644)
}
