package embedded

import (
	"net"
	"net/http"
	"strings"
)

// ownHost lets requests to a node without credentials through only if they name this machine. A web page can make its own name
// lead to this address (DNS rebinding) and would read and delete everything; such requests carry that name.
func (n *Node) ownHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.secured() || thisMachine(r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		c := &call{node: n, req: r, query: r.URL.Query()}
		c.answer(w, reply{}, fail(http.StatusForbidden, "security_exception",
			"without a password this node answers requests to localhost or to an IP address only, not to [%s]", r.Host))
	})
}

func thisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host) != nil
}
