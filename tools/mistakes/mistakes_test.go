package mistakes_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/command"
	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/connectortest"
	"github.com/tributary-search/tributary/sources"
)

var update = flag.Bool("update", false, "rewrite docs/mistakes.md")

const (
	page      = "../../docs/mistakes.md"
	faultyEnv = "TRIBUTARY_MISTAKE"
)

// area is the part of the table about one kind of file.
type area struct {
	title    string
	rows     []mistake
	file     string // what the author writes
	good     string // its content without a mistake
	sentence func(t *testing.T, a area, m mistake, text string) string
}

func areas() []area {
	return []area{
		{"A declaration", declarations, "sources/shop/schema.json", declaration, declared},
		{"A rule file", ruleFiles, "rules.json", ruleFile, ruled},
		{"A settings file", settingsFiles, "tributary.yml", settingsFile, set},
		{"A `GetDocs`", getDocs, "getdocs_test.go", "", read},
	}
}

// TestMistakes makes each mistake and reads how it is caught: by name, at the
// line that the author wrote, with the remedy. docs/mistakes.md is what was said.
func TestMistakes(t *testing.T) {
	var sections []string
	for _, a := range areas() {
		sentences := make([]string, len(a.rows))
		t.Run(a.title, func(t *testing.T) {
			for i, m := range a.rows {
				t.Run(m.name, func(t *testing.T) {
					t.Parallel()
					sentences[i] = caught(t, a, m)
				})
			}
		})
		sections = append(sections, section(a, sentences))
	}
	got := intro + strings.Join(sections, "\n")
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(got), 0o600))
	}
	want, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run go test ./tools/mistakes -update")
}

// TestRight shows that the files are caught for their mistakes alone.
func TestRight(t *testing.T) {
	all := areas()
	require.Empty(t, generated(t, declaration))
	require.Equal(t, "rules.json: valid", run(t, all[1].file, ruleFile, "rules", "check", "directory", "--filtering"))
	require.NotContains(t, run(t, all[2].file, settingsFile, "check", "--config"), all[2].file)
	require.Contains(t, conform(t, "none"), "--- PASS: TestConformance")
}

func caught(t *testing.T, a area, m mistake) string {
	text, place := a.good, ""
	if a.good == "" {
		place = fmt.Sprintf("%s:%d", a.file, marked(t, a.file, m.name))
	} else {
		before, after, found := strings.Cut(a.good, m.right)
		require.True(t, found, m.right)
		text = before + m.wrong + after
		place = fmt.Sprintf("%d", 1+strings.Count(before, "\n"))
	}
	sentence := a.sentence(t, a, m, text)
	require.Contains(t, sentence, m.says, "the mistake by name")
	require.Contains(t, sentence, m.remedy, "the remedy")
	require.Regexp(t, regexp.MustCompile(`(^|\D)`+regexp.QuoteMeta(place)+`(\D|$)`), sentence, "the line that the author wrote")
	return sentence
}

// marked is the line of a file that is marked with a mistake.
func marked(t *testing.T, file, name string) int {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(line, "// wrong: "+name) {
			return i + 1
		}
	}
	t.Fatalf("%s marks no line as wrong: %s", file, name)
	return 0
}

func declared(t *testing.T, _ area, _ mistake, text string) string { return generated(t, text) }

// generated is what the generator says of a declaration.
func generated(t *testing.T, text string) string {
	tree := fstest.MapFS{
		"go.mod":                     {Data: []byte("module github.com/tributary-search/tributary\n")},
		"config.yml":                 {Data: []byte("sources:\n  shop: sources/shop\n")},
		"sources/shop/schema.json":   {Data: []byte(text)},
		"sources/shop/README.md":     {Data: []byte("# Shop\n\n<!-- gen:begin configuration -->\n<!-- gen:end configuration -->\n")},
		"schemas/source.schema.json": {},
	}
	meta, err := os.ReadFile("../../schemas/source.schema.json")
	require.NoError(t, err)
	tree["schemas/source.schema.json"].Data = meta
	_, problems, err := command.Generate(tree)
	require.NoError(t, err)
	return problems.Error()
}

func ruled(t *testing.T, a area, _ mistake, text string) string {
	return run(t, a.file, text, "rules", "check", "directory", "--filtering")
}

func set(t *testing.T, a area, _ mistake, text string) string {
	return run(t, a.file, text, "check", "--config")
}

// run is what the program says of a file, whose folder is left out.
func run(t *testing.T, name, text string, args ...string) string {
	home := t.TempDir()
	file := filepath.Join(home, name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	var out bytes.Buffer
	cli.Program{
		Kinds: sources.All(), Args: append(args, file), Env: []string{"HOME=" + home, "XDG_STATE_HOME=" + home},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
	}.Run(t.Context())
	return strings.TrimSpace(strings.ReplaceAll(out.String(), home+string(filepath.Separator), ""))
}

// TestConformance is the suite of the source; TestMistakes runs it with one fault.
func TestConformance(t *testing.T) {
	name := os.Getenv(faultyEnv)
	if name == "" {
		name = "none"
	}
	getDocs, ok := faulty()[name]
	require.True(t, ok, name)
	connectortest.Run(t, shopKind(getDocs), market{})
}

func conform(t *testing.T, name string) string {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestConformance$", "-test.v")
	cmd.Env = append(os.Environ(), faultyEnv+"="+name)
	output, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(output)
}

// read is the sentence in which the suite names a mistake; where it comes more
// often, that of the line that is marked.
func read(t *testing.T, a area, m mistake, _ string) string {
	output := conform(t, m.name)
	place := fmt.Sprintf("%s:%d", a.file, marked(t, a.file, m.name))
	for line := range strings.Lines(output) {
		if strings.Contains(line, m.says) && strings.Contains(line, m.remedy) && strings.Contains(line, place) {
			_, sentence, _ := strings.Cut(strings.TrimSpace(line), ": ")
			sentence, _, _ = strings.Cut(sentence, "; found unexpected")
			return sentence
		}
	}
	t.Fatalf("nothing says %q at %s with the remedy %q:\n%s", m.says, place, m.remedy, output)
	return ""
}
