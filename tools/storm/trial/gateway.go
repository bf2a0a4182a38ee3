package trial

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// gateway stands between one run of one replica and the node. It passes on
// what it is sent when it has all of it, so that what a killed process was
// still sending is lost as a whole, and carries out what it passed on even if
// the sender is gone by then.
type gateway struct {
	who    string
	target string
	record *ledger.Record
	client *http.Client
	// strike is asked about each write, and says what is to happen with it;
	// nil: nothing.
	strike func(w *ledger.Write) fate
	server *http.Server
	url    string
}

// open makes the gateway listen.
func (g *gateway) open() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	g.url = "http://" + listener.Addr().String()
	g.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	g.server = &http.Server{Handler: g}
	go func() { _ = g.server.Serve(listener) }()
	return nil
}

func (g *gateway) close() {
	_ = g.server.Close()
	g.client.CloseIdleConnections()
}

// ServeHTTP passes a request on.
func (g *gateway) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return // the sender is gone
	}
	w, writes := ledger.Read(in.Method, in.URL.EscapedPath(), body)
	w.Who, w.Received = g.who, g.record.Now()
	var f fate
	if writes && g.strike != nil {
		f = g.strike(&w)
	}
	f.before()
	if f.refused {
		refuse(out)
		return
	}
	if f.lost {
		hangUp(out)
		return
	}
	status, header, answer, err := g.pass(in, body)
	number := 0
	if writes {
		w.Answered = g.record.Now()
		w.Answer(status, answer)
		number = g.record.Add(w)
	}
	f.after()
	if err != nil || f.silent {
		hangUp(out)
		return
	}
	deliver(out, status, header, answer)
	if writes && in.Context().Err() == nil {
		g.record.Delivered(number)
	}
}

// pass sends a request to the node.
func (g *gateway) pass(in *http.Request, body []byte) (status int, header http.Header, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(in.Context()), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, in.Method, g.target+in.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = in.Header.Clone()
	req.Header.Del("Accept-Encoding")
	res, err := g.client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, res.Header, answer, err
}

func deliver(out http.ResponseWriter, status int, header http.Header, answer []byte) {
	for name, values := range header {
		out.Header()[name] = values
	}
	out.WriteHeader(status)
	_, _ = out.Write(answer)
}

// refuse answers as an Elasticsearch that is overloaded.
func refuse(out http.ResponseWriter) {
	out.Header().Set("X-Elastic-Product", "Elasticsearch")
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(out, `{"error":{"type":"unavailable_shards_exception","reason":"a storm"},"status":503}`)
}

// hangUp ends the connection without an answer.
func hangUp(out http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(out).Hijack(); err == nil {
		_ = conn.Close()
	}
}
