package extract_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/extract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts an extraction service that answers like this.
func serve(t *testing.T, answer http.HandlerFunc) *extract.Extractor {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return &extract.Extractor{MaxSize: 1000, ServiceURL: server.URL + "/", HTTP: server.Client()}
}

func TestService(t *testing.T) {
	var got string
	var request *http.Request
	e := serve(t, func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		got, request = string(content), r
		_, _ = io.WriteString(w, `{"extracted_text": "the \"text\" of it \u00e9", "_meta": {}}`)
	})
	content := strings.Repeat("%PDF-1.7 ", 5000) // beyond MaxSize
	a, o := attach("a.pdf", content)
	field, text, err := e.Extract(t.Context(), a, []byte("old"))
	require.NoError(t, err)
	require.Equal(t, extract.Body, field)
	require.Equal(t, `the "text" of it é`, string(text))
	require.Equal(t, 1, o.closes)
	require.Equal(t, content, got)
	require.Equal(t, http.MethodPut, request.Method)
	require.Equal(t, "/extract_text/", request.URL.Path)
	require.Equal(t, "application/octet-stream", request.Header.Get("Content-Type"))
	require.Equal(t, "application/json", request.Header.Get("Accept"))

	request = nil
	b, _ := attach("a.txt", "text")
	field, _, err = e.Extract(t.Context(), b, nil)
	require.NoError(t, err)
	require.Equal(t, extract.Body, field)
	require.Nil(t, request, "text needs no service")
}

func TestServiceAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		body, text string
		failure    string
	}{
		"text":                {200, `{"extracted_text":"t"}`, "t", ""},
		"no text":             {200, `{"extracted_text":""}`, "", ""},
		"says no":             {200, `{"error":"unprocessable","message":"encrypted"}`, "", ""},
		"can't read it":       {422, `{"error":"unprocessable","message":"encrypted"}`, "", ""},
		"does not know it":    {415, ``, "", ""},
		"broken unicode":      {200, "{\"extracted_text\":\"a\xffb\"}", "a\ufffdb", ""},
		"no json":             {200, `<html>`, "", "not the JSON"},
		"nothing":             {200, ``, "", "not the JSON"},
		"too much":            {200, `{"extracted_text":"` + strings.Repeat("x", 41<<20) + `"}`, "", "larger than"},
		"broken":              {500, `{"error":"boom","message":"out of memory"}`, "", "500 Internal Server Error (boom: out of memory)"},
		"broken, no words":    {502, `<html>`, "", "502 Bad Gateway; see"},
		"broken, only a word": {503, `{"error":"busy"}`, "", "(busy)"},
		"broken, many words":  {503, `{"message":"` + strings.Repeat("é", 400) + `"}`, "", "é…)"},
		"not there":           {404, ``, "", "404 Not Found"},
		"no right":            {401, ``, "", "401 Unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			e := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			a, o := attach("a.pdf", "%PDF")
			field, text, err := e.Extract(t.Context(), a, nil)
			require.Equal(t, 1, o.closes)
			require.Equal(t, c.text, string(text))
			require.Equal(t, c.text != "", field == extract.Body)
			if c.failure == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.failure)
			require.ErrorContains(t, err, "extraction service "+strings.TrimSuffix(e.ServiceURL, "/")+": ")
		})
	}
}

func TestServiceFaults(t *testing.T) {
	drop := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	half := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"extracted_text":"`)
	}
	for name, answer := range map[string]http.HandlerFunc{"drop": drop, "half": half} {
		t.Run(name, func(t *testing.T) {
			a, _ := attach("a.pdf", "%PDF")
			field, _, err := serve(t, answer).Extract(t.Context(), a, nil)
			require.ErrorContains(t, err, "extraction service")
			require.Empty(t, field)
		})
	}
	t.Run("down", func(t *testing.T) {
		a, _ := attach("a.pdf", "%PDF")
		_, _, err := (&extract.Extractor{ServiceURL: "http://127.0.0.1:1"}).Extract(t.Context(), a, nil)
		require.ErrorContains(t, err, "extraction service http://127.0.0.1:1")
	})
	for _, address := range []string{"http://[::1", "http://me:s3cret@127.0.0.1:1", "http://me:s3cret@127.0.0.1:x"} {
		t.Run(address, func(t *testing.T) {
			a, _ := attach("a.pdf", "%PDF")
			_, _, err := (&extract.Extractor{ServiceURL: address}).Extract(t.Context(), a, nil)
			require.ErrorContains(t, err, "extraction service")
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}

func TestServiceWithinTime(t *testing.T) {
	release := make(chan struct{})
	e := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-release
	})
	defer close(release)
	a, _ := attach("a.pdf", "%PDF")

	client := *e.HTTP
	client.Timeout = 20 * time.Millisecond
	slow := *e
	slow.HTTP = &client
	_, _, err := slow.Extract(t.Context(), a, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, _, err = e.Extract(ctx, a, nil)
	require.ErrorIs(t, err, context.Canceled)
}

// TestServiceWithBrokenContent: what went wrong with the file is said, not what
// became of the request.
func TestServiceWithBrokenContent(t *testing.T) {
	broken := errors.New("changed while being read")
	e := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	a := &connector.Attachment{Name: "a.pdf", Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("begin"), iotest.ErrReader(broken))), nil
	}}
	_, _, err := e.Extract(t.Context(), a, nil)
	require.Equal(t, broken, err)

	early := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestEntityTooLarge) })
	endless := &connector.Attachment{Name: "a.pdf", Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(zeros{}), nil
	}}
	_, _, err = early.Extract(t.Context(), endless, nil)
	require.Error(t, err, "an answer before the end of the content ends the reading")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestServiceRedirects: content goes to the configured service or nowhere, and
// no other host's answer is taken for its text.
func TestServiceRedirects(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		asked := 0
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			_, _ = io.WriteString(w, `{"extracted_text": "of another host"}`)
		}))
		e := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			http.Redirect(w, r, other.URL+"/extract_text/", status)
		})
		a, _ := attach("a.pdf", "%PDF-1.7")
		_, text, err := e.Extract(t.Context(), a, nil)
		require.ErrorContains(t, err, "extraction_service.host")
		require.Empty(t, text)
		require.Zero(t, asked, status)
		other.Close()
	}
}
