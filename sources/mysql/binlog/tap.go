// Package binlog reads the binary log of MySQL and MariaDB: the history that
// their replicas follow. Of each changed row it looks at the columns that are
// asked for, and skips the others.
package binlog

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// maxPacket is the most bytes of one packet; longer ones come in several.
const maxPacket = 1<<24 - 1

// Tap is a connection that a driver logs in on, and that is then taken over for
// a command that the driver does not know. The driver must be told of no TLS:
// the Tap encrypts below it, once the server has said that it can.
//
// While the driver logs in, the Tap counts packets: asking for TLS is one that
// the driver does not know of.
type Tap struct {
	net.Conn
	config *tls.Config // nil without encryption

	greeted  bool   // the server's first packet was seen
	loggedIn bool   // from here on bytes pass as they are
	out      []byte // what the driver wrote of a packet
	in       []byte // what the driver has yet to read
}

// NewTap makes a Tap of a connection to a server.
func NewTap(conn net.Conn, config *tls.Config) *Tap {
	return &Tap{Conn: conn, config: config, loggedIn: config == nil}
}

const (
	capabilityTLS = 0x800
	responseHead  = 32 // capabilities, packet size, character set, filler
	packetOK      = 0x00
	packetEOF     = 0xfe
	packetError   = 0xff
)

var errNoTLS = errors.New("the server has no TLS: switch it on there, or ssl_enabled off")

// Read gives the driver what the server says.
func (t *Tap) Read(p []byte) (int, error) {
	if len(t.in) == 0 {
		if t.loggedIn {
			return t.Conn.Read(p)
		}
		if err := t.receive(); err != nil {
			return 0, err
		}
	}
	n := copy(p, t.in)
	t.in = t.in[n:]
	return n, nil
}

// receive reads one packet of the login.
func (t *Tap) receive() error {
	sequence, payload, err := readPacket(t.Conn, nil)
	if err != nil {
		return err
	}
	switch {
	case !t.greeted:
		t.greeted = true
		if len(payload) > 0 && payload[0] == packetError {
			t.loggedIn = true
		} else if !offersTLS(payload) {
			return errNoTLS
		}
	default:
		sequence--
		t.loggedIn = len(payload) > 0 && (payload[0] == packetOK || payload[0] == packetError)
	}
	t.in = appendPacket(nil, sequence, payload)
	return nil
}

// offersTLS looks at the capabilities in the server's first packet: they stand
// behind its version, the connection's number and 9 bytes more.
func offersTLS(greeting []byte) bool {
	for i := 1; i < len(greeting); i++ {
		if greeting[i] == 0 {
			at := i + 1 + 4 + 8 + 1
			return at+2 <= len(greeting) && binary.LittleEndian.Uint16(greeting[at:])&capabilityTLS != 0
		}
	}
	return false
}

// Write gives the server what the driver says.
func (t *Tap) Write(p []byte) (int, error) {
	if t.loggedIn {
		return t.Conn.Write(p)
	}
	t.out = append(t.out, p...)
	for len(t.out) >= 4 {
		size := int(t.out[0]) | int(t.out[1])<<8 | int(t.out[2])<<16
		if len(t.out) < 4+size {
			break
		}
		if err := t.send(t.out[3], t.out[4:4+size]); err != nil {
			return 0, err
		}
		t.out = t.out[4+size:]
	}
	return len(p), nil
}

// send writes one packet of the login; before the first one it asks for TLS.
func (t *Tap) send(sequence byte, payload []byte) error {
	if _, encrypted := t.Conn.(*tls.Conn); !encrypted {
		if len(payload) < responseHead {
			return fmt.Errorf("the login has %d bytes", len(payload))
		}
		binary.LittleEndian.PutUint32(payload, binary.LittleEndian.Uint32(payload)|capabilityTLS)
		if _, err := t.Conn.Write(appendPacket(nil, sequence, payload[:responseHead])); err != nil {
			return err
		}
		encrypted := tls.Client(t.Conn, t.config)
		if err := encrypted.Handshake(); err != nil {
			return err
		}
		t.Conn = encrypted
	}
	_, err := t.Conn.Write(appendPacket(nil, sequence+1, payload))
	return err
}

// command sends a command of the protocol.
func (t *Tap) command(payload []byte) error {
	_, err := t.Conn.Write(appendPacket(nil, 0, payload))
	return err
}

func appendPacket(dst []byte, sequence byte, payload []byte) []byte {
	n := len(payload)
	return append(append(dst, byte(n), byte(n>>8), byte(n>>16), sequence), payload...)
}

// readPacket reads a packet and those that go on with it, into buf if it fits.
func readPacket(r io.Reader, buf []byte) (sequence byte, payload []byte, err error) {
	payload = buf[:0]
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return 0, nil, err
		}
		n := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
		start := len(payload)
		payload = grow(payload, n)
		if _, err := io.ReadFull(r, payload[start:]); err != nil {
			return 0, nil, err
		}
		if n < maxPacket {
			return head[3], payload, nil
		}
	}
}

// grow makes a slice n bytes longer.
func grow(b []byte, n int) []byte {
	if cap(b)-len(b) < n {
		b = append(make([]byte, 0, 2*len(b)+n), b...)
	}
	return b[:len(b)+n]
}
