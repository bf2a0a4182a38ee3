package directory

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// document describes a file under the names that Elastic's directory source
// uses, except for the time of the last access: reading would change it. What
// only Unix knows is left out elsewhere.
func (w *walk) document(path, name string, s *stat) connector.Document {
	d := connector.NewDocument(w.id(path))
	d.UpdatedAt = s.modified()
	ext := extension(name)
	mediaType := mediaTypes[ext]
	w.text(&d, "path", path)
	w.text(&d, "name", name)
	w.text(&d, "extension", ext)
	w.text(&d, "media_type", mediaType)
	w.number(&d, "size", uint64(s.size))
	w.scratch = connector.AppendTime(w.scratch[:0], d.UpdatedAt)
	d.SetRaw("last_modified_time", w.scratch)
	if s.hasInode {
		w.describeInode(&d, &s.inode)
	}
	if s.size > 0 && s.size <= w.source.cfg.MaxContentSize {
		d.Attachment = newContent(w, path, name, mediaType, s)
	}
	return d
}

func (w *walk) describeInode(d *connector.Document, i *inode) {
	w.number(d, "inode_protection_mode", i.mode)
	w.number(d, "inode_number", i.number)
	w.number(d, "device_inode_reside", i.device)
	w.number(d, "number_of_links", i.links)
	w.number(d, "uid", i.uid)
	w.number(d, "gid", i.gid)
	ctime := float64(i.seconds) + float64(i.nanos)/1e9
	w.scratch = strconv.AppendFloat(w.scratch[:0], ctime, 'f', -1, 64)
	d.SetRaw("ctime", w.scratch)
}

// text adds a field if it is not empty.
func (w *walk) text(d *connector.Document, key, value string) {
	if value != "" {
		w.scratch = connector.AppendString(w.scratch[:0], value)
		d.SetRaw(key, w.scratch)
	}
}

// number adds a field that Elasticsearch maps as long; what exceeds that, as
// inode numbers of some network file systems do, is null.
func (w *walk) number(d *connector.Document, key string, value uint64) {
	w.scratch = w.scratch[:0]
	if value <= math.MaxInt64 {
		w.scratch = strconv.AppendUint(w.scratch, value, 10)
	}
	d.SetRaw(key, w.scratch)
}

// id is the MD5 of the absolute path in hex, as Elastic's directory source
// makes it. It is taken of the bytes that the file system holds, so names that
// are no UTF-8 have ids of their own.
func (w *walk) id(path string) string {
	w.scratch = append(w.scratch[:0], path...)
	sum := md5.Sum(w.scratch)
	w.scratch = hex.AppendEncode(w.scratch[:0], sum[:])
	return string(w.scratch)
}

// unreadable is a file that is there but can't be looked at. Its document in
// the index stays as it is.
func (w *walk) unreadable(path string, err error) connector.Document {
	return connector.Document{ID: w.id(path), Err: fmt.Errorf("file %s: %w", path, reason(err))}
}

// extension is what follows the last dot, in lower case; hidden files without
// another dot have none.
func extension(name string) string {
	ext := filepath.Ext(name)
	if len(ext) < 2 || len(ext) == len(name) {
		return ""
	}
	return strings.ToLower(ext[1:])
}
