package embedded

import (
	"net/http"
	"strings"
)

type route func(*call) (reply, error)

// methods maps HTTP methods to routes.
type methods map[string]route

// route finds what answers the request. Index names never begin with an underscore, API names always do.
func (c *call) route() (route, error) {
	found, ok := c.find()
	if !ok {
		return nil, c.noHandler()
	}
	method := c.req.Method
	if r := found[method]; r != nil {
		return r, nil
	}
	if r := found[http.MethodGet]; r != nil && method == http.MethodHead {
		return r, nil
	}
	return nil, c.badMethod(found)
}

func (c *call) noHandler() error {
	e := fail(http.StatusBadRequest, "illegal_argument_exception", "no handler found for uri [%s] and method [%s]", c.req.URL.RequestURI(), c.req.Method)
	return e
}

func (c *call) badMethod(found methods) error {
	allowed := make([]string, 0, len(found))
	for m := range found {
		allowed = append(allowed, m)
	}
	return fail(http.StatusMethodNotAllowed, "illegal_argument_exception",
		"Incorrect HTTP method for uri [%s] and method [%s], allowed: [%s]", c.req.URL.RequestURI(), c.req.Method, strings.Join(allowed, ", "))
}

func (c *call) find() (methods, bool) {
	p := c.parts
	if p[0] == "" {
		return methods{"GET": info}, len(p) == 1
	}
	if strings.HasPrefix(p[0], "_") {
		m, ok := clusterRoutes(p)
		return m, ok
	}
	if len(p) == 1 {
		return methods{"GET": getIndex, "HEAD": headIndex, "PUT": createIndex, "DELETE": deleteIndex}, true
	}
	m, ok := indexRoutes(p[1:])
	return m, ok
}

func both(r route) methods { return methods{"GET": r, "POST": r} }

func writes(r route) methods { return methods{"PUT": r, "POST": r} }

// clusterRoutes are the paths that begin with an API's name.
func clusterRoutes(p []string) (methods, bool) {
	switch strings.Join(p[:min(len(p), 2)], "/") {
	case "_bulk":
		return writes(bulk), true
	case "_pit":
		return methods{"DELETE": closePIT}, true
	case "_search":
		return both(runSearch), true
	case "_count":
		return both(count), true
	case "_refresh":
		return both(refresh), true
	case "_cluster/health":
		return methods{"GET": clusterHealth}, true
	}
	return nil, false
}

// indexRoutes are the paths behind an index name.
func indexRoutes(p []string) (methods, bool) {
	switch {
	case p[0] == "_doc" && len(p) == 1:
		return methods{"POST": indexDoc}, true
	case p[0] == "_doc" && len(p) == 2:
		return methods{"GET": getDoc, "PUT": indexDoc, "POST": indexDoc, "DELETE": deleteDoc}, true
	case p[0] == "_create" && len(p) == 2:
		return writes(createDoc), true
	case p[0] == "_update" && len(p) == 2:
		return methods{"POST": updateDoc}, true
	case len(p) != 1:
		return nil, false
	}
	switch p[0] {
	case "_bulk":
		return writes(bulk), true
	case "_search":
		return both(runSearch), true
	case "_count":
		return both(count), true
	case "_pit":
		return methods{"POST": openPIT}, true
	case "_refresh":
		return both(refresh), true
	case "_mapping", "_mappings":
		return methods{"GET": getMapping, "PUT": putMapping, "POST": putMapping}, true
	}
	return nil, false
}
