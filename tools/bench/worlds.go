package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
)

// world is a running source system: see its own program.
type world struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	config string
}

func (b *bench) world(program, source string, n int) (w *world, err error) {
	w = &world{cmd: exec.Command(program, source, strconv.Itoa(n))}
	w.cmd.Dir, w.cmd.Stderr = b.root, os.Stderr
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewReader(out)
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	if w.config, err = w.out.ReadString('\n'); err != nil {
		return nil, errors.Join(fmt.Errorf("no configuration: %w", err), w.stop())
	}
	return w, nil
}

// change makes changes, other ones for each number.
func (w *world) change(seed int) error {
	if _, err := fmt.Fprintln(w.in, seed+1, updates, deletes, added); err != nil {
		return err
	}
	_, err := w.out.ReadString('\n')
	return err
}

func (w *world) stop() error {
	_ = w.in.Close()
	return w.cmd.Wait()
}
