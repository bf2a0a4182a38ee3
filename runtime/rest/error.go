package rest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/oauth2"
)

// Error is an answer that is no success.
type Error struct {
	// Method and Path are those of the request; a query is left out, since
	// some APIs have keys there.
	Method, Path string
	// Status is the HTTP status.
	Status int
	// Reason is what the server says about it, shortened, without credentials.
	Reason string
	// Wait is how long the server wanted no request, when it was longer than
	// the client's patience.
	Wait time.Duration
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	switch {
	case e.Wait > 0:
		return text + fmt.Sprintf("; the server asks to wait %s, which is too long: start the sync again then, or ask for a larger quota", e.Wait.Round(time.Second))
	case e.Status == http.StatusUnauthorized:
		return text + "; the credentials are wrong or have expired: set new ones"
	case e.Status == http.StatusForbidden:
		return text + "; the credentials are known but may not do this: give them the right, or leave it out"
	}
	return text
}

// StatusOf returns the HTTP status of an [Error], or 0.
func StatusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// refusedFor is the Reason of an [Error].
func refusedFor(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

// longestReason is how much of an explanation is kept, in bytes.
const longestReason = 300

// refusal makes an Error of an answer and reads what the server says.
func refusal(resp *http.Response) *Error {
	req := resp.Request
	e := &Error{Method: req.Method, Path: cmp.Or(req.URL.Path, "/"), Status: resp.StatusCode}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 16<<10))
	if err == nil {
		e.Reason = scrub(reason(resp.Header.Get("Content-Type"), text), req)
	}
	return e
}

// reason finds the words for people in an answer: in the members that APIs
// commonly use, or the text itself where it is plain.
func reason(mediaType string, text []byte) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) == nil {
		for _, name := range []string{"message", "error_description", "detail", "error", "title"} {
			var words string
			if json.Unmarshal(object[name], &words) == nil && words != "" {
				return words
			}
			var inner struct{ Message string }
			if json.Unmarshal(object[name], &inner) == nil && inner.Message != "" {
				return inner.Message
			}
		}
		return ""
	}
	if strings.HasPrefix(mediaType, "text/plain") && utf8.Valid(text) {
		return string(text)
	}
	return "" // a page of HTML says nothing in a log
}

// scrub takes out what the request was signed with, for servers that repeat it,
// and line breaks, and shortens.
func scrub(text string, req *http.Request) string {
	for _, values := range req.Header {
		for _, value := range values {
			if _, after, found := strings.Cut(value, " "); found && len(after) >= 6 {
				text = strings.ReplaceAll(text, after, "[redacted]")
			}
			if len(value) >= 6 {
				text = strings.ReplaceAll(text, value, "[redacted]")
			}
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > longestReason {
		cut := longestReason
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return text
}

// authError is that no credentials were to be had.
type authError struct{ error }

func (e *authError) Unwrap() error { return e.error }

// withoutAnswer is an error of the token endpoint without the text of the
// answer, which may repeat the request.
func withoutAnswer(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return withoutURL(err)
	}
	text := "the token endpoint answers " + refused.Response.Status
	if refused.ErrorCode != "" {
		text += ": " + refused.ErrorCode
	}
	return errors.New(text)
}

// withoutURL is an error of net/http without the address, whose query may hold
// a key; the caller names the path.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
