package binlog

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxUnpacked bounds what a compressed event may become: the largest packet
// that a server sends.
const maxUnpacked = 1 << 30

// inflate reads what MariaDB compressed: a byte with the length of the length,
// the length, zlib.
func inflate(b []byte) ([]byte, error) {
	if len(b) < 1 || len(b) < 1+int(b[0]&7) {
		return nil, errShort
	}
	z, err := zlib.NewReader(bytes.NewReader(b[1+int(b[0]&7):]))
	if err != nil {
		return nil, fmt.Errorf("a compressed event: %w", err)
	}
	return io.ReadAll(io.LimitReader(z, maxUnpacked))
}

// Fields of a compressed transaction of MySQL.
const (
	payloadEnd      = 0
	payloadKind     = 2
	payloadZstd     = 0
	payloadNotAtAll = 255
)

// unpackTransaction returns the events of a compressed transaction.
func unpackTransaction(b []byte) ([][]byte, error) {
	r := reader{b: b}
	kind := payloadZstd
	for {
		field := r.packed()
		if r.err != nil {
			return nil, r.err
		}
		if field == payloadEnd {
			break
		}
		value := reader{b: r.take(r.packed())}
		if field == payloadKind {
			kind = value.packed()
		}
	}
	data := r.b
	switch kind {
	case payloadZstd:
		d, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxUnpacked))
		if err != nil {
			return nil, fmt.Errorf("a compressed transaction: %w", err)
		}
		defer d.Close()
		if data, err = io.ReadAll(d); err != nil {
			return nil, fmt.Errorf("a compressed transaction: %w", err)
		}
	case payloadNotAtAll:
	default:
		return nil, fmt.Errorf("a transaction is compressed in the unknown way %d", kind)
	}
	return split(data)
}

// split cuts events that lie one behind the other.
func split(data []byte) (events [][]byte, err error) {
	for len(data) > 0 {
		if len(data) < headSize {
			return nil, errShort
		}
		n := int(binary.LittleEndian.Uint32(data[9:]))
		if n < headSize || n > len(data) {
			return nil, errShort
		}
		events = append(events, data[:n])
		data = data[n:]
	}
	return events, nil
}
