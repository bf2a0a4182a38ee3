package trial

import (
	"errors"
	"net"
)

var errSevered = errors.New("the process on the other side is gone")

// metered is a listener whose connections count their bytes.
type metered struct {
	net.Listener
	gate *Gate
}

func (m metered) Accept() (net.Conn, error) {
	conn, err := m.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &meteredConn{conn, m.gate}, nil
}

type meteredConn struct {
	net.Conn
	gate *Gate
}

// Read gives what comes from the process, no more than up to the strike. What
// lies in the system's buffers after it is lost, as the rest of it would be.
func (c *meteredConn) Read(p []byte) (int, error) {
	if c.gate.severed.Load() {
		return 0, errSevered
	}
	n, err := c.Conn.Read(p[:c.gate.allowed(len(p))])
	if n > 0 {
		c.gate.count(n)
	}
	return n, err
}

// Write hands over to the process, in parts around the strike.
func (c *meteredConn) Write(p []byte) (written int, err error) {
	for written < len(p) {
		if c.gate.severed.Load() {
			return written, errSevered
		}
		part := p[written:]
		n, err := c.Conn.Write(part[:c.gate.allowed(len(part))])
		written += n
		if n > 0 {
			c.gate.count(n)
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}
