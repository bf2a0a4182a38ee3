package binlog

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// Error is the server's answer to a command that it can't carry out.
type Error struct {
	Number  uint16
	Message string
}

// Error is the server's text.
func (e *Error) Error() string { return fmt.Sprintf("Error %d: %s", e.Number, e.Message) }

// errFatalReading is what the server says when it no longer has what is asked
// for, or can't read it.
const errFatalReading = 1236

// Purged reports whether an error says that the server no longer has the
// history from the position that was asked for.
func Purged(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Number == errFatalReading
}

// Commands that ask for the binary log, and what they say: answer with EOF when
// there is no more. The number of the replica is 0, which no replica has, so
// that no replica is taken for this one.
const (
	comDump     = 0x12
	comDumpGTID = 0x1e
	nonBlocking = 0x01
	firstPos    = 4 // behind a file's magic number
)

// Stream is the binary log from a position to its end.
type Stream struct {
	tap    *Tap
	r      *bufio.Reader
	buf    []byte
	inside [][]byte // events that came compressed together
}

// bufferSize is large, as events are small and many.
const bufferSize = 64 << 10

// At asks for the log from a place in a file. With MariaDB an empty file and
// place 0 mean the position that the session has set as @slave_connect_state.
func At(tap *Tap, file string, pos uint32) (*Stream, error) {
	b := []byte{comDump}
	b = binary.LittleEndian.AppendUint32(b, max(pos, firstPos))
	b = binary.LittleEndian.AppendUint16(b, nonBlocking)
	b = binary.LittleEndian.AppendUint32(b, 0)
	return begin(tap, append(b, file...))
}

// After asks a MySQL for all transactions but those in a set.
func After(tap *Tap, seen GTIDSet) (*Stream, error) {
	set := seen.encode()
	b := []byte{comDumpGTID}
	b = binary.LittleEndian.AppendUint16(b, nonBlocking)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, 0) // no name of a file
	b = binary.LittleEndian.AppendUint64(b, firstPos)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(set)))
	return begin(tap, append(b, set...))
}

func begin(tap *Tap, command []byte) (*Stream, error) {
	if err := tap.command(command); err != nil {
		return nil, err
	}
	return &Stream{tap: tap, r: bufio.NewReaderSize(tap.Conn, bufferSize)}, nil
}

// Next returns the next event, valid until the call after it, or io.EOF when
// there is no more.
func (s *Stream) Next(ctx context.Context) (Event, error) {
	if len(s.inside) > 0 {
		e, err := newEvent(s.inside[0])
		s.inside = s.inside[1:]
		return e, err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.tap.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	_, packet, err := readPacket(s.r, s.buf)
	switch {
	case ctx.Err() != nil:
		return Event{}, context.Cause(ctx)
	case err != nil:
		return Event{}, fmt.Errorf("read the binary log: %w", err)
	case len(packet) == 0:
		return Event{}, errShort
	}
	s.buf = packet
	switch packet[0] {
	case packetOK:
		return s.event(withoutChecksum(packet[1:]))
	case packetEOF:
		return Event{}, io.EOF
	case packetError:
		return Event{}, newError(packet)
	}
	return Event{}, fmt.Errorf("read the binary log: a packet begins with %#x", packet[0])
}

// withoutChecksum takes the checksum off an event that ends in one. Servers
// differ in when they send it; what matches can't be anything else.
func withoutChecksum(b []byte) []byte {
	n := len(b) - 4
	if n < headSize || crc32.ChecksumIEEE(b[:n]) != binary.LittleEndian.Uint32(b[n:]) {
		return b
	}
	return b[:n]
}

func (s *Stream) event(b []byte) (Event, error) {
	e, err := newEvent(b)
	if err != nil || e.Type != transactionPayload {
		return e, err
	}
	if s.inside, err = unpackTransaction(e.Body); err != nil {
		return Event{}, err
	}
	return e, nil
}

// newError reads a packet: number, # and a state of 5 letters, text.
func newError(packet []byte) error {
	if len(packet) < 3 {
		return errShort
	}
	text := packet[3:]
	if len(text) >= 6 && text[0] == '#' {
		text = text[6:]
	}
	return &Error{Number: binary.LittleEndian.Uint16(packet[1:]), Message: string(text)}
}
