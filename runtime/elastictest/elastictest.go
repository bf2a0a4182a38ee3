// Package elastictest gives tests an Elasticsearch: the real one that TRIBUTARY_TEST_ELASTICSEARCH names, else the embedded node.
package elastictest

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/tributary-search/tributary/runtime/embedded"
)

// Target is a server for tests. It may hold indices of other tests: name yours after the test and delete them.
type Target struct {
	URL  string
	Real bool // a genuine Elasticsearch
}

// Server returns the server to test against. An embedded node is empty and ends with the test.
func Server(t testing.TB) Target {
	t.Helper()
	if url := os.Getenv("TRIBUTARY_TEST_ELASTICSEARCH"); url != "" {
		return Target{URL: strings.TrimSuffix(url, "/"), Real: true}
	}
	return Node(t, embedded.Options{})
}

// Server91 returns an embedded node that treats the connector indices as Elasticsearch 9.1 does, whatever the environment says.
func Server91(t testing.TB) Target {
	t.Helper()
	return Node(t, embedded.Options{Mode: embedded.Mode91})
}

// Node returns an embedded node with options. It is empty and ends with the test.
func Node(t testing.TB, o embedded.Options) Target {
	t.Helper()
	node, err := embedded.Open(t.TempDir(), o)
	if err != nil {
		t.Fatalf("embedded node: %v", err)
	}
	server := httptest.NewServer(node.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := node.Close(); err != nil {
			t.Errorf("close the embedded node: %v", err)
		}
	})
	return Target{URL: server.URL}
}
