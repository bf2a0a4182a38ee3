package main

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// repository is a folder that git knows.
type repository string

// git runs git and returns what it wrote.
func (r repository) git(args ...string) (string, error) {
	out, err := exec.Command("git", append([]string{"-C", string(r)}, args...)...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return string(out), nil
}

// paths runs git and returns the paths that it wrote, which end with zeros.
// Renames are shown as a file that went and one that came.
func (r repository) paths(args ...string) ([]string, error) {
	out, err := r.git(args...)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(strings.Split(out, "\x00"), func(s string) bool { return s == "" }), nil
}

// upstream is where the changes of all come together.
const upstream = "origin/main"

// base is where a branch left upstream; HEAD where there is no upstream, so
// that the work tree alone is judged.
func (r repository) base() string {
	out, err := r.git("merge-base", "HEAD", upstream)
	if err != nil {
		return "HEAD"
	}
	return strings.TrimSpace(out)[:12]
}

// patches are what is to be judged; head is empty for the work tree.
func (r repository) patches(base, head string, each bool) ([]patch, error) {
	tip := head
	if head == "" {
		tip = "HEAD"
	}
	out, err := r.git("merge-base", base, tip)
	if err != nil {
		return nil, fmt.Errorf("no common ancestor of %s and %s, or this clone does not hold it (git fetch --unshallow): %w", base, tip, err)
	}
	from := strings.TrimSpace(out)
	var patches []patch
	if each {
		if patches, err = r.commits(from, tip); err != nil || head != "" {
			return patches, err
		}
		from = tip
	}
	last, err := r.patch(from, head)
	return append(patches, last), err
}

// patch is the one from a revision to another, or to the work tree with the
// files that git does not know yet.
func (r repository) patch(from, to string) (patch, error) {
	diff := []string{"diff", "--name-only", "--no-renames", "-z", from}
	name := "the patch"
	if to != "" {
		diff = append(diff, to)
		name = "the patch up to " + to
	}
	files, err := r.paths(append(diff, "--")...)
	if err != nil || to != "" {
		return patch{name, files}, err
	}
	unknown, err := r.paths("ls-files", "--others", "--exclude-standard", "--full-name", "-z", ":/")
	return patch{name, append(files, unknown...)}, err
}

// commits are the patches of single commits, the oldest first; merges bring
// nothing of their own.
func (r repository) commits(from, to string) ([]patch, error) {
	out, err := r.git("log", "--reverse", "--no-merges", "--format=%h %s", from+".."+to)
	if err != nil {
		return nil, err
	}
	var patches []patch
	for line := range strings.Lines(out) {
		id, subject, _ := strings.Cut(strings.TrimSpace(line), " ")
		files, err := r.paths("diff-tree", "--no-commit-id", "--name-only", "--no-renames", "-r", "-z", id)
		if err != nil {
			return nil, err
		}
		patches = append(patches, patch{fmt.Sprintf("commit %s (%s)", id, subject), files})
	}
	return patches, nil
}
