package extract_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tributary-search/tributary/runtime/extract"
)

// FuzzText: whatever the content, what comes out is valid UTF-8, and UTF-8
// text comes out as it went in.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"", "plain", "Gr\xfc\xdfe", "\xef\xbb\xbfmarked", "\xff\xfea\x00", "\xfe\xff\x00a", "a\x00b\x00", "\xff\xfe\x00\x00",
		wide(binary.LittleEndian, true, "😀"), "\x3d\xd8\x00", strings.Repeat("é", 3000), "a" + strings.Repeat("é", 3000), "\xf0\x9f\x98",
	} {
		f.Add([]byte(seed))
	}
	e := &extract.Extractor{MaxSize: extract.DefaultMaxSize}
	f.Fuzz(func(t *testing.T, in []byte) {
		a, o := attach("file", string(in))
		field, out, err := e.Extract(t.Context(), a, nil)
		switch {
		case err != nil:
			t.Fatal(err)
		case !utf8.Valid(out):
			t.Fatalf("%q became %q", in, out)
		case (field == "") != (len(out) == 0):
			t.Fatalf("field %q with %d bytes", field, len(out))
		case o.closes != 1:
			t.Fatalf("closed %d times", o.closes)
		case field != "" && utf8.Valid(in) && isPlain(in) && string(out) != strings.TrimPrefix(string(in), "\ufeff"):
			t.Fatalf("%q became %q", in, out)
		}
	})
}

// isPlain reports content without the zeros by which UTF-16 is recognised.
func isPlain(in []byte) bool {
	return !strings.Contains(string(in), "\x00")
}
