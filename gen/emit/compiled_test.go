package emit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/emit"
	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/schema"
)

// author is what the author of a source writes by hand, at least.
const author = `package %s

import (
	"context"
	"encoding/json"

	"github.com/tributary-search/tributary/runtime/connector"
)

type Source struct{ Config Config }

func Open(_ context.Context, cfg Config, _ connector.Deps) (*Source, error) { return &Source{cfg}, nil }

func (*Source) Ping(context.Context) error { return nil }

func (*Source) GetDocs(context.Context, connector.Filter, func(connector.Document) error) error {
	return connector.ErrNotWritten
}

func (*Source) Position(context.Context) (connector.Cursor, error) { return nil, nil }

func (*Source) Changed(context.Context, connector.Cursor) (bool, error) { return true, nil }

func DecodeRules(raw json.RawMessage) error {
	%s
}
`

const fixture = `package fixture

import (
	"encoding/json"
	"testing"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

type backend struct{}

func New() connectortest.Fixture { return backend{} }

func (backend) Start(testing.TB, int) json.RawMessage { return json.RawMessage("{}") }
`

// tree is a set of files that the go command sees inside the module although
// they are not there.
type tree struct {
	root, temp string
	replace    map[string]string
}

func newTree(t *testing.T) *tree {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	return &tree{root: root, temp: t.TempDir(), replace: map[string]string{}}
}

func (f *tree) add(t *testing.T, name string, content []byte) {
	path := filepath.Join(f.temp, fmt.Sprintf("%d", len(f.replace)))
	require.NoError(t, os.WriteFile(path, content, 0o600))
	f.replace[filepath.Join(f.root, filepath.FromSlash(name))] = path
}

// source adds everything that a source's package has.
func (f *tree) source(t *testing.T, s model.Source) {
	files, err := emit.Files(project(s))
	require.NoError(t, err)
	delete(files, "sources/registry_gen.go")
	for name, content := range files {
		f.add(t, name, content)
	}
	rules := "return nil"
	if s.Rules != nil {
		rules = "_, _, err := advancedRules(connector.Filter{AdvancedRules: raw})\n\treturn err"
	}
	f.add(t, "sources/"+s.Dir+"/source.go", fmt.Appendf(nil, author, s.Dir, rules))
	f.add(t, "sources/"+s.Dir+"/fixture/fixture.go", []byte(fixture))
}

// run calls the go command on the module with the files in it.
func (f *tree) run(t *testing.T, args ...string) {
	overlay := filepath.Join(f.temp, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": f.replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	cmd := exec.Command("go", append([]string{args[0], "-overlay", overlay}, args[1:]...)...)
	cmd.Dir = f.root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// compile compiles packages and their tests. Unlike go vet and go test, go list
// does not need the folders to be there.
func (f *tree) compile(t *testing.T, packages ...string) {
	f.run(t, append([]string{"list", "-export", "-test", "-f", "{{with .Export}}{{end}}"}, packages...)...)
}

const program = `package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/tributary-search/tributary/runtime/connector"
%s)

type source struct {
	kind  connector.Kind
	rules func(json.RawMessage) error
}

func main() {
	sources := []source{
%s	}
	in := json.NewDecoder(os.Stdin)
	for in.More() {
		var q struct{ Source int; Config, Rules json.RawMessage }
		if err := in.Decode(&q); err != nil {
			panic(err)
		}
		s := sources[q.Source]
		rules := "refused"
		if s.kind.CheckRules != nil && s.kind.CheckRules(q.Rules).Err() == nil {
			rules = fmt.Sprint(s.rules(q.Rules))
		}
		fmt.Printf("%%q %%s\n", s.kind.CheckConfig(q.Config).Error(), rules)
	}
}
`

// TestCompiledAgreement holds that emitted packages compile, tests included,
// that they give the verdicts that the descriptions give in this process, and
// that rules which their schema accepts can be decoded.
func TestCompiledAgreement(t *testing.T) {
	r := newRandom(t)
	files := newTree(t)
	var sources []model.Source
	var imports, kinds, packages []string
	for i := range setting(t, "TRIBUTARY_SOURCES", 24) {
		s := r.source(t, fmt.Sprintf("agreement%d", i))
		sources = append(sources, s)
		files.source(t, s)
		path := "sources/" + s.Dir
		packages = append(packages, "./"+path+"/...")
		imports = append(imports, fmt.Sprintf("\t%q\n", module+"/"+path))
		kinds = append(kinds, fmt.Sprintf("\t\t{%s.Kind(), %s.DecodeRules},\n", s.Dir, s.Dir))
	}
	files.add(t, "sources/agreement/main.go", fmt.Appendf(nil, program, strings.Join(imports, ""), strings.Join(kinds, "")))
	files.compile(t, packages...)
	binary := filepath.Join(files.temp, "agreement")
	files.run(t, "build", "-o", binary, "./sources/agreement")

	var in bytes.Buffer
	var want []string
	accepted := 0
	for i, s := range sources {
		fields := describe(t, s)
		for range inputsPerSource {
			config, rules := r.input(s), r.rulesInput()
			fmt.Fprintf(&in, "{\"source\":%d,\"config\":%s,\"rules\":%s}\n", i, config, rules)
			verdict := "refused"
			if s.Rules != nil && schema.New(string(s.RulesSchema)).CheckRules(json.RawMessage(rules)).Err() == nil {
				verdict = "<nil>"
				accepted++
			}
			want = append(want, fmt.Sprintf("%q %s", fields.Check(json.RawMessage(config)).Error(), verdict))
		}
	}
	cmd := exec.Command(binary)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, want, strings.Split(strings.TrimSpace(string(out)), "\n"))
	t.Logf("%d compiled sources, %d pairs, %d rules accepted and decoded", len(sources), len(want), accepted)
}

// TestSampleCompiles holds that a source with every type of field and rule
// compiles with its test, and opens.
func TestSampleCompiles(t *testing.T) {
	files := newTree(t)
	files.source(t, sample())
	bare := sample()
	bare.Dir, bare.Config, bare.Identity, bare.Rules, bare.Abilities = "bare", nil, nil, nil, nil
	files.source(t, bare)
	files.compile(t, "./sources/sample/...", "./sources/bare/...")
}

// TestFolderNames holds that no name of a folder gets into the way of a
// package that generated code imports.
func TestFolderNames(t *testing.T) {
	files := newTree(t)
	p := model.Project{Module: module}
	var packages []string
	for _, dir := range []string{"connector", "schema", "fixture", "sources", "json", "context", "testing", "connectortest", "time"} {
		s := sample()
		s.Dir = dir
		files.source(t, s)
		p.Sources, p.Registry = append(p.Sources, s), append(p.Registry, dir)
		packages = append(packages, "./sources/"+dir+"/...")
	}
	all, err := emit.Files(p)
	require.NoError(t, err)
	files.add(t, "sources/registry_gen.go", all["sources/registry_gen.go"])
	files.compile(t, append(packages, "./sources")...)
}
