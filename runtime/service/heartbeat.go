package service

import (
	"context"
	"time"
)

// beat writes last_seen of the connectors that nobody has written it of for a
// while, all in one request.
func (l *loop) beat(ctx context.Context) {
	half := time.Duration(l.Settings.Service.Heartbeat) / 2
	due := func(k *known) bool {
		return !k.deleted && (k.lastSeen.IsZero() || time.Since(k.seenMoved) >= half)
	}
	var ids []string
	for id, k := range l.seen {
		if due(k) && l.mine(k) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 || time.Since(l.lastBeat) < min(half, time.Minute) && !l.fresh(ids) {
		return
	}
	if err := l.Protocol.Beat(ctx, ids); err != nil {
		l.complain("the connectors' last_seen could not be written", err)
		return
	}
	l.lastBeat = time.Now()
	for _, id := range ids {
		k := l.seen[id]
		k.seenMoved = time.Now()
		if k.lastSeen.IsZero() {
			k.lastSeen = l.Now()
		}
	}
}

// fresh reports whether one of the connectors has never been seen.
func (l *loop) fresh(ids []string) bool {
	for _, id := range ids {
		if l.seen[id].lastSeen.IsZero() {
			return true
		}
	}
	return false
}

// mine reports whether this service knows what to do with a connector.
func (l *loop) mine(k *known) bool {
	_, ok := l.kind(k.serviceType)
	return ok
}
