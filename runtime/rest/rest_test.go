package rest_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// api is a server with one handler, and what it was asked.
type api struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
}

func serve(t *testing.T, handler http.HandlerFunc) *api {
	a := &api{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.asked = append(a.asked, r)
		a.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *api) requests() []*http.Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asked)
}

// inTurn answers the first request with the first handler, and so on; the last
// one answers all that follow.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := handlers[min(n, len(handlers)-1)]
		n++
		mu.Unlock()
		h(w, r)
	}
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, text)
	}
}

// cut announces more than it sends and closes the connection.
func cut(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		_, _ = io.WriteString(w, text)
		panic(http.ErrAbortHandler)
	}
}

func deps(t *testing.T) connector.Deps {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return connector.Deps{HTTP: &http.Client{Transport: transport}, Log: slog.New(slog.DiscardHandler), Now: time.Now}
}

func client(t *testing.T, o rest.Options) *rest.Client {
	if o.Retry.Base == 0 {
		o.Retry.Base = time.Millisecond
	}
	c, err := rest.New(deps(t), o)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestWhatPassesIsRepeated(t *testing.T) {
	good := says(`{"n":7}`)
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		asked   int
		err     string
	}{
		"at once":               {good, 1, ""},
		"502, 503, 504":         {inTurn(status(502), status(503), status(504), good), 4, ""},
		"500":                   {inTurn(status(500), good), 2, ""},
		"cut in the body":       {inTurn(cut(`{"n":`), cut(``), good), 3, ""},
		"cut before the header": {inTurn(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, good), 2, ""},
		"429 without a time":    {inTurn(status(429), status(429), good), 3, ""},
		"429 with a time":       {inTurn(status(429, "Retry-After", "1"), good), 2, ""},
		"503 with a date":       {inTurn(status(503, "Retry-After", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)), good), 2, ""},
		"too often":             {status(502), 4, "GET /v1/thing: 502 Bad Gateway"},
		"429 too often":         {status(429), 4, "GET /v1/thing: 429 Too Many Requests"},
		"too long":              {status(429, "Retry-After", "86400"), 1, "429 Too Many Requests; the server asks to wait 24h0m0s, which is too long"},
		"never there":           {status(404), 1, "GET /v1/thing: 404 Not Found"},
		"wrong credentials":     {status(401), 1, "the credentials are wrong or have expired"},
		"no right":              {status(403), 1, "give them the right"},
		"a message": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(422)
			says(`{"message":"no\nsuch  field"}`)(w, nil)
		}, 1, "422 Unprocessable Entity: no such field"},
		"a nested message": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			says(`{"error":{"message":"bad"}}`)(w, nil)
		}, 1, "400 Bad Request: bad"},
		"a page for people": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(400)
			_, _ = io.WriteString(w, "<html>")
		}, 1, "400 Bad Request"},
		"plain text": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(400)
			_, _ = io.WriteString(w, strings.Repeat("é", 1000))
		}, 1, "é…"},
		"a page in place of JSON": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>")
		}, 1, "the answer (text/html) is not the JSON that is expected"},
		"longer than is good":        {says(`{"s":"` + strings.Repeat("x", 2<<20) + `"}`), 1, "longer than 1 MiB; ask for smaller pages"},
		"redirected on this server":  {inTurn(status(302, "Location", "/v1/other"), good), 2, ""},
		"redirected round and round": {status(302, "Location", "/v1/thing"), 5, "more than 5 redirections"},
	} {
		t.Run(name, func(t *testing.T) {
			a := serve(t, test.handler)
			var got struct{ N int }
			_, err := client(t, rest.Options{URL: a.URL + "/v1/", MaxBytes: 1 << 20}).JSON(t.Context(), "thing", nil, &got)
			require.Len(t, a.requests(), test.asked)
			if test.err == "" {
				require.NoError(t, err)
				require.Equal(t, 7, got.N)
				return
			}
			require.ErrorContains(t, err, test.err)
		})
	}
}

// What may have been done is not done twice.
func TestPost(t *testing.T) {
	for name, test := range map[string]struct {
		first      http.HandlerFunc
		repeatable bool
		asked      int
	}{
		"refused":              {status(429), false, 2},
		"unknown":              {status(502), false, 1},
		"unknown, no harm":     {status(502), true, 2},
		"cut":                  {cut(`{`), false, 1},
		"cut, without harm":    {cut(`{`), true, 2},
		"full, with its times": {status(503, "Retry-After", "0"), false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			a := serve(t, inTurn(test.first, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
			var got struct{ Query string }
			_, err := client(t, rest.Options{URL: a.URL}).Post(t.Context(), "search", map[string]string{"query": "x"}, &got, test.repeatable)
			require.Len(t, a.requests(), test.asked)
			if test.asked == 1 {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "x", got.Query)
			require.Equal(t, "application/json", a.requests()[0].Header.Get("Content-Type"))
		})
	}
}

// One answer "not now" keeps back the requests of all.
func TestSilenceIsForAll(t *testing.T) {
	var mu sync.Mutex
	var refused, next time.Time
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if refused.IsZero() {
			refused = time.Now()
			w.Header().Set("X-Wait", "300ms")
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if next.IsZero() {
			next = time.Now()
		}
		says("1")(w, r)
	})
	c := client(t, rest.Options{URL: a.URL, Throttled: func(resp *http.Response, _ string) (time.Duration, bool) {
		wait, err := time.ParseDuration(resp.Header.Get("X-Wait"))
		return wait, err == nil
	}})
	var all sync.WaitGroup
	ask := func() {
		var n int
		_, err := c.JSON(t.Context(), "", nil, &n)
		require.NoError(t, err)
	}
	ask()
	for range 8 {
		all.Go(ask)
	}
	all.Wait()
	require.GreaterOrEqual(t, next.Sub(refused), 300*time.Millisecond)
	require.Len(t, a.requests(), 10)
}

