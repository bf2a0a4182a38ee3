package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func profileOf(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cover.out")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

const unit = `mode: atomic
github.com/tributary-search/tributary/runtime/job/sync.go:1.1,2.2 3 1
github.com/tributary-search/tributary/runtime/job/sync.go:3.1,4.2 1 0
github.com/tributary-search/tributary/runtime/job/sync.go:3.1,4.2 1 7
github.com/tributary-search/tributary/runtime/job/guard.go:1.1,2.2 4 0
github.com/tributary-search/tributary/sources/directory/directory.go:1.1,2.2 2 5
github.com/tributary-search/tributary/sources/directory/config_gen.go:1.1,2.2 9 0
github.com/tributary-search/tributary/sources/directory/fixture/fixture.go:1.1,2.2 9 0
github.com/tributary-search/tributary/sources/internal/sqldb/pool.go:1.1,2.2 1 1
github.com/tributary-search/tributary/sources/mysql/read.go:1.1,2.2 2 5
github.com/tributary-search/tributary/sources/mysql/read.go:3.1,4.2 2 0
github.com/tributary-search/tributary/sources/mysql/read.go:5.1,5.9 1 0
github.com/tributary-search/tributary/sources/mysql/read.go:9.1,9.2 1 0
github.com/tributary-search/tributary/sources/mysql/page.go:7.1,8.2 1 0
github.com/tributary-search/tributary/sources/mysql/wire/wire.go:1.1,2.2 3 0
`

const functional = `mode: set
github.com/tributary-search/tributary/sources/mysql/read.go:9.1,9.2 1 1
github.com/tributary-search/tributary/sources/mysql/wire/wire.go:1.1,2.2 3 1
`

func TestSharesByPackageAndSource(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run([]string{profileOf(t, unit), profileOf(t, functional)}, &out))
	require.Equal(t, `coverage by package
   50.0%  runtime/job
  100.0%  sources/internal/sqldb
   61.9%  in all
coverage by source
  100.0%  directory
   60.0%  mysql
          sources/mysql/page.go: 7-8
          sources/mysql/read.go: 3-5
`, out.String())
}

func TestOneSource(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run([]string{"-source", "mysql", profileOf(t, unit)}, &out))
	require.Equal(t, `coverage by source
   20.0%  mysql
          sources/mysql/page.go: 7-8
          sources/mysql/read.go: 3-5, 9
          sources/mysql/wire/wire.go: 1-2
`, out.String())
}

// The functional test runs what the source's own tests do not.
func TestTheGate(t *testing.T) {
	const poor = "mode: set\ngithub.com/tributary-search/tributary/sources/shop/shop.go:1.1,2.2 89 1\n" +
		"github.com/tributary-search/tributary/sources/shop/shop.go:3.1,4.2 10 0\ngithub.com/tributary-search/tributary/sources/shop/shop.go:5.1,6.2 1 0\n"
	const more = "mode: set\ngithub.com/tributary-search/tributary/sources/shop/shop.go:5.1,6.2 1 1\n"
	for _, args := range [][]string{{"-gate"}, {"-gate", "-source", "shop"}} {
		var out bytes.Buffer
		require.ErrorContains(t, run(append(args, profileOf(t, poor)), &out), "the tests of shop run less than 90 % of its statements: test the lines above")
		require.Contains(t, out.String(), "coverage by source\n   89.0%  shop\n          sources/shop/shop.go: 3-6\n")
		out.Reset()
		require.NoError(t, run(append(args, profileOf(t, poor), profileOf(t, more)), &out))
		require.Contains(t, out.String(), "coverage by source\n   90.0%  shop\n")
		require.NotContains(t, out.String(), "shop.go")
	}
	require.NoError(t, run([]string{profileOf(t, poor)}, &bytes.Buffer{}), "without -gate it only tells")
	require.ErrorContains(t, run([]string{"-source", "bank", profileOf(t, poor)}, &bytes.Buffer{}), `no statement of source "bank"`)
}

func TestWhatIsNoProfile(t *testing.T) {
	for _, text := range []string{"a b c\n", "a:1.1,2.2 x 1\n", "a:x.1,2.2 1 1\n"} {
		require.ErrorContains(t, run([]string{profileOf(t, text)}, &bytes.Buffer{}), "not a line of a profile", text)
	}
	require.ErrorContains(t, run(nil, &bytes.Buffer{}), "usage")
	require.Error(t, run([]string{filepath.Join(t.TempDir(), "none")}, &bytes.Buffer{}))
}
