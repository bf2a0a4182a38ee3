package github

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rest"
)

const (
	cloud   = "https://api.github.com"
	version = "2022-11-28"

	perPage = 100 // the most that GitHub gives

	// atOnce is how many requests wait for an answer. GitHub allows 100 of all
	// clients of an account together.
	atOnce = 8

	// secondaryPause is how long GitHub wants no request after a secondary limit
	// that names no time.
	secondaryPause = time.Minute
)

func newClient(cfg Config, deps connector.Deps, auth rest.Auth) (*rest.Client, error) {
	address, cert := cloud, ""
	if cfg.DataSource == "github_server" {
		address = strings.TrimRight(cfg.Host, "/") + "/api/v3"
		if cfg.SSLEnabled {
			cert = cfg.SSLCA
		}
	}
	client, err := rest.New(deps, rest.Options{
		URL: address, CACert: cert, Auth: auth, Concurrency: atOnce,
		Header: http.Header{"X-Github-Api-Version": {version}, "X-Github-Next-Global-Id": {"1"}, "User-Agent": {"tributary"}},
		Retry:  rest.Retry{Attempts: int(cfg.RetryCount) + 1},
		Throttled: func(resp *http.Response, reason string) (time.Duration, bool) {
			return limited(resp, reason, deps.Now())
		},
	})
	if err != nil {
		return nil, connector.Problems{{Pointer: "/host", Label: "Server URL", Message: err.Error()}}
	}
	return client, nil
}

// limited recognises both kinds of GitHub's limits: the primary one, of requests
// an hour, is told by headers; secondary ones by the header Retry-After or by
// words alone.
func limited(resp *http.Response, reason string, now time.Time) (time.Duration, bool) {
	if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusTooManyRequests {
		return 0, false
	}
	if wait, asked := rest.RetryAfter(resp.Header, now); asked {
		return wait, true
	}
	if resp.Header.Get("X-Ratelimit-Remaining") == "0" {
		if at, err := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			return max(0, time.Unix(at, 0).Sub(now)) + time.Second, true
		}
	}
	if strings.Contains(strings.ToLower(reason), "secondary rate limit") {
		return secondaryPause, true
	}
	return 0, false
}

// gone reports that GitHub has no such thing, or no longer.
func gone(err error) bool {
	status := rest.StatusOf(err)
	return status == http.StatusNotFound || status == http.StatusGone
}