func TestNoMoreAtOnceThanAllowed(t *testing.T) {
	var mu sync.Mutex
	under, most := 0, 0
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		under++
		most = max(most, under)
		mu.Unlock()
		time.Sleep(5 * time.Millisecond)
		mu.Lock()
		under--
		mu.Unlock()
		says("1")(w, r)
	})
	c := client(t, rest.Options{URL: a.URL, Concurrency: 3, Rate: 1000})
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			_, err := c.JSON(t.Context(), "", nil, nil)
			require.NoError(t, err)
		})
	}
	all.Wait()
	require.LessOrEqual(t, most, 3)
	require.Len(t, a.requests(), 30)
}

func TestStreams(t *testing.T) {
	type item struct{ ID int }
	list := func(n int) string {
		var items []item
		for i := range n {
			items = append(items, item{i})
		}
		text, err := json.Marshal(items)
		require.NoError(t, err)
		return string(text)
	}
	for name, test := range map[string]struct {
		text string
		path []string
		want int
		err  string
	}{
		"a list":         {list(1000), nil, 1000, ""},
		"empty":          {"[]", nil, 0, ""},
		"in an object":   {`{"total":1,"x":{"items":[1]},"items":` + list(3) + `,"more":[]}`, []string{"items"}, 3, ""},
		"deeper":         {`{"a":[{"b":[]}],"d":{"b":{},"items":` + list(2) + `}}`, []string{"d", "items"}, 2, ""},
		"cut":            {list(5)[:20], nil, 1, "element 2 of the list: unexpected EOF"},
		"cut at its end": {strings.TrimSuffix(list(3), "]"), nil, 3, "unexpected EOF"},
		"no list":        {`{"items":4}`, []string{"items"}, 0, "a list is expected, not float64"},
		"no object":      {`[]`, []string{"items"}, 0, "an object that holds items is expected"},
		"no member":      {`{"a":[1,{"items":[]}]}`, []string{"items"}, 0, `the answer has no member "items"`},
		"nothing":        {"", nil, 0, "a list is expected: unexpected EOF"},
		"another type":   {`[{"id":0},{"id":"x"}]`, nil, 1, "element 1 of the list"},
		"cut in a key":   {`{"a":1,"b`, []string{"items"}, 0, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			var last error
			for got, err := range rest.Items[item](strings.NewReader(test.text), test.path...) {
				if err != nil {
					last = err
					continue
				}
				require.Equal(t, n, got.ID)
				n++
			}
			if name != "cut" {
				require.Equal(t, test.want, n)
			}
			if test.err == "" {
				require.NoError(t, last)
				return
			}
			require.ErrorContains(t, last, test.err)
		})
	}
	for range rest.Items[item](strings.NewReader(list(5))) {
		break
	}
}

// A body that stands still is given up; one that comes slowly is not.
func TestStandstill(t *testing.T) {
	release := make(chan struct{})
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for range 10 {
			_, _ = io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			time.Sleep(30 * time.Millisecond)
		}
		if r.URL.Path == "/slow" {
			return
		}
		<-release
	})
	defer close(release)
	c := client(t, rest.Options{URL: a.URL, Timeout: 200 * time.Millisecond})
	read := func(path string) (string, error) {
		resp, err := c.Get(t.Context(), path, nil, "text/plain")
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, resp.Body.Close())
		return string(text), err
	}
	text, err := read("slow")
	require.NoError(t, err)
	require.Equal(t, "xxxxxxxxxx", text)
	text, err = read("hangs")
	require.EqualError(t, err, "the answer stands still")
	require.Equal(t, "xxxxxxxxxx", text)
}

func TestDecode(t *testing.T) {
	const whole = `{"sha":"x","tree":[{"n":1},{"n":2}],"truncated":true,"more":{"a":[1]}}`
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		asked   int
		err     string
	}{
		"whole":       {says(whole), 1, ""},
		"cut":         {inTurn(cut(whole[:30]), cut(whole[:5]), says(whole)), 3, ""},
		"ends early":  {inTurn(says(whole[:30]), says(whole)), 2, ""},
		"a list":      {says(`[]`), 1, "GET /: the answer (application/json): an object is expected"},
		"other":       {says(`{"tree":{}}`), 1, `member "tree": a list is expected`},
		"a bad value": {says(`{"tree":[{"n":"x"}]}`), 1, "element 0"},
		"no JSON":     {says(`<html>`), 1, "an object is expected"},
	} {
		t.Run(name, func(t *testing.T) {
			a := serve(t, test.handler)
			type item struct{ N int }
			var got []item
			var truncated bool
			_, err := client(t, rest.Options{URL: a.URL}).Decode(t.Context(), "", nil, func(from *json.Decoder) error {
				got = nil
				return rest.Object(from, map[string]func(*json.Decoder) error{
					"tree": func(from *json.Decoder) error {
						return rest.List(from, func(i *item) error { got = append(got, *i); return nil })
					},
					"truncated": func(from *json.Decoder) error { return from.Decode(&truncated) },
				})
			})
			require.Len(t, a.requests(), test.asked)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []item{{1}, {2}}, got)
			require.True(t, truncated)
		})
	}
}
