package embedded

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
)

// single is the one index that a name or alias stands for.
func (n *Node) single(name string) (*index, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if ix := n.indices[name]; ix != nil {
		return ix, nil
	}
	list := n.aliasedLocked(name)
	switch len(list) {
	case 0:
		return nil, indexMissing(name)
	case 1:
		return list[0], nil
	}
	return nil, illegal("alias [%s] has more than one index associated with it, can't execute a single index op", name)
}

func (n *Node) isAlias(name string) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return len(n.aliasedLocked(name)) > 0
}

// aliasedLocked lists the indices behind an alias, by name.
func (n *Node) aliasedLocked(alias string) []*index {
	var out []*index
	for _, name := range slices.Sorted(maps.Keys(n.indices)) {
		ix := n.indices[name]
		ix.mu.Lock()
		_, ok := ix.aliases[alias]
		ix.mu.Unlock()
		if ok {
			out = append(out, ix)
		}
	}
	return out
}

// writeTarget is the index that a write goes to.
func (n *Node) writeTarget(name string) (*index, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if ix := n.indices[name]; ix != nil {
		return ix, nil
	}
	list := n.aliasedLocked(name)
	for _, ix := range list {
		ix.mu.Lock()
		write := boolText(ix.aliases[name]["is_write_index"])
		ix.mu.Unlock()
		if write == "true" {
			return ix, nil
		}
	}
	switch len(list) {
	case 0:
		return nil, indexMissing(name)
	case 1:
		return list[0], nil
	}
	return nil, illegal("no write index is defined for alias [%s]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index", name)
}

func (n *Node) writeTargetCreating(name string) (*index, error) {
	ix, err := n.writeTarget(name)
	var e *apiError
	if errors.As(err, &e) && e.typ == "index_not_found_exception" {
		n.admin.Lock()
		defer n.admin.Unlock()
		if ix, err = n.writeTarget(name); err == nil {
			return ix, nil
		}
		return n.createMissing(name)
	}
	return ix, err
}

// create makes an index. The caller holds n.admin.
func (n *Node) create(name string, body indexBody) (*index, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	n.mu.RLock()
	exists := n.indices[name]
	aliased := len(n.aliasedLocked(name)) > 0
	n.mu.RUnlock()
	if exists != nil {
		return nil, fail(400, "resource_already_exists_exception", "index [%s/%s] already exists", name, exists.uuid).on(name, exists.uuid)
	}
	if aliased {
		return nil, fail(400, "invalid_index_name_exception", "Invalid index name [%s], already exists as alias", name).on(name, "_na_")
	}
	meta, err := n.newMeta(name, body)
	if err != nil {
		return nil, err
	}
	ix, err := newIndex(n, name, meta)
	if err != nil {
		return nil, err
	}
	err = n.write(0, func(w *writeTx) error {
		if err := createBuckets(w.tx, ix.uuid); err != nil {
			return err
		}
		raw, err := json.Marshal(meta)
		if err != nil {
			return err
		}
		return w.tx.Bucket(bucketIndices).Put([]byte(name), raw)
	})
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	n.indices[name] = ix
	n.mu.Unlock()
	ix.searcher.start()
	return ix, nil
}

// drop deletes an index. The caller holds n.admin.
func (n *Node) drop(ix *index) error {
	n.mu.Lock()
	delete(n.indices, ix.name)
	n.mu.Unlock()
	err := n.write(0, func(w *writeTx) error {
		delete(w.open, ix)
		if err := w.tx.Bucket(bucketIndices).Delete([]byte(ix.name)); err != nil {
			return err
		}
		return w.tx.Bucket(bucketDocs).DeleteBucket([]byte(ix.uuid))
	})
	if err != nil {
		return err
	}
	n.dropPITs(func(p *pit) bool { return p.over(ix) })
	if err := ix.searcher.close(); err != nil {
		return err
	}
	return os.RemoveAll(n.searchDir(ix.uuid))
}

func checkName(name string) error {
	bad := func(why string) error {
		return fail(400, "invalid_index_name_exception", "Invalid index name [%s], %s", name, why).on(name, "_na_")
	}
	switch {
	case name == "":
		return bad("must not be empty")
	case strings.ContainsAny(name, " \"*\\<|,>/?"):
		return bad(`must not contain the following characters [' ','"','*','\\','<','|',',','>','/','?']`)
	case strings.Contains(name, "#"):
		return bad("must not contain '#'")
	case strings.Contains(name, ":"):
		return bad("must not contain ':'")
	case strings.ContainsAny(name[:1], "_-+"):
		return bad("must not start with '_', '-', or '+'")
	case len(name) > 255:
		return bad("index name is too long")
	case name == "." || name == "..":
		return bad("must not be '.' or '..'")
	case strings.ToLower(name) != name:
		return bad("must be lowercase")
	}
	return nil
}
