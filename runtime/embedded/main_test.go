package embedded_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/embedded"
)

// childDir makes the test program serve a node from a folder instead of running tests.
const childDir = "TRIBUTARY_TEST_NODE_DIR"

// program ends the client's idle connections before goroutines are counted.
type program struct{ m *testing.M }

func (p program) Run() int {
	code := p.m.Run()
	http.DefaultClient.CloseIdleConnections()
	return code
}

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		serveUntilKilled(dir)
		return
	}
	goleak.VerifyTestMain(program{m})
}

func serveUntilKilled(dir string) {
	a, err := embedded.Attach(dir, embedded.Options{})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println(a.URL, a.APIKey)
	fmt.Println(a.Wait())
}
