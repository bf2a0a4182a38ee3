package github

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/page"
	"github.com/tributary-search/tributary/runtime/rest"
)

// file is an entry of a tree. A tree may have 100,000, so it is small.
type file struct {
	Path string
	SHA  oid
	Size int64
	Mode mode
}

// oid is the name that git gives a content. GitHub's are all SHA-1.
type oid [20]byte

// UnmarshalText reads hexadecimal digits.
func (o *oid) UnmarshalText(text []byte) error {
	if len(text) != 2*len(o) {
		return fmt.Errorf("%q is no SHA-1", text)
	}
	_, err := hex.Decode(o[:], text)
	return err
}

// String is in hexadecimal digits.
func (o oid) String() string { return hex.EncodeToString(o[:]) }

// mode is what kind of an entry it is.
type mode uint8

const (
	other mode = iota // a symbolic link, whose content is a path, or another repository
	regular
	executable
	folder
)

// UnmarshalText reads a mode as git writes it.
func (m *mode) UnmarshalText(text []byte) error {
	switch string(text) {
	case "100644":
		*m = regular
	case "100755":
		*m = executable
	case "040000":
		*m = folder
	default:
		*m = other
	}
	return nil
}

// String is the mode as git writes it.
func (m mode) String() string {
	if m == executable {
		return "100755"
	}
	return "100644"
}

// isText reports whether a file is one of those that are read.
func (f file) isText() bool {
	switch strings.ToLower(path.Ext(f.Path)) {
	case ".md", ".markdown", ".rst":
		return f.Mode == regular || f.Mode == executable
	}
	return false
}

// tree lists the text files of a branch, or of a commit.
func (r *repository) tree(ctx context.Context, ref string) ([]file, error) {
	entries, whole, err := r.entries(ctx, ref, true)
	switch {
	case rest.StatusOf(err) == http.StatusConflict:
		return nil, nil // the repository is empty
	case err != nil:
		return nil, err
	case !whole:
		return r.walk(ctx, ref)
	}
	return entries, nil
}

// walk lists folder by folder, since GitHub cuts lists of more than 100,000
// files.
func (r *repository) walk(ctx context.Context, ref string) ([]file, error) {
	type step struct{ ref, below string }
	var found []file
	for todo := []step{{ref, ""}}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		entries, whole, err := r.entries(ctx, at.ref, false)
		if err != nil {
			return nil, err
		}
		if !whole {
			return nil, fmt.Errorf("files of %s: the folder %q has more entries than GitHub lists", r.FullName, at.below)
		}
		for _, f := range entries {
			f.Path = path.Join(at.below, f.Path)
			if f.Mode == folder {
				todo = append(todo, step{f.SHA.String(), f.Path})
			} else {
				found = append(found, f)
			}
		}
	}
	return found, nil
}

// entries asks for a tree and keeps its text files and folders. It reports
// whether that is all of it.
func (r *repository) entries(ctx context.Context, ref string, recursive bool) (kept []file, whole bool, err error) {
	query := url.Values{}
	if recursive {
		query.Set("recursive", "1")
	}
	truncated := false
	_, err = r.api.Decode(ctx, r.path+"/git/trees"+rest.Path(ref), query, func(from *json.Decoder) error {
		kept, truncated = nil, false
		return rest.Object(from, map[string]func(*json.Decoder) error{
			"truncated": func(from *json.Decoder) error { return from.Decode(&truncated) },
			"tree": func(from *json.Decoder) error {
				return rest.List(from, func(f *file) error {
					if f.isText() || f.Mode == folder && !recursive {
						kept = append(kept, *f)
					}
					return nil
				})
			},
		})
	})
	return kept, !truncated, err
}

// files emits files of a branch.
func (r *repository) files(ctx context.Context, ref string, files []file, emit func(connector.Document) error) error {
	return page.Each(ctx, atOnce, each(files), func(ctx context.Context, f file) error {
		at, err := r.committed(ctx, ref, f.Path)
		if err != nil && !costsOneDocument(err) {
			return fmt.Errorf("file %s of %s: %w", f.Path, r.FullName, err)
		}
		d := r.file(f, at)
		d.Err = err
		return emit(d)
	})
}

func each[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// committed is when a file was last changed.
func (r *repository) committed(ctx context.Context, ref, path string) (time.Time, error) {
	var commits []struct {
		Commit struct{ Committer struct{ Date time.Time } }
	}
	query := url.Values{"sha": {ref}, "path": {path}, "per_page": {"1"}}
	if _, err := r.api.JSON(ctx, r.path+"/commits", query, &commits); err != nil {
		return time.Time{}, err
	}
	if len(commits) == 0 {
		return time.Time{}, nil
	}
	return commits[0].Commit.Committer.Date, nil
}

// fileID is the ID of a file's document.
func (r *repository) fileID(path string) string { return r.FullName + "/" + path }

func (r *repository) file(f file, at time.Time) connector.Document {
	d := connector.NewDocument(r.fileID(f.Path))
	d.UpdatedAt = at
	d.Set("name", path.Base(f.Path))
	d.Set("path", f.Path)
	d.Set("extension", path.Ext(f.Path))
	d.Set("size", f.Size)
	d.Set("type", "blob")
	d.Set("mode", f.Mode.String())
	d.Attachment = &connector.Attachment{
		Name: path.Base(f.Path), Size: f.Size, ETag: f.SHA.String(),
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			resp, err := r.api.Get(ctx, r.path+"/git/blobs"+rest.Path(f.SHA.String()), nil, "application/vnd.github.raw+json")
			if err != nil {
				return nil, err
			}
			return resp.Body, nil
		},
	}
	return d
}
