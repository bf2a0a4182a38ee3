package github

import (
	"context"
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

// file is a file of a tree.
type file struct {
	Path string
	Mode string
	Type string
	SHA  string
	Size int64
}

const (
	regular = "blob"
	folder  = "tree"
	link    = "120000" // the mode of a symbolic link, whose content is a path
)

// isText reports whether a file is one of those that are read.
func (f file) isText() bool {
	switch strings.ToLower(path.Ext(f.Path)) {
	case ".md", ".markdown", ".rst":
		return f.Type == regular && f.Mode != link
	}
	return false
}

// tree lists the text files of a branch, or of a commit.
func (r *repository) tree(ctx context.Context, ref string) ([]file, error) {
	found, whole, err := r.subtree(ctx, ref, "", true)
	if status := rest.StatusOf(err); status == http.StatusConflict {
		return nil, nil // the repository is empty
	}
	if err != nil || whole {
		return found, err
	}
	return r.walk(ctx, ref, "")
}

// walk lists folder by folder, since GitHub cuts lists of more than 100,000
// files.
func (r *repository) walk(ctx context.Context, ref, below string) ([]file, error) {
	type step struct{ ref, below string }
	var found []file
	for todo := []step{{ref, below}}; len(todo) > 0; todo = todo[1:] {
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
			switch {
			case f.Type == folder:
				todo = append(todo, step{f.SHA, f.Path})
			case f.isText():
				found = append(found, f)
			}
		}
	}
	return found, nil
}

// subtree lists the text files below a tree, and reports whether it has all.
func (r *repository) subtree(ctx context.Context, ref, below string, recursive bool) ([]file, bool, error) {
	entries, whole, err := r.entries(ctx, ref, recursive)
	var found []file
	for _, f := range entries {
		if f.isText() {
			f.Path = path.Join(below, f.Path)
			found = append(found, f)
		}
	}
	return found, whole, err
}

// entries asks for a tree, of which it holds the text files and folders alone.
func (r *repository) entries(ctx context.Context, ref string, recursive bool) ([]file, bool, error) {
	var answer struct {
		Tree      []file
		Truncated bool
	}
	query := url.Values{}
	if recursive {
		query.Set("recursive", "1")
	}
	_, err := r.api.JSON(ctx, r.path+"/git/trees"+rest.Path(ref), query, &answer)
	return answer.Tree, !answer.Truncated, err
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
		return noTime, err
	}
	if len(commits) == 0 {
		return noTime, nil
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
	d.Set("type", regular)
	if f.Mode != "" {
		d.Set("mode", f.Mode)
	}
	d.Attachment = &connector.Attachment{
		Name: path.Base(f.Path), Size: f.Size, ETag: f.SHA,
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			resp, err := r.api.Get(ctx, r.path+"/git/blobs"+rest.Path(f.SHA), nil, "application/vnd.github.raw+json")
			if err != nil {
				return nil, err
			}
			return resp.Body, nil
		},
	}
	return d
}
