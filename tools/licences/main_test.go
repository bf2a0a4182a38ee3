package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// program is a module whose program links one other, which lies beside it as
// in a module cache.
func program(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                 "module example.com/program\n\ngo 1.26\n\nrequire example.com/lib v1.2.3 // the protocol of shops\n\nreplace example.com/lib => ./cache/lib\n",
		"main.go":                "package main\n\nimport _ \"example.com/lib/wire\"\n\nfunc main() {}\n",
		"cache/lib/go.mod":       "module example.com/lib\n\ngo 1.26\n",
		"cache/lib/lib.go":       "package lib\n",
		"cache/lib/wire/wire.go": "package wire\n",
	} {
		write(t, filepath.Join(root, name), text)
	}
	for name, text := range files {
		write(t, filepath.Join(root, "cache/lib", name), text)
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

const mit = `The MIT License (MIT)

Copyright (c) 2019 The shops

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

func TestAnAcceptedLicence(t *testing.T) {
	root := program(t, map[string]string{"LICENSE": mit, "NOTICE": "Shops were made by many.\n"})
	require.ErrorContains(t, run(root, true), "NOTICE is out of date; run make docs")
	require.NoError(t, run(root, false))
	require.NoError(t, run(root, true))
	notice, err := os.ReadFile(filepath.Join(root, "NOTICE"))
	require.NoError(t, err)
	require.Contains(t, string(notice), "example.com/lib v1.2.3 (MIT)\n    Copyright (c) 2019 The shops\n")
	require.Contains(t, string(notice), "Notice of example.com/lib\n\nShops were made by many.\n")
	require.Contains(t, string(notice), "Licence of example.com/lib\n\nThe MIT License (MIT)\n")
	table, err := os.ReadFile(filepath.Join(root, "docs/dependencies.md"))
	require.NoError(t, err)
	require.Contains(t, string(table), "| `example.com/lib` | MIT | yes | the protocol of shops |\n")
}

func TestRefusedLicences(t *testing.T) {
	gpl := "GNU GENERAL PUBLIC LICENSE Version 2, June 1991\n\nThis program is free software; you can redistribute it and/or modify it under the terms of the GNU General Public License as published by the Free Software Foundation; either version 2 of the License, or (at your option) any later version.\n\nThis program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.\n"
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"GPL":                 {map[string]string{"COPYING": gpl}, "example.com/lib v1.2.3 is under GPL-2.0"},
		"GPL of one package":  {map[string]string{"LICENSE": mit, "wire/LICENSE.txt": gpl}, "is under GPL-2.0"},
		"none":                {nil, "has no licence: it must not be used"},
		"a text of their own": {map[string]string{"LICENSE.md": "Do what you like on Tuesdays, but never tell anybody about it.\n"}, "not recognised (LICENSE.md)"},
	} {
		t.Run(name, func(t *testing.T) {
			root := program(t, c.files)
			require.ErrorContains(t, run(root, false), c.says)
			require.NoFileExists(t, filepath.Join(root, "NOTICE"))
		})
	}
}

// What is linked nowhere binds nobody.
func TestAPackageThatIsNotLinked(t *testing.T) {
	root := program(t, map[string]string{"LICENSE": mit, "other/LICENSE": "Ask first.\n", "other/other.go": "package other\n"})
	require.NoError(t, run(root, false))
}

func TestAModuleOfTestsAlone(t *testing.T) {
	root := program(t, map[string]string{"LICENSE": mit})
	write(t, filepath.Join(root, "main.go"), "package main\n\nfunc main() {}\n")
	write(t, filepath.Join(root, "main_test.go"), "package main\n\nimport _ \"example.com/lib\"\n")
	require.NoError(t, run(root, false))
	notice, err := os.ReadFile(filepath.Join(root, "NOTICE"))
	require.NoError(t, err)
	require.NotContains(t, string(notice), "example.com/lib")
	table, err := os.ReadFile(filepath.Join(root, "docs/dependencies.md"))
	require.NoError(t, err)
	require.Contains(t, string(table), "| `example.com/lib` | MIT | no | the protocol of shops |\n")
}
