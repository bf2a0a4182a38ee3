package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Patch is fields of a document, at its top, with new values. Each value takes
// the place of the old one as a whole (see [Merge]); all other fields stay byte
// for byte.
type Patch map[string]any

// maxConflicts is how often a write is made anew because the document changed
// meanwhile.
const maxConflicts = 10

// encode writes a value. What is JSON already stays byte for byte.
func encode(v any) (json.RawMessage, error) {
	switch v := v.(type) {
	case json.RawMessage:
		if !json.Valid(v) {
			return nil, errors.New("it is no JSON")
		}
		return v, nil
	case object:
		return v.json(), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// made encodes what is made here, of texts, numbers and checked JSON.
func made(v any) json.RawMessage {
	raw, _ := encode(v)
	return raw
}

// apply returns a document with a patch in it.
func apply(raw json.RawMessage, p Patch) (json.RawMessage, error) {
	o, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		value, err := encode(p[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		o = o.set(name, value)
	}
	return o.json(), nil
}

// Merge lays objects over a stored value: names of over are added or replaced,
// objects below are merged in the same way, everything else of stored stays
// byte for byte. A stored value that is no object is replaced.
func Merge(stored json.RawMessage, over any) (json.RawMessage, error) {
	raw, err := encode(over)
	if err != nil {
		return nil, err
	}
	return merge(stored, raw), nil
}

func merge(stored, over json.RawMessage) json.RawMessage {
	o, err := parseObject(stored)
	if err != nil {
		return over
	}
	added, err := parseObject(over)
	if err != nil {
		return over
	}
	for _, m := range added {
		o = o.set(m.name, merge(o.get(m.name), m.value))
	}
	return o.json()
}

// Update changes a connector under optimistic locking: patch is called with
// the connector as it is given, and again with a newer one when somebody else
// wrote in between, also before an error of patch is believed. A nil patch
// writes nothing. The result is the connector as it is then. A change of status
// that the protocol does not know is refused with [ErrTransition].
func (c *Client) Update(ctx context.Context, conn Connector, patch func(Connector) (Patch, error)) (Connector, error) {
	for range maxConflicts {
		next, err := c.patch(ctx, conn, patch)
		if err == nil {
			return next, nil
		}
		fresh, failed := c.Connector(ctx, conn.ID)
		switch {
		case errors.Is(failed, ErrNotFound), failed != nil && conflict(err):
			return conn, failed
		case failed != nil, fresh.Version == conn.Version:
			return conn, err
		}
		conn = fresh
	}
	return conn, fmt.Errorf("connector %s: others changed it %d times meanwhile; try again", conn.ID, maxConflicts)
}

func (c *Client) patch(ctx context.Context, conn Connector, patch func(Connector) (Patch, error)) (Connector, error) {
	p, err := patch(conn)
	if err != nil || p == nil {
		return conn, err
	}
	return c.writeConnector(ctx, conn, p)
}

// writeConnector replaces one version of a connector.
func (c *Client) writeConnector(ctx context.Context, conn Connector, p Patch) (Connector, error) {
	raw, err := apply(conn.Raw, p)
	if err != nil {
		return conn, fmt.Errorf("connector %s: %w", conn.ID, err)
	}
	next, err := ParseConnector(conn.ID, Version{}, raw)
	if err != nil {
		return conn, err
	}
	if err := checkConnector(conn.ID, conn.Status, next.Status); err != nil {
		return conn, err
	}
	next.Version, err = c.replace(ctx, ConnectorsIndex, "connector", conn.ID, raw, conn.Version, true)
	if err != nil {
		return conn, err
	}
	return next, nil
}

// writeJob replaces one version of a job. Searches see a change of its status
// at once.
func (c *Client) writeJob(ctx context.Context, j Job, p Patch) (Job, error) {
	if j.partial {
		return j, fmt.Errorf("sync job %s: only a part of the document was read", j.ID)
	}
	raw, err := apply(j.Raw, p)
	if err != nil {
		return j, fmt.Errorf("sync job %s: %w", j.ID, err)
	}
	next, err := ParseJob(j.ID, Version{}, raw)
	if err != nil {
		return j, err
	}
	if err := checkJob(j.ID, j.Status, next.Status); err != nil {
		return j, err
	}
	next.Version, err = c.replace(ctx, JobsIndex, "sync job", j.ID, raw, j.Version, next.Status != j.Status)
	if err != nil {
		return j, err
	}
	return next, nil
}

func (c *Client) replace(ctx context.Context, index, what, id string, raw []byte, v Version, refresh bool) (Version, error) {
	seqNo, term, err := c.store.Replace(ctx, index, id, raw, v.SeqNo, v.PrimaryTerm, refresh)
	if missing(err) {
		return v, fmt.Errorf("%s %s: %w", what, id, ErrNotFound)
	}
	if err != nil {
		return v, fmt.Errorf("write %s %s: %w", what, id, err)
	}
	return Version{seqNo, term}, nil
}
