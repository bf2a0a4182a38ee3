//go:build darwin || linux

package directory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/directory"
)

// site is a root with a public file, beside what must never be read.
type site struct{ base, root, outside string }

func (s site) in(name string) string { return filepath.Join(s.root, name) }

// links makes links in the root, given as pairs of a name and a target.
func links(pairs ...string) func(site) error {
	return func(s site) error {
		var errs []error
		for i := 0; i < len(pairs); i += 2 {
			target := strings.NewReplacer("{outside}", s.outside, "{root}", s.root, "{base}", s.base).Replace(pairs[i+1])
			errs = append(errs, os.MkdirAll(filepath.Dir(s.in(pairs[i])), 0o755), os.Symlink(target, s.in(pairs[i])))
		}
		return errors.Join(errs...)
	}
}

// files makes files whose names are odd; a file system that refuses one has no
// such files.
func files(names ...string) func(site) error {
	return func(s site) error {
		for _, name := range names {
			if err := os.WriteFile(s.in(name), []byte("public"), 0o600); err != nil && !refusedName(err) {
				return err
			}
		}
		return nil
	}
}

func refusedName(err error) bool {
	return errors.Is(err, unix.EILSEQ) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENAMETOOLONG)
}

// device makes a device; only the superuser can.
func device(name string, kind uint32, number int) func(site) error {
	return func(s site) error {
		if err := unix.Mknod(s.in(name), kind|0o600, number); !errors.Is(err, unix.EPERM) {
			return err
		}
		return nil
	}
}

// escape is one way out of a root, or to make a sync hang or fall.
type escape struct {
	name   string
	build  func(site) error
	fields string // more of the configuration
	rules  string
	// during is done to the tree while it is read, at the first document, and
	// before contents are opened.
	during func(site) error
	// documents is how many there are at least, that of plain.txt included,
	// with links followed and without.
	documents int
}

