package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Server serves a handler on an address of this machine.
type Server struct {
	http    http.Server
	address string
	ended   chan error
}

// Serve starts to serve on an address such as "127.0.0.1:9478" or ":9478".
// Close it.
func Serve(ctx context.Context, address string, handler http.Handler) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics on %s: %w; set service.metrics_address to another address, or to nothing", address, err)
	}
	s := &Server{
		http: http.Server{
			Handler: handler, ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		},
		address: listener.Addr().String(),
		ended:   make(chan error, 1),
	}
	go func() { s.ended <- s.http.Serve(listener) }()
	return s, nil
}

// Address is where it listens, with the port that was chosen for ":0".
func (s *Server) Address() string { return s.address }

// Close ends it; requests under way have a second to finish.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
	if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
