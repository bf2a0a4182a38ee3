package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/tools/faults/proxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is a server that sends back what it gets. It returns its address.
func echo(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { _, _ = io.Copy(conn, conn); _ = conn.Close() })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); running.Wait() })
	return listener.Addr().String()
}

// talk sends a text over a new connection and returns what comes back.
func talk(t *testing.T, p *proxy.Proxy, text string) (string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if _, err = io.WriteString(conn, text); err != nil {
		return "", err
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	got, err := io.ReadAll(conn)
	return string(got), err
}

func TestToxics(t *testing.T) {
	long := strings.Repeat("0123456789", 1000)
	for name, tt := range map[string]struct {
		toxics []proxy.Toxic
		want   string
		broken bool
	}{
		"none":           {want: long},
		"latency":        {toxics: []proxy.Toxic{proxy.Latency(time.Millisecond)}, want: long},
		"bandwidth":      {toxics: []proxy.Toxic{proxy.Bandwidth(1 << 20)}, want: long},
		"slice":          {toxics: []proxy.Toxic{proxy.Slice()}, want: long},
		"limit":          {toxics: []proxy.Toxic{proxy.LimitData(777).Only(proxy.Downstream)}, want: long[:777]},
		"limit, sliced":  {toxics: []proxy.Toxic{proxy.LimitData(777).Only(proxy.Downstream), proxy.Slice()}, want: long[:777]},
		"reset":          {toxics: []proxy.Toxic{proxy.ResetPeer(777).Only(proxy.Downstream)}, broken: true},
		"reset upstream": {toxics: []proxy.Toxic{proxy.ResetPeer(777).Only(proxy.Upstream)}, broken: true},
		"down":           {toxics: []proxy.Toxic{proxy.Down()}, broken: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := proxy.New(t, echo(t))
			p.Set(tt.toxics...)
			got, err := talk(t, p, long)
			require.Equal(t, tt.broken, err != nil, "%v", err)
			if !tt.broken {
				require.Equal(t, tt.want, got)
			}
			p.Set()
			got, err = talk(t, p, long)
			require.NoError(t, err)
			require.Equal(t, long, got, "healed")
		})
	}
}

func TestTimesBreaksSoManyConnections(t *testing.T) {
	p := proxy.New(t, echo(t))
	p.Set(proxy.LimitData(2).Only(proxy.Downstream).Times(2))
	for _, want := range []string{"he", "he", "hello"} {
		got, err := talk(t, p, "hello")
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestABlackHoleGivesBackWhatItHeld(t *testing.T) {
	p := proxy.New(t, echo(t))
	conn, err := net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	p.Set(proxy.Timeout())
	_, err = io.WriteString(conn, "hello")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	_, err = conn.Read(make([]byte, 5))
	require.Error(t, err, "nothing passes")
	p.Set()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
	got := make([]byte, 5)
	_, err = io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, "hello", string(got))
}

func TestDownBreaksWhatIsOpen(t *testing.T) {
	p := proxy.New(t, echo(t))
	conn, err := net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "x")
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, 1))
	require.NoError(t, err)
	p.Set(proxy.Down())
	_, err = conn.Read(make([]byte, 1))
	require.Error(t, err)
}