var escapes = []escape{
	{name: "absolute link to a directory", build: links("out", "{outside}"), documents: 1},
	{name: "absolute link to a file", build: links("out.txt", "{outside}/secret.txt"), documents: 1},
	{name: "relative link to a directory", build: links("out", "../outside"), documents: 1},
	{name: "relative link to a file", build: links("out.txt", "../outside/secret.txt"), documents: 1},
	{name: "link from deep below", build: links("a/b/c/out", "../../../../outside"), documents: 1},
	{name: "link that goes out and comes back", build: links("back.txt", "../root/plain.txt"), documents: 1},
	{name: "absolute link to the root's own file", build: links("self.txt", "{root}/plain.txt"), documents: 1},
	{name: "link through a name that is no directory", build: links("x", "plain.txt/../../outside/secret.txt"), documents: 1},
	{name: "link with many dots", build: links("x", "./././.././outside/./secret.txt"), documents: 1},
	{name: "link with doubled slashes", build: links("x", "..//outside//secret.txt"), documents: 1},
	{name: "link with a slash at its end", build: links("x", "../outside/"), documents: 1},
	{name: "chain of links that ends outside", build: links("1", "2", "2", "3", "3", "../outside/secret.txt"), documents: 1},
	{name: "chain of directories that ends outside", build: links("d/1", "../2", "2", "../outside"), documents: 1},
	{name: "chain of 100 links", build: func(s site) error {
		for i := range 100 {
			if err := os.Symlink(fmt.Sprint("l", i+1), s.in(fmt.Sprint("l", i))); err != nil {
				return err
			}
		}
		return os.Symlink("../outside/secret.txt", s.in("l100"))
	}, documents: 1},
	{name: "link through a link to a parent", build: links("up", "..", "x", "up/outside/secret.txt"), documents: 1},
	{name: "link to itself", build: links("self", "self"), documents: 1},
	{name: "two links to each other", build: links("a", "b", "b", "a"), documents: 1},
	{name: "loop through directories", build: links("a/b/up", "../..", "a/c", "b"), documents: 1},
	{name: "link to its own directory", build: links("here", ".", "d/here", "."), documents: 1},
	{name: "link to the parent of the root", build: links("up", ".."), documents: 1},
	{name: "link to the root of the file system", build: links("fs", "/"), documents: 1},
	{name: "link that climbs above everything", build: links("x", strings.Repeat("../", 60)+"etc/passwd"), documents: 1},
	{name: "link to /etc/passwd", build: links("x", "/etc/passwd"), documents: 1},
	{name: "link to /proc/self/environ", build: links("x", "/proc/self/environ"), documents: 1},
	{name: "link to /proc/self/root", build: links("x", "/proc/self/root"), documents: 1},
	{name: "link to /proc/self/cwd", build: links("x", "/proc/self/cwd"), documents: 1},
	{name: "link to /proc/self/fd", build: links("x", "/proc/self/fd", "y", "/proc/self/fd/0"), documents: 1},
	{name: "link to /proc/kmsg", build: links("x", "/proc/kmsg"), documents: 1},
	{name: "link to /dev/zero", build: links("x", "/dev/zero", "y", "/dev/stdin", "z", "/dev/tty"), documents: 1},
	{name: "link to a FIFO outside", build: func(s site) error {
		return errors.Join(unix.Mkfifo(filepath.Join(s.base, "pipe"), 0o600), os.Symlink("../pipe", s.in("x")))
	}, documents: 1},
	{name: "link to a FIFO within", build: func(s site) error {
		return errors.Join(unix.Mkfifo(s.in("pipe"), 0o600), os.Symlink("pipe", s.in("x")))
	}, documents: 1},
	{name: "empty target", build: links("x", "."), documents: 1},
	{name: "dangling links", build: links("x", "nowhere", "y", "../nowhere", "z", "/nowhere"), documents: 1},
	{name: "target of 4,000 bytes", build: links("x", strings.Repeat("a/../", 800)+"plain.txt"), documents: 1},
	{name: "target of an unknown user", build: links("x", "~/secret.txt", "y", "~root"), documents: 1},
	{name: "target that looks like an address", build: links("x", "file:///etc/passwd", "y", "\\\\server\\share"), documents: 1},
	{name: "FIFO", build: func(s site) error { return unix.Mkfifo(s.in("pipe"), 0o600) }, documents: 1},
	{name: "character device", build: device("zero", unix.S_IFCHR, 1<<8|5), documents: 1},
	{name: "block device", build: device("disk", unix.S_IFBLK, 8<<8), documents: 1},
	{name: "huge sparse file", build: func(s site) error {
		return errors.Join(os.WriteFile(s.in("sparse.txt"), nil, 0o600), os.Truncate(s.in("sparse.txt"), 1<<42))
	}, documents: 2},
	{name: "names with line breaks and control characters", build: files("a\nb.txt", "c\rd.txt", "e\x1b[31m.txt", "\x01\x02", "tab\t.txt"), documents: 6},
	{name: "names that are no UTF-8", build: files("\xff\xfe.txt", "caf\xe9", "\xc3\x28"), documents: 1},
	{name: "names of 255 bytes", build: files(strings.Repeat("n", 255), strings.Repeat("é", 127)), documents: 2},
	{name: "names that begin with dashes", build: files("-rf", "--help", "-", "--"), documents: 5},
	{name: "names that look like ways out", build: files("...", "..txt", "..\\outside\\secret.txt", "%2e%2e%2foutside", ". .", " "), documents: 7},
	{name: "names that are patterns", build: files("*", "**", "[a", "{a,b}", "?", "\\"), documents: 7},
	{name: "names that turn the direction of writing", build: files("\u202egpj.exe", "\u2066x", "a\u200bb"), documents: 4},
	{name: "names that differ by case", build: files("Case.txt", "case.txt", "CASE.TXT"), documents: 2},
	{name: "names that differ by normalisation", build: files("caf\u00e9.txt", "cafe\u0301.txt"), documents: 2},
	{name: "names of devices elsewhere", build: files("CON", "NUL.txt", "COM1", "a:b"), documents: 5},
	{name: "200 directories deep", build: func(s site) error {
		deep := s.root + strings.Repeat("/d", 200)
		return errors.Join(os.MkdirAll(deep, 0o755), os.WriteFile(deep+"/f", []byte("public"), 0o600))
	}, documents: 2},
	{name: "a path longer than the system takes", build: func(s site) error {
		at, err := os.OpenRoot(s.root)
		for i := 0; i < 20 && err == nil; i++ { // 20 times 250 bytes
			name := strings.Repeat("p", 250)
			var next *os.Root
			if err = at.Mkdir(name, 0o755); err == nil {
				next, err = at.OpenRoot(name)
			}
			_ = at.Close()
			at = next
		}
		if err == nil {
			err = errors.Join(at.WriteFile("deep.txt", []byte("public"), 0o600), at.Close())
		}
		return err
	}, documents: 1},
	{name: "no permission", build: func(s site) error {
		return errors.Join(os.Mkdir(s.in("closed"), 0), os.WriteFile(s.in("shut.txt"), []byte("public"), 0))
	}, documents: 2},
	{name: "pattern that climbs", fields: `"pattern":"../outside/*\n**/*"`, documents: 1},
	{name: "pattern that is absolute", fields: `"pattern":"/etc/*\n**/*"`, documents: 1},
	{name: "pattern with dots within", fields: `"pattern":"a/../../outside/**\n**/*"`, documents: 1},
	{name: "patterns of a climb in braces", fields: `"pattern":"{..,.}/{outside,.}/**\n**/*"`, documents: 1},
	{name: "rule that climbs", rules: `[{"pattern":"../outside/**"},{"pattern":"**/../../outside/*"},{"pattern":"*"}]`, documents: 1},
	{name: "rule that is absolute", rules: `[{"pattern":"/etc/passwd"},{"pattern":"*"}]`, documents: 1},
	{name: "exclude that climbs", fields: `"exclude":"../**\n/etc"`, documents: 1},
	{name: "the file becomes a link out", during: swapFor("plain.txt", links("plain.txt", "../outside/secret.txt")), documents: 1},
	{name: "the file becomes a link to a device", during: swapFor("plain.txt", links("plain.txt", "/dev/zero")), documents: 1},
	{name: "the file becomes a FIFO", during: swapFor("plain.txt", func(s site) error { return unix.Mkfifo(s.in("plain.txt"), 0o600) }), documents: 1},
	{name: "the file becomes a directory", during: swapFor("plain.txt", func(s site) error { return os.Mkdir(s.in("plain.txt"), 0o755) }), documents: 1},
	{name: "the file becomes a hard link to another", during: swapFor("plain.txt", func(s site) error {
		return os.Link(filepath.Join(s.outside, "secret.txt"), s.in("plain.txt"))
	}), documents: 1},
	{name: "the file grows", during: func(s site) error { return os.WriteFile(s.in("plain.txt"), []byte("public and more"), 0o600) }, documents: 1},
	{name: "the file shrinks", during: func(s site) error { return os.Truncate(s.in("plain.txt"), 1) }, documents: 1},
	{name: "the root becomes a link out", during: func(s site) error {
		return errors.Join(os.Rename(s.root, s.root+".old"), os.Symlink(s.outside, s.root))
	}, documents: 1},
	{name: "the root becomes another directory", during: func(s site) error {
		return errors.Join(os.Rename(s.root, s.root+".old"), os.Rename(s.outside, s.root))
	}, documents: 1},
	{name: "the root is removed", during: func(s site) error { return os.RemoveAll(s.root) }, documents: 1},
	{name: "a directory above becomes a link", during: func(s site) error {
		return errors.Join(os.Rename(s.base, s.base+".old"), os.Symlink(filepath.Join(s.base+".old", "outside"), s.base))
	}, documents: 1},
	{name: "the directory of a file becomes a link out", build: func(s site) error {
		return errors.Join(os.Mkdir(s.in("d"), 0o755), os.WriteFile(s.in("d/secret.txt"), []byte("public"), 0o600))
	}, during: swapFor("d", links("d", "../outside")), documents: 1},
}

