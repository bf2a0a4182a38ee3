package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// defaultTimeout limits a request when the extractor has no HTTP client.
const defaultTimeout = 30 * time.Second

// answer is what the data extraction service says.
type answer struct {
	Text    string `json:"extracted_text"`
	Error   string `json:"error"`
	Message string `json:"message"`
}

// ask streams the content to the data extraction service and appends the text.
// A service that can't read this content gives no text; one that does not work
// is an error.
func (e *Extractor) ask(ctx context.Context, content io.Reader, dst []byte) ([]byte, error) {
	address := strings.TrimSuffix(e.ServiceURL, "/") + "/extract_text/"
	body := &upload{r: content}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, address, body)
	if err != nil { // which quotes the address, and so a password in it
		return dst, errors.New("extraction service: extraction_service.host is not a URL")
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("Accept", "application/json")
	text, err := e.send(req)
	if failed := body.stop(); failed != nil {
		return dst, failed // the content's fault, whatever came of the request
	}
	if err != nil {
		shown := url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host}
		return dst, fmt.Errorf("extraction service %s: %w", &shown, err)
	}
	return append(dst, text...), nil
}

func (e *Extractor) send(req *http.Request) (string, error) {
	res, err := e.client().Do(req)
	if failed := new(url.Error); errors.As(err, &failed) {
		err = failed.Err // without the address, which the caller shows
	}
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	return e.answer(res)
}

// client follows no redirection: what is extracted goes to the configured service
// or nowhere.
func (e *Extractor) client() *http.Client {
	c := http.Client{Timeout: defaultTimeout}
	if e.HTTP != nil {
		c = *e.HTTP
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

func (e *Extractor) answer(res *http.Response) (string, error) {
	most := 4*max(e.limit(), DefaultMaxSize) + 1
	raw, err := io.ReadAll(io.LimitReader(res.Body, most))
	if err != nil {
		return "", fmt.Errorf("its answer broke off: %w", err)
	}
	if int64(len(raw)) == most {
		return "", fmt.Errorf("its answer is larger than %d bytes", most-1)
	}
	var a answer
	invalid := json.Unmarshal(raw, &a)
	switch res.StatusCode {
	case http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType:
		return "", nil
	case http.StatusOK:
		if invalid != nil {
			return "", fmt.Errorf("its answer is not the JSON that was expected: %w", invalid)
		}
		return strings.ToValidUTF8(a.Text, "\ufffd"), nil
	}
	return "", fmt.Errorf("it answered %s%s; see whether extraction_service.host names the service and what its log says", res.Status,
		connector.NewRedactor(connector.Passwords(e.ServiceURL)...).Text(a.why()))
}

// why returns the words that the service has for an error.
func (a answer) why() string {
	words := strings.Trim(a.Error+": "+a.Message, ": ")
	if words == "" {
		return ""
	}
	const most = 300
	if len(words) > most {
		words = strings.ToValidUTF8(words[:most], "") + "…"
	}
	return " (" + words + ")"
}

// upload is content on its way to the service. It remembers why it could not
// be read, which the HTTP client would mix with what went wrong on the network.
type upload struct {
	mu   sync.Mutex
	r    io.Reader
	err  error
	over bool
}

// Read reads the content until stop is called.
func (u *upload) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over {
		return 0, io.ErrClosedPipe
	}
	n, err := u.r.Read(p)
	if err != nil && err != io.EOF {
		u.err = err
	}
	return n, err
}

// stop returns the content to its owner, although the HTTP client may not have
// read all of it, and the error of reading it.
func (u *upload) stop() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.over = true
	return u.err
}
