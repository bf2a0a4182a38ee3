package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// fingerprintType costs the least that still can be read in a scan.
const fingerprintType = `{"type":"keyword","index":false,"doc_values":true}`

// accessType is what Elasticsearch makes of a list of texts by itself, but for
// the limit of 256 characters: queries of readers ask for the field "keyword"
// in it.
const accessType = `{"type":"text","fields":{"keyword":{"type":"keyword"}}}`

// textType is what Elasticsearch makes of a text by itself: a source that says
// "text" only keeps it from taking the first value for a date.
const textType = `{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}}`

// Prepare creates the index when it is absent, with nothing in its mapping but
// _fingerprint, so that templates decide everything else. To an index that is
// there it adds _fingerprint (this works on strict ones too) and those of the
// fields (name to Elasticsearch type) that its mapping lacks; an alias leads to
// its write index. A strict mapping would refuse every document for the fields
// that Tributary itself adds, so it gets those too.
//
// The field _allow_access_control, when it is asked for, is mapped so that it can
// be asked for readers, whatever the given type. It is an error when it would
// not be indexed: everybody could read every document.
//
// Where _fingerprint has another type or may not be added, scans read it from
// _source, which is slower; that is logged once.
func (x *Index) Prepare(ctx context.Context, fields map[string]string) (created bool, err error) {
	t, err := x.client.resolve(ctx, x.name, mappingFilter)
	if err != nil {
		return false, fmt.Errorf("prepare index %s: %w", x.name, err)
	}
	if t == nil {
		if created, err = x.create(ctx); err != nil {
			return false, fmt.Errorf("create index %s: %w", x.name, err)
		}
		if t, err = x.client.resolve(ctx, x.name, mappingFilter); err == nil && t == nil {
			err = errors.New("it is gone again")
		}
		if err != nil {
			return false, fmt.Errorf("prepare index %s: %w", x.name, err)
		}
	}
	x.warnCrowded(t)
	_, restricted := fields[accessField]
	if err := x.addFingerprint(ctx, t); err != nil {
		return created, fmt.Errorf("prepare index %s: %w", x.name, err)
	}
	if t.mapping.strict() {
		fields = withOwnFields(fields)
	}
	added, err := x.addFields(ctx, t, fields)
	if err == nil && restricted && !added && !t.mapping.has(accessField) && t.mapping.ignores() {
		err = errors.New("the field " + accessField + " may not be added and would be ignored, so that everybody could read every document: " +
			"give the privilege manage, or add the field as text with a keyword in it")
	}
	if err != nil {
		return created, fmt.Errorf("add fields to the mapping of index %s: %w", x.name, err)
	}
	return created, nil
}

// withOwnFields adds the fields that Tributary writes beside the source's.
func withOwnFields(fields map[string]string) map[string]string {
	all := map[string]string{"id": "keyword", "_timestamp": "date", accessField: "text", "body": "text"}
	maps.Copy(all, fields)
	return all
}

// create makes the index, unless somebody else just did.
func (x *Index) create(ctx context.Context) (bool, error) {
	body := `{"mappings":{"properties":{"` + fingerprintField + `":` + fingerprintType + `}}}`
	_, err := x.client.call(ctx, request{method: http.MethodPut, path: "/" + x.name, body: []byte(body)})
	if isType(err, "resource_already_exists_exception") {
		return false, nil
	}
	return err == nil, err
}

// addFingerprint adds the field where the mapping lacks it.
func (x *Index) addFingerprint(ctx context.Context, t *target) error {
	p, there := t.mapping.Properties[fingerprintField]
	switch {
	case t.prints():
		return nil
	case there:
		x.sayOnce("its mapping has the field with type " + kind(p))
		return nil
	}
	err := x.putMapping(ctx, t, map[string]json.RawMessage{fingerprintField: json.RawMessage(fingerprintType)})
	if isStatus(err, http.StatusForbidden) || isStatus(err, http.StatusBadRequest) {
		x.sayOnce(err.Error())
		return nil
	}
	return err
}

func kind(p property) string {
	if p.Type == "" {
		return "object"
	}
	return p.Type
}

func (x *Index) sayOnce(why string) {
	x.once.Do(func() {
		x.client.log.Warn("fingerprints are read from _source, which is slower", "index", x.name, "reason", why)
	})
}

// addFields adds the fields that the mapping lacks and reports whether it has
// them now. Where the privilege is missing, Elasticsearch chooses the types
// itself.
func (x *Index) addFields(ctx context.Context, t *target, fields map[string]string) (added bool, err error) {
	lacking := map[string]json.RawMessage{}
	for name, kind := range fields {
		if text := t.mapping.lacks(name, kind); text != nil {
			lacking[name] = text
		}
	}
	if len(lacking) == 0 {
		return true, nil
	}
	err = x.putMapping(ctx, t, lacking)
	if isStatus(err, http.StatusForbidden) {
		x.client.log.Warn("types of the source's fields can't be set", "index", x.name, "error", err)
		return false, nil
	}
	return err == nil, err
}

// lacks returns the definition of a field that the mapping is to get; nil when
// it has it.
func (p property) lacks(name, kind string) json.RawMessage {
	switch mapped := p.has(name); {
	case name == fingerprintField:
		return nil
	case name == accessField && !mapped:
		return json.RawMessage(accessType)
	case name == accessField:
		f := p.Properties[name]
		if _, there := f.Fields["keyword"]; there || f.Type != "keyword" {
			return nil
		}
		return json.RawMessage(`{"type":"keyword","fields":{"keyword":{"type":"keyword"}}}`)
	case mapped:
		return nil
	case kind == "text" && name != "body":
		return json.RawMessage(textType)
	}
	text, _ := json.Marshal(map[string]string{"type": kind})
	return text
}

func (x *Index) putMapping(ctx context.Context, t *target, properties map[string]json.RawMessage) error {
	body, err := json.Marshal(map[string]any{"properties": properties})
	if err != nil {
		return err
	}
	_, err = x.client.call(ctx, request{method: http.MethodPut, path: "/" + t.index + "/_mapping", body: body})
	return err
}

// strict reports whether documents with unknown fields are refused.
func (p property) strict() bool { return string(p.Dynamic) == `"strict"` }

// ignores reports whether unknown fields are kept but not indexed.
func (p property) ignores() bool {
	return string(p.Dynamic) == `false` || string(p.Dynamic) == `"false"`
}

// has reports whether a field is mapped. Dots in a name lead into objects.
func (p property) has(name string) bool {
	if _, there := p.Properties[name]; there {
		return true
	}
	head, rest, dotted := strings.Cut(name, ".")
	next, there := p.Properties[head]
	return dotted && there && next.has(rest)
}
