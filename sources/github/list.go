package github

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tributary-search/tributary/runtime/page"
	"github.com/tributary-search/tributary/runtime/rest"
)

// pages reads a list whose pages are linked.
func pages[T any](ctx context.Context, api *rest.Client, path string, query url.Values) iter.Seq2[T, error] {
	return listed(api, path, query, func(address string) ([]T, http.Header, error) {
		var items []T
		header, err := api.JSON(ctx, address, nil, &items)
		return items, header, err
	})
}

// listed begins a list of linked pages with as long a page as there is.
func listed[T any](api *rest.Client, path string, query url.Values, fetch func(address string) ([]T, http.Header, error)) iter.Seq2[T, error] {
	all := url.Values{"per_page": {strconv.Itoa(perPage)}}
	for name, values := range query {
		all[name] = values
	}
	first, err := api.URL(path, all)
	if err != nil {
		return func(yield func(T, error) bool) { yield(*new(T), err) }
	}
	return page.Link(first, fetch)
}