// swapFor moves what is there out of the way first.
func swapFor(name string, build func(site) error) func(site) error {
	return func(s site) error {
		return errors.Join(os.Rename(s.in(name), filepath.Join(s.base, "moved-"+filepath.Base(name))), build(s))
	}
}

// TestEscapes: none of these leads out of the root, blocks, or makes a sync
// panic.
func TestEscapes(t *testing.T) {
	require.GreaterOrEqual(t, len(escapes), 50)
	for _, e := range escapes {
		for _, more := range []string{"", follow} {
			t.Run(e.name+"/"+more, func(t *testing.T) { e.try(t, more) })
		}
	}
}

func (e escape) try(t *testing.T, more string) {
	top := t.TempDir()
	s := site{base: filepath.Join(top, "base")}
	s.root, s.outside = filepath.Join(s.base, "root"), filepath.Join(s.base, "outside")
	write(t, s.base, map[string]string{"outside/secret.txt": "secret", "root/plain.txt": "public"})
	t.Cleanup(func() { _ = os.Chmod(s.in("closed"), 0o700) })
	if e.build != nil {
		require.NoError(t, e.build(s))
	}
	fields := strings.Trim(e.fields+","+more, ",")
	source := open(t, s.root, fields)
	docs, err := e.read(t, s, source)
	var unread *directory.UnreadError
	require.True(t, err == nil || errors.As(err, &unread), "%v", err)
	require.GreaterOrEqual(t, len(docs), e.documents)
	for _, d := range docs {
		if d.Attachment == nil {
			continue
		}
		text, err := content(t, d)
		require.True(t, err != nil || text == "public", "%q", text)
	}
}

// read returns the documents of all files. Their paths must lie below the root.
func (e escape) read(t *testing.T, s site, source *directory.Source) (docs []connector.Document, err error) {
	err = source.GetDocs(t.Context(), connector.Filter{AdvancedRules: json.RawMessage(e.rules)}, func(d connector.Document) error {
		if len(docs) == 0 && e.during != nil {
			require.NoError(t, e.during(s))
		}
		if d.Err != nil { // a file that can't be looked at
			return nil
		}
		path := fields(t, d)["path"].(string)
		require.True(t, strings.HasPrefix(path, s.root+"/"), path)
		require.False(t, strings.HasPrefix(filepath.Clean(path), s.outside), path)
		docs = append(docs, d)
		return nil
	})
	return docs, err
}

// TestHardLinksAreFiles: a hard link has no target that could be told from
// itself, so what another user links into the root is read. Whoever can make one
// needs to own the file or to read and write it, where the system protects hard
// links.
func TestHardLinksAreFiles(t *testing.T) {
	base := t.TempDir()
	root := filepath.Join(base, "root")
	write(t, base, map[string]string{"outside/other.txt": "other", "root/plain.txt": "public"})
	require.NoError(t, os.Link(filepath.Join(base, "outside", "other.txt"), filepath.Join(root, "linked.txt")))
	docs, err := read(t, open(t, root, ""), root, "")
	require.NoError(t, err)
	text, err := content(t, docs["linked.txt"])
	require.NoError(t, err)
	require.Equal(t, "other", text)
	require.EqualValues(t, 2, fields(t, docs["linked.txt"])["number_of_links"])
}
