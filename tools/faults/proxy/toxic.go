package proxy

import (
	"sync/atomic"
	"time"
)

// Direction is which of the bytes of a connection a toxic works on.
type Direction int

// The directions. The zero value is both.
const (
	Both       Direction = iota
	Upstream             // what the client sends
	Downstream           // what the server answers
)

// Toxic is one way to spoil a connection. It is made by one of the functions of
// this package and works in both directions unless [Toxic.Only] says otherwise.
type Toxic struct {
	kind  kind
	way   Direction
	wait  time.Duration
	bytes int
	left  *atomic.Int64 // connections it may still break; nil: any number
}

type kind int

const (
	latency kind = iota
	bandwidth
	timeout
	resetPeer
	limitData
	slice
	down
)

// Latency delays everything by d.
func Latency(d time.Duration) Toxic { return Toxic{kind: latency, wait: d} }

// Bandwidth lets so many bytes a second pass on each connection.
func Bandwidth(bytes int) Toxic { return Toxic{kind: bandwidth, bytes: bytes} }

// Timeout is a black hole: nothing passes and nothing is closed. What was held
// back arrives when the toxic ends.
func Timeout() Toxic { return Toxic{kind: timeout} }

// ResetPeer resets a connection when so many bytes have passed.
func ResetPeer(after int) Toxic { return Toxic{kind: resetPeer, bytes: after} }

// LimitData closes a connection in order when so many bytes have passed.
func LimitData(after int) Toxic { return Toxic{kind: limitData, bytes: after} }

// Slice passes everything in writes of 1 to 7 bytes.
func Slice() Toxic { return Toxic{kind: slice} }

// Down resets all connections and every new one.
func Down() Toxic { return Toxic{kind: down} }

// Only returns the toxic for one direction.
func (t Toxic) Only(way Direction) Toxic {
	t.way = way
	return t
}

// Times returns the toxic for the first n connections that it breaks; it leaves
// the others alone. It is for [ResetPeer] and [LimitData].
func (t Toxic) Times(n int) Toxic {
	t.left = new(atomic.Int64)
	t.left.Store(int64(n))
	return t
}

// strikes takes one of the times that the toxic has.
func (t Toxic) strikes() bool { return t.left == nil || t.left.Add(-1) >= 0 }

// spent reports whether nothing is left of its times.
func (t Toxic) spent() bool { return t.left != nil && t.left.Load() <= 0 }

// set is what works at one time.
type set struct {
	toxics []Toxic
	over   chan struct{} // closed when another one works
}

func newSet(toxics []Toxic) *set { return &set{toxics: toxics, over: make(chan struct{})} }

func (s *set) down() bool {
	for _, t := range s.toxics {
		if t.kind == down {
			return true
		}
	}
	return false
}
