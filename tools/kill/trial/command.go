package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/tributary-search/tributary/runtime/protocol"
)

// command is a round with the command `sync`: it is killed, and made again.
func (l *lane) command(ctx context.Context, d draw) error {
	if d.Anew || l.indices == 0 {
		l.indices++
	}
	l.change(d.Changes, d.Seed)
	if err := l.nextGate(); err != nil {
		return err
	}
	args, err := l.syncArgs()
	if err != nil {
		return err
	}
	r, err := l.program.Start(fmt.Sprintf("sync-%d", d.Round), l.through(l.gate.URL, args)...)
	if err != nil {
		return err
	}
	stop := l.writing(d)
	s := l.arm(ctx, d, r.Kill)
	amid := s.await(ctx, func(context.Context) bool {
		select {
		case <-r.Ended():
			return true
		default:
			return false
		}
	})
	stop()
	l.killed(d, protocol.Full, amid)
	if err := l.revive(ctx, d); err != nil {
		return err
	}
	<-r.Ended() // when the node alone was killed it goes on, or says why not
	return l.again(ctx, args)
}

// through has a command write to an address.
func (l *lane) through(url string, args []string) []string {
	return append([]string{"--set", "elasticsearch.host=" + url, "--set", "elasticsearch.bulk.chunk_size=16", "--set", "elasticsearch.max_retries=2"}, args...)
}

// again makes two more syncs: the first repairs, the second finds nothing to do.
func (l *lane) again(ctx context.Context, args []string) error {
	var first, second struct{ Counters counters }
	if err := l.program.Call(ctx, &first, l.through(l.node.URL, args)...); err != nil {
		return err
	}
	if _, err := l.differs(ctx, l.index()); err != nil {
		return err
	}
	if err := l.program.Call(ctx, &second, l.through(l.node.URL, args)...); err != nil {
		return err
	}
	for _, c := range []counters{first.Counters, second.Counters} {
		if c.Emitted != c.Created+c.Updated+c.Unchanged+c.Filtered+c.Failed+c.Duplicate {
			l.wrongCounter("the counters of a sync do not add up: %+v", c)
		}
	}
	if c := second.Counters; c.Emitted != c.Unchanged+c.Failed || c.Deleted != 0 {
		l.wrongCounter("a sync of what did not change says %+v", c)
	}
	return nil
}

// index is where the commands of this round write.
func (l *lane) index() string { return fmt.Sprintf("killed-%s-%d", l.Name, l.indices) }

func (l *lane) syncArgs() ([]string, error) {
	var plain map[string]json.RawMessage
	if err := json.Unmarshal(l.World.Config(), &plain); err != nil {
		return nil, err
	}
	args := []string{"sync", l.ServiceType}
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		text := string(plain[name])
		var s string
		if json.Unmarshal(plain[name], &s) == nil {
			text = s
		}
		args = append(args, name+"="+text)
	}
	return append(args, "--index", l.index()), nil
}
