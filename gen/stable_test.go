package main_test

import (
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/apply"
	"github.com/tributary-search/tributary/gen/command"
	"github.com/tributary-search/tributary/gen/load"
)

// TestDeterminism proves that the output depends on nothing but the input:
// neither on the order of keys where it has no meaning, nor on the order of
// files, the folder, or the number of processors.
func TestDeterminism(t *testing.T) {
	for _, name := range []string{"all_fields", "rules", "shared_blocks", "registry_order"} {
		t.Run(name, func(t *testing.T) {
			in := input(t, os.DirFS(filepath.Join(cases, name)))
			want := generate(t, in)
			for seed := range uint64(4) {
				shuffled := shuffle(t, in, rand.New(rand.NewPCG(seed, 1)))
				equal(t, want, generate(t, reversed{shuffled}))
			}
			before := runtime.GOMAXPROCS(1)
			equal(t, want, generate(t, in))
			runtime.GOMAXPROCS(before)
		})
	}
}

func TestOtherFolder(t *testing.T) {
	in := synthetic(t, 3)
	want := generate(t, in)
	root := t.TempDir()
	require.NoError(t, os.CopyFS(root, in))
	t.Chdir(filepath.Join(root, "sources"))
	equal(t, want, generate(t, os.DirFS("..")))
}

// TestErrorsAreDeterministic proves the same of problems.
func TestErrorsAreDeterministic(t *testing.T) {
	for _, name := range []string{"bad_value", "depends", "rules_problems", "service_types"} {
		in := input(t, os.DirFS(filepath.Join(cases, name)))
		_, want, err := command.Generate(in)
		require.NoError(t, err)
		for range 20 {
			_, got, err := command.Generate(reversed{in})
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}

// TestIdempotence proves that the output, READMEs included, leads to itself.
func TestIdempotence(t *testing.T) {
	for _, name := range []string{"all_fields", "rules", "shared_blocks"} {
		in := input(t, os.DirFS(filepath.Join(cases, name)))
		want := generate(t, in)
		for name, content := range want {
			in[name] = &fstest.MapFile{Data: content}
		}
		equal(t, want, generate(t, in))
		plan, err := apply.Compare(in, want)
		require.NoError(t, err)
		require.Empty(t, plan.Problems)
	}
}

func equal(t *testing.T, want, got map[string][]byte) {
	t.Helper()
	require.Equal(t, sorted(want), sorted(got))
	for name := range want {
		require.Equal(t, string(want[name]), string(got[name]), name)
	}
}

// reversed lists files backwards.
type reversed struct{ fs.FS }

func (r reversed) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(r.FS, name)
	slices.Reverse(entries)
	return entries, err
}

func (r reversed) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(r.FS, pattern)
	slices.Reverse(names)
	return names, err
}

// shuffle changes the order of keys in every declaration, except below
// properties, where it is that of the form. allOf stays where it is: shared
// fields join at its place.
func shuffle(t *testing.T, in fstest.MapFS, r *rand.Rand) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for name, file := range in {
		out[name] = file
		if strings.HasSuffix(name, "/schema.json") {
			root, problems := load.JSON(&load.File{Name: name, Text: file.Data})
			require.Empty(t, problems)
			out[name] = &fstest.MapFile{Data: shuffled(nil, root, r, true)}
		}
	}
	return out
}

func shuffled(dst []byte, n *load.Node, r *rand.Rand, free bool) []byte {
	switch n.Kind {
	case load.Object:
		members := slices.Clone(n.Members)
		if free && n.Get("allOf") == nil {
			r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		}
		dst = append(dst, '{')
		for i, m := range members {
			if i > 0 {
				dst = append(dst, ",\n"...)
			}
			key, _ := json.Marshal(m.Key)
			dst = append(append(dst, key...), ':')
			dst = shuffled(dst, m.Value, r, m.Key != "properties" && m.Key != "$defs")
		}
		return append(dst, '}')
	case load.Array:
		dst = append(dst, '[')
		for i, item := range n.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = shuffled(dst, item, r, true)
		}
		return append(dst, ']')
	case load.String:
		text, _ := json.Marshal(n.Text)
		return append(dst, text...)
	}
	return append(dst, n.Text...)
}
