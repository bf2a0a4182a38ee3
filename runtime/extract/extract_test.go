package extract_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/extract"
)

// opened counts what was done with an attachment.
type opened struct{ opens, closes, read int }

// attach makes an attachment of a name and content.
func attach(name, content string) (*connector.Attachment, *opened) {
	o := &opened{}
	return &connector.Attachment{
		Name: name, Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) {
			o.opens++
			return closer{iotest.OneByteReader(strings.NewReader(content)), o}, nil
		},
	}, o
}

type closer struct {
	io.Reader
	o *opened
}

func (c closer) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.o.read += n
	return n, err
}

func (c closer) Close() error {
	c.o.closes++
	return nil
}

func wide(order binary.AppendByteOrder, mark bool, text string) string {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xFEFF)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

func TestEncodings(t *testing.T) {
	const text = "Grüße an alle: 5 € für Zoë, 😀\n"
	long := strings.Repeat(text, 400)
	little, big := binary.LittleEndian, binary.BigEndian
	for name, c := range map[string]struct{ content, want string }{
		"ascii":                        {"plain\ttext\r\n", "plain\ttext\r\n"},
		"utf-8":                        {text, text},
		"utf-8 with mark":              {"\xef\xbb\xbf" + text, text},
		"mark alone":                   {"\xef\xbb\xbf", ""},
		"utf-8 long":                   {long, long},
		"utf-8 cut at the head":        {strings.Repeat("x", 4095) + "é" + text, strings.Repeat("x", 4095) + "é" + text},
		"utf-8 with one broken byte":   {"größer\xff und größer", "größer\ufffd und größer"},
		"utf-8 broken far behind":      {long + "\xff", long + "\ufffd"},
		"marked utf-8, broken":         {"\xef\xbb\xbfabc\xff", "abc\ufffd"},
		"utf-16 le with mark":          {wide(little, true, text), text},
		"utf-16 be with mark":          {wide(big, true, text), text},
		"utf-16 le":                    {wide(little, false, "plain text"), "plain text"},
		"utf-16 be":                    {wide(big, false, "plain text"), "plain text"},
		"utf-16 le long":               {wide(little, false, long), long},
		"utf-16 with half a character": {wide(little, true, "ab") + "c", "ab\ufffd"},
		"utf-16 with half a pair":      {wide(little, true, "ab") + "\x3d\xd8", "ab\ufffd"},
		"utf-16 with a broken pair":    {wide(little, true, "ab") + "\x3d\xd8c\x00", "ab\ufffdc"},
		"latin-1":                      {"Gr\xfc\xdfe", "Grüße"},
		"latin-1 far behind":           {strings.Repeat("x", 5000) + "\xfc", strings.Repeat("x", 5000) + "ü"},
		"windows-1252":                 {"\x93Ja\x94 \x96 5 \x80", "“Ja” – 5 €"},
		"terminal colours":             {"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"},
		"few controls":                 {strings.Repeat("line\n", 20) + "\x01", strings.Repeat("line\n", 20) + "\x01"},
		"nul far behind":               {strings.Repeat("x", 5000) + "\x00", strings.Repeat("x", 5000) + "\x00"},

		"empty":              {"", ""},
		"nul":                {"text\x00text", ""},
		"controls":           {"\x01\x02\x03\x04", ""},
		"elf":                {"\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9), ""},
		"png":                {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ""},
		"utf-32":             {"\xff\xfe\x00\x00a\x00\x00\x00", ""},
		"undefined in 1252":  {"caf\xe9 \x81", ""},
		"latin-1 controls":   {"caf\xe9 \x02", ""},
		"zeros here, there":  {"a\x00b\x00\x00c\x00d", ""},
		"utf-16 of controls": {"\x01\x00\x02\x00\x03\x00", ""},
		"large binary":       {strings.Repeat("\x00\x01\x02", 9000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, o := attach("file", c.content)
			e := &extract.Extractor{MaxSize: extract.DefaultMaxSize}
			field, content, err := e.Extract(t.Context(), a, []byte("old"))
			require.NoError(t, err)
			require.Equal(t, c.want, string(content))
			require.Equal(t, c.want != "", field == extract.Body)
			require.Equal(t, 1, o.closes)
		})
	}
}

func TestBinaryIsNotReadToItsEnd(t *testing.T) {
	a, o := attach("file", strings.Repeat("\x00\x01\x02", 100_000))
	e := &extract.Extractor{MaxSize: extract.DefaultMaxSize}
	field, _, err := e.Extract(t.Context(), a, nil)
	require.NoError(t, err)
	require.Empty(t, field)
	require.Less(t, o.read, 10_000)
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		name, media string
		opens       int
	}{
		{"Makefile", "", 1}, {"main.go", "", 1}, {"a.unknown", "", 1}, {"page.html", "text/html", 1}, {"a.svg", "image/svg+xml", 1},
		{"a.ts", "", 1}, {"a", "text/plain; charset=utf-8", 1}, {"a", "application/json", 1}, {"a", "application/octet-stream", 1}, {"a.", "", 1},
		{"a.png", "", 0}, {"a.PNG", "", 0}, {"a.tar.gz", "", 0}, {"a", "image/png", 0}, {"a", "Video/MP4; x=y", 0}, {"a", "application/zip", 0},
		{"a.pdf", "", 0}, {"a.DOCX", "", 0}, {"a", "application/pdf", 0}, {"a", "application/vnd.ms-excel", 0}, {"a", "application/vnd.ms-fontobject", 1},
		{"a", "application/vnd.oasis.opendocument.text", 0}, {"a", "application/msword", 0},
	} {
		a, o := attach(c.name, "text")
		a.MediaType = c.media
		e := &extract.Extractor{MaxSize: extract.DefaultMaxSize}
		field, content, err := e.Extract(t.Context(), a, nil)
		require.NoError(t, err)
		require.Equal(t, c.opens, o.opens, "%s %s", c.name, c.media)
		require.Equal(t, c.opens == 1, field == extract.Body)
		require.Equal(t, c.opens == 1, string(content) == "text")
	}
}

