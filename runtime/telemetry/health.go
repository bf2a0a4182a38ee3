package telemetry

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Health tells whether the process lives and whether it can do its work. Its
// zero value is neither ready nor stuck.
type Health struct {
	mu       sync.Mutex
	turned   time.Time // when the main loop last turned; zero before it starts
	patience time.Duration
	reason   error // why it is not ready
	ready    bool
}

// Turned is called each time the main loop turns. It will turn again within
// patience, or it is stuck. The times are of this process's own clock, which
// nobody can set.
func (h *Health) Turned(patience time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turned, h.patience = time.Now(), patience
}

// Ready says whether the work can be done; a reason says why it can't.
func (h *Health) Ready(reason error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ready, h.reason = reason == nil, reason
}

// Live returns an error when the main loop is stuck: the process should be
// started anew.
func (h *Health) Live() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.turned.IsZero() {
		return nil
	}
	if late := time.Since(h.turned) - h.patience; late > 0 {
		return fmt.Errorf("the service is stuck: its loop is %s late", late.Round(time.Second))
	}
	return nil
}

// WhyNotReady returns nil when the work can be done.
func (h *Health) WhyNotReady() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ready:
		return nil
	case h.reason != nil:
		return h.reason
	}
	return errStarting
}

var errStarting = errors.New("the service is starting")

// Handler answers /healthz, /readyz and /metrics. The first two answer 200
// {"status":"ok"} or 503 {"status":"failing","reason":"…"}.
func Handler(h *Health, m *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.Live()) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.WhyNotReady()) })
	mux.Handle("GET /metrics", m.Handler())
	return mux
}

func answer(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	body := map[string]string{"status": "ok"}
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		body = map[string]string{"status": "failing", "reason": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(body) // the client has gone away
}
