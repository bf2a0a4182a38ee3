// Command tutorial does what a document tells its reader to: it copies the
// tree, runs the sh blocks, applies the diff blocks, and compares what was printed
// with the text blocks. So a tutorial can't rot. It fails when the diffs have
// more than 100 lines.
//
//	go run ./tools/tutorial docs/first-source.md tools/tutorial/testdata/shop.md
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// mostWritten is how many lines an author writes by hand at most.
const mostWritten = 100

func main() {
	for _, document := range os.Args[1:] {
		if err := follow(document); err != nil {
			fmt.Fprintf(os.Stderr, "%s:%v\n", document, err)
			os.Exit(1)
		}
	}
}

func follow(document string) (err error) {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	blocks, err := parse(string(text))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tutorial")
	if err != nil {
		return err
	}
	r := &reader{dir: filepath.Join(dir, "tree"), data: filepath.Join(dir, "data")}
	defer func() {
		r.stop()
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	if err := r.clone(); err != nil {
		return err
	}
	began, lines := time.Now(), 0
	for _, b := range blocks {
		if err := r.do(b); err != nil {
			return fmt.Errorf("%d: %w", b.line, err)
		}
		if b.language == "diff" {
			lines += written(b.text)
		}
	}
	if lines > mostWritten {
		return fmt.Errorf("1: %d lines are written by hand, more than %d", lines, mostWritten)
	}
	fmt.Printf("%s: ok, %d blocks, %d lines by hand, %.0f s\n", document, len(blocks), lines, time.Since(began).Seconds())
	return nil
}

// reader follows a document in a tree of its own.
type reader struct {
	dir, data string
	said      string // by the last commands
	groups    []int  // of processes
}

// clone copies what git knows or would know, and makes it a repository of its own.
func (r *reader) clone() error {
	script := `mkdir -p "$1" && git ls-files -co --exclude-standard -z | while IFS= read -r -d '' f; do [ ! -f "$f" ] || printf '%s\0' "$f"; done |
		tar -cf - --null -T - | tar -xf - -C "$1" && cd "$1" && git init -q . && git add -A &&
		git -c user.name=reader -c user.email=reader@example.com commit -q -m "the tree"`
	out, err := exec.Command("bash", "-euo", "pipefail", "-c", script, "clone", r.dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("1: copy the tree: %w\n%s", err, out)
	}
	return nil
}

func (r *reader) do(b block) error {
	switch b.language {
	case "text":
		if line := missing(b.text, r.said); line != "" {
			return fmt.Errorf("nothing printed this line:\n  %s\nwhat was printed:\n%s", line, r.said)
		}
	case "diff":
		cmd := exec.Command("git", "apply", "--recount", "-")
		cmd.Dir, cmd.Stdin = r.dir, strings.NewReader(b.text)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("the diff does not fit: %w\n%s", err, out)
		}
	default:
		return r.run(b.text)
	}
	return nil
}

// run runs commands as a shell with -e does. Those in the background go on.
func (r *reader) run(commands string) error {
	out, err := os.CreateTemp(filepath.Dir(r.dir), "said") // a file, as those in the background keep it
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", commands)
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.dir, out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = append(environment(), "TRIBUTARY_DATA="+r.data)
	err = cmd.Start()
	if err == nil {
		r.groups = append(r.groups, cmd.Process.Pid)
		err = cmd.Wait()
	}
	said, readErr := os.ReadFile(out.Name())
	r.said = string(bytes.ToValidUTF8(said, nil))
	if err != nil {
		return fmt.Errorf("%w: %s\nwhat was printed:\n%s", err, strings.TrimSpace(commands), r.said)
	}
	return readErr
}

// environment is this process's without a server and an account.
func environment() (list []string) {
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "ELASTICSEARCH_") && !strings.HasPrefix(e, "TRIBUTARY_") && !strings.HasPrefix(e, "MAKE") {
			list = append(list, e)
		}
	}
	return list
}

// stop ends what runs in the background.
func (r *reader) stop() {
	for _, group := range r.groups {
		_ = syscall.Kill(-group, syscall.SIGTERM)
	}
}