func TestSizeLimit(t *testing.T) {
	for _, name := range []string{"a.txt", "a.pdf"} {
		for _, stated := range []int64{-1, 0, 3, 4, 5, 1 << 40} {
			for _, content := range []string{"1234", "12345"} {
				a, o := attach(name, content)
				a.Size = stated
				e := &extract.Extractor{MaxSize: 4, Attachment: true}
				field, got, err := e.Extract(t.Context(), a, nil)
				require.NoError(t, err)
				require.Equal(t, len(content) <= 4 && stated <= 4, field != "", "what is read counts, and what is stated spares reading")
				require.Equal(t, field == "", len(got) == 0)
				require.LessOrEqual(t, o.read, 5)
				require.Equal(t, o.opens, o.closes)
			}
		}
	}
	a, _ := attach("a.txt", "1")
	field, _, err := (&extract.Extractor{}).Extract(t.Context(), a, nil)
	require.NoError(t, err)
	require.Empty(t, field)
}

// TestNoSizeLimit has the largest number as its limit.
func TestNoSizeLimit(t *testing.T) {
	for name, field := range map[string]string{"a.txt": extract.Body, "a.pdf": extract.Attachment} {
		a, _ := attach(name, "content")
		got, _, err := (&extract.Extractor{MaxSize: math.MaxInt64, Attachment: true}).Extract(t.Context(), a, nil)
		require.NoError(t, err)
		require.Equal(t, field, got)
	}
}

func TestAttachmentForPipelines(t *testing.T) {
	content := strings.Repeat("\x00\x01binary", 5000)
	a, _ := attach("a.pdf", content)
	e := &extract.Extractor{MaxSize: extract.DefaultMaxSize, Attachment: true}
	field, got, err := e.Extract(t.Context(), a, []byte("old"))
	require.NoError(t, err)
	require.Equal(t, extract.Attachment, field)
	require.Equal(t, base64.StdEncoding.EncodeToString([]byte(content)), string(got))

	for name, want := range map[string]string{"a.txt": extract.Body, "a.png": "", "empty.pdf": ""} {
		text := "text"
		if name == "empty.pdf" {
			text = ""
		}
		a, _ := attach(name, text)
		field, _, err := e.Extract(t.Context(), a, nil)
		require.NoError(t, err)
		require.Equal(t, want, field, name)
	}
}

func TestErrors(t *testing.T) {
	broken := errors.New("device error")
	canceled := errors.New("stopped by a test")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(canceled)
	for _, name := range []string{"a.txt", "a.pdf"} {
		e := &extract.Extractor{MaxSize: extract.DefaultMaxSize, Attachment: true}
		buf := make([]byte, 0, 1<<16)

		a := &connector.Attachment{Name: name, Open: func(context.Context) (io.ReadCloser, error) { return nil, broken }}
		field, content, err := e.Extract(t.Context(), a, buf)
		require.ErrorIs(t, err, broken)
		require.Empty(t, field)
		require.Equal(t, cap(buf), cap(content), "the buffer comes back")

		a.Open = func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("begin"), iotest.ErrReader(broken))), nil
		}
		field, content, err = e.Extract(t.Context(), a, buf)
		require.ErrorIs(t, err, broken)
		require.Empty(t, field)
		require.Empty(t, content)

		b, o := attach(name, strings.Repeat("x", 100_000))
		_, _, err = e.Extract(ctx, b, buf)
		require.ErrorIs(t, err, canceled)
		require.Less(t, o.read, 100_000)
		require.Equal(t, 1, o.closes)
	}
}

func TestBufferIsReused(t *testing.T) {
	e := &extract.Extractor{MaxSize: extract.DefaultMaxSize}
	var buf []byte
	for range 3 {
		a, _ := attach("a", strings.Repeat("x", 9000))
		_, content, err := e.Extract(t.Context(), a, buf)
		require.NoError(t, err)
		require.Len(t, content, 9000)
		if buf != nil {
			require.Equal(t, cap(buf), cap(content))
		}
		buf = content
	}
}

func TestIdentity(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range []extract.Extractor{
		{}, {MaxSize: 1}, {MaxSize: 2}, {MaxSize: 2, ServiceURL: "http://a"}, {MaxSize: 2, Attachment: true},
	} {
		seen[string(e.Identity())] = true
	}
	require.Len(t, seen, 5)
	one, other := extract.Extractor{ServiceURL: "http://a"}, extract.Extractor{ServiceURL: "http://b"}
	require.True(t, bytes.Equal(one.Identity(), other.Identity()), "where the service runs does not shape the text")
}
