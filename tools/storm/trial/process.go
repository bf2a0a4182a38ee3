package trial

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"
)

// process is one run of the program under test.
type process struct {
	name  string
	cmd   *exec.Cmd
	log   string        // path of what it writes
	ended chan struct{} // closed when it has
	err   error         // then

	expected atomic.Bool // it was made to end
}

// start runs the program with a log of its own. Its standard output goes there
// too.
func (t *trial) start(name string, env []string, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(t.options.Dir, name+".log"), ended: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	p.cmd = exec.Command(t.options.Program, args...)
	p.cmd.Dir = t.options.Dir
	p.cmd.Env = append(append([]string{}, t.env...), env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		_ = log.Close()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		_ = log.Close()
		if !p.expected.Load() {
			t.abandon(fmt.Errorf("%s ended by itself (%s); see %s", name, p.cmd.ProcessState, p.log))
		}
		close(p.ended)
	}()
	return p, nil
}

// kill ends the process as a power failure would, also when it is paused.
func (p *process) kill() {
	p.expected.Store(true)
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// patience is how long a process may take to end when it is asked to.
const patience = 20 * time.Second

// stop asks the process to end and returns what is wrong with how it did.
func (p *process) stop() error {
	p.expected.Store(true)
	_ = p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
		return fmt.Errorf("%s did not end within %s when it was asked to", p.name, patience)
	}
	if p.err != nil {
		return fmt.Errorf("%s ended with %w; see %s", p.name, p.err, p.log)
	}
	return nil
}

// sleep waits, and reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
