package mistakes_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/connectortest"
	"github.com/tributary-search/tributary/runtime/schema"
)

// shop is the source that an author might write: the items of a small HTTP API
// that hands out pages. getDocs is the author's GetDocs.
type shop struct {
	url     string
	token   connector.Secret
	deps    connector.Deps
	getDocs func(ctx context.Context, s *shop, emit emitter) error
}

type emitter = func(connector.Document) error

type item struct{ ID, Group, Name string }

func (s *shop) Ping(ctx context.Context) error {
	_, _, err := s.page(ctx, s.deps.HTTP, 0)
	return err
}

func (s *shop) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	return s.getDocs(ctx, s, emit)
}

var errRefused = errors.New("the shop refuses the token; make a new one")

// page reads one page and reports whether there is another.
func (s *shop) page(ctx context.Context, client *http.Client, n int) ([]item, bool, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/items?page=%d", s.url, n), nil)
	if err != nil {
		return nil, false, errors.New("the URL can't be read")
	}
	if token := s.token.Reveal(); token == secret {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, false, fmt.Errorf("read page %d: %w", n, err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return nil, false, errRefused
	default:
		return nil, false, fmt.Errorf("read page %d: %s", n, resp.Status)
	}
	var answer struct {
		Items []item
		More  bool
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, false, fmt.Errorf("read page %d: %w", n, err)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return answer.Items, answer.More, err
}

// document is an item as it should be.
func document(i item) connector.Document {
	d := connector.NewDocument(i.ID)
	d.Set("name", i.Name)
	return d
}

// each reads all pages; the faulty GetDocs of the table differ in what they do
// with an item.
func (s *shop) each(ctx context.Context, take func(item) error) error {
	for n, more := 0, true; more; n++ {
		var items []item
		var err error
		if items, more, err = s.page(ctx, s.deps.HTTP, n); err != nil {
			return err
		}
		for _, i := range items {
			if err := take(i); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	pageSize = 50
	secret   = "opensesame-41"
)

// market is the fixture of shop.
type market struct{}

func (market) Start(t testing.TB, n int) json.RawMessage { return serve(t, n, n) }

// StartBroken serves the first half of the pages.
func (market) StartBroken(t testing.TB, n int) json.RawMessage { return serve(t, n, n/2) }

func serve(t testing.TB, total, healthy int) json.RawMessage {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		first, last := page*pageSize, min((page+1)*pageSize, total)
		if r.Header.Get("Authorization") != "Bearer "+secret {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		if last > healthy {
			http.Error(w, "broken", http.StatusInternalServerError)
			return
		}
		var items []item
		for i := first; i < last; i++ {
			items = append(items, item{fmt.Sprintf("item-%d", i), fmt.Sprintf("group-%d", i/2), fmt.Sprintf("Item %d", i)})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "more": last < total})
	}))
	t.Cleanup(s.Close)
	return json.RawMessage(fmt.Sprintf(`{"url":%q,"token":%q}`, s.URL, secret))
}

var shopFields = schema.NewFields([]schema.Field{
	{Name: "url", Label: "URL", Type: schema.String, Required: true, Check: schema.Check{MinLength: new(1)}},
	{Name: "token", Label: "Token", Type: schema.String, Required: true, Secret: true, Check: schema.Check{MinLength: new(1)}},
})

const shopSchema = `{
	"type": "object", "additionalProperties": false, "required": ["url", "token"],
	"properties": {"url": {"type": "string", "minLength": 1}, "token": {"type": "string", "minLength": 1, "writeOnly": true}}
}`

func shopKind(getDocs func(context.Context, *shop, emitter) error) connector.Kind {
	return connector.Kind{
		ServiceType: "shop", Name: "Shop", About: "Items of a shop, one document each.",
		ConfigSchema: json.RawMessage(shopSchema), Configuration: shopFields.Document(),
		CheckConfig: shopFields.Check, Prepare: shopFields.Prepare, SetValues: shopFields.SetValues,
		Identity: func(raw json.RawMessage) ([]string, connector.Problems) { return shopFields.Identity(raw, "url") },
		Open: func(_ context.Context, raw json.RawMessage, deps connector.Deps) (connector.Source, error) {
			v, problems := shopFields.Decode(raw)
			if err := problems.Err(); err != nil {
				return nil, err
			}
			return &shop{v.String("url"), v.Secret("token"), deps, getDocs}, nil
		},
	}
}

var _ connectortest.Breaker = market{}