// web is a server of HTTP that answers with what it was asked.
func web(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.RequestURI(), body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// post sends a body and returns the answer.
func post(t *testing.T, p *proxy.Proxy, body string) (int, string, error) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Post(p.URL()+"/a?b=c", "text/plain", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	return res.StatusCode, string(got), err
}

func TestAnswers(t *testing.T) {
	edited := func(status int, body []byte) (int, []byte) { return status + 1, append(body, '!') }
	for name, tt := range map[string]struct {
		answer       *proxy.Answer
		status       int
		body         string
		broken       bool
		passed, seen string
		logged       int
	}{
		"passed on":   {nil, 200, "POST /a?b=c hello", false, "hello", "POST /a?b=c hello", 200},
		"own":         {proxy.Text(429, "wait"), 429, "wait", false, "", "", 429},
		"edited":      {&proxy.Answer{Edit: edited}, 201, "POST /a?b=c hello!", false, "hello", "POST /a?b=c hello", 200},
		"other body":  {&proxy.Answer{Send: []byte("bye")}, 200, "POST /a?b=c bye", false, "bye", "POST /a?b=c bye", 200},
		"cut":         {proxy.Cut(4), 200, "POST", true, "hello", "POST /a?b=c hello", 200},
		"cut at once": {proxy.Cut(-1), 200, "", true, "hello", "POST /a?b=c hello", 200},
	} {
		t.Run(name, func(t *testing.T) {
			p := proxy.New(t, web(t))
			p.Answer(func(*http.Request) *proxy.Answer { return tt.answer })
			status, body, err := post(t, p, "hello")
			require.Equal(t, tt.broken, err != nil, "%v", err)
			require.Equal(t, tt.status, status)
			require.Equal(t, tt.body, body)
			log := p.Requests()
			require.Len(t, log, 1)
			require.Equal(t, "hello", string(log[0].Body))
			require.Equal(t, tt.passed, string(log[0].Passed))
			require.Equal(t, tt.seen, string(log[0].Reply))
			require.Equal(t, tt.logged, log[0].Status)
			require.Equal(t, "/a b=c", log[0].Path+" "+log[0].Query)
			p.Forget()
			p.Answer(nil)
			_, body, err = post(t, p, "again")
			require.NoError(t, err)
			require.Equal(t, "POST /a?b=c again", body)
			require.Len(t, p.Requests(), 1)
		})
	}
}

func TestSettleWaitsForTheServer(t *testing.T) {
	p := proxy.New(t, web(t))
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL(), strings.NewReader("hello"))
	require.NoError(t, err)
	p.Answer(func(*http.Request) *proxy.Answer { cancel(); time.Sleep(20 * time.Millisecond); return nil })
	_, err = (&http.Transport{}).RoundTrip(req)
	require.ErrorIs(t, err, context.Canceled)
	p.Settle()
	require.Len(t, p.Requests(), 1)
}

func TestARequestThatIsCutReachesNobody(t *testing.T) {
	p := proxy.New(t, web(t))
	p.Set(proxy.ResetPeer(400).Only(proxy.Upstream))
	_, _, err := post(t, p, strings.Repeat("x", 1000))
	require.Error(t, err)
	require.Empty(t, p.Requests())
}

func TestAServerThatIsNotThereHangsUp(t *testing.T) {
	p := proxy.New(t, "http://127.0.0.1:1")
	_, _, err := post(t, p, "hello")
	require.Error(t, err)
	require.Len(t, p.Requests(), 1)
	require.Zero(t, p.Requests()[0].Status)
	plain := proxy.New(t, "127.0.0.1:1")
	_, err = talk(t, plain, "hello")
	require.Error(t, err)
}

const body = `{"create":{"_id":"a"}}
{"n":1}
{"delete":{"_id":"b"}}
{"index": {"_id":"c"}}
{"n":3}
`

func TestRefusedItemsKeepTheirPlaces(t *testing.T) {
	a := proxy.RefuseItems([]byte(body), func(i proxy.Item) (int, string, string) {
		if i.ID == "b" {
			return 429, "es_rejected_execution_exception", "full"
		}
		return 0, "", ""
	})
	require.Equal(t, "{\"create\":{\"_id\":\"a\"}}\n{\"n\":1}\n{\"index\": {\"_id\":\"c\"}}\n{\"n\":3}\n", string(a.Send))
	status, answer := a.Edit(200, []byte(`{"items":[{"create":{"status":201}},{"index":{"status":200}}]}`))
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"took":1,"errors":true,"items":[{"create":{"status":201}},
		{"delete":{"_id":"b","status":429,"error":{"type":"es_rejected_execution_exception","reason":"full"}}},{"index":{"status":200}}]}`, string(answer))
	status, answer = a.Edit(503, []byte("busy"))
	require.Equal(t, "503 busy", fmt.Sprint(status, " ", string(answer)))
}

func TestWithoutItemsNobodyIsAsked(t *testing.T) {
	a := proxy.RefuseItems([]byte(body), func(proxy.Item) (int, string, string) { return 503, "x", "y" })
	require.Nil(t, a.Send)
	require.Nil(t, a.Edit)
	require.Equal(t, 3, strings.Count(string(a.Body), "503"))
}
