package job

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// fingerprintFormat changes whenever the bytes that are hashed change their
// meaning; every document is then sent once more.
const fingerprintFormat = 1

// ownerLength is the length of an owner: 8 hex digits.
const ownerLength = 8

// Owner returns the mark of a connector, or of a configuration that is synced
// without one: 8 hex digits over the given parts. Documents of one owner are
// never touched by another.
func Owner(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_ = binary.Write(h, binary.BigEndian, uint64(len(p)))
		_, _ = h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:ownerLength/2])
}

// fingerprinter makes the field _fingerprint: "<owner>.<hash>", where the hash
// is 22 base64url characters of SHA-256, truncated to 16 bytes, over
// everything that shapes the document in the index. An empty hash marks a
// document that is to be sent again.
type fingerprinter struct {
	prefix []byte            // owner and dot
	base   [sha256.Size]byte // format and settings
}

func newFingerprinter(owner string, settings []byte) fingerprinter {
	return fingerprinter{
		prefix: []byte(owner + "."),
		base:   sha256.Sum256(append([]byte{fingerprintFormat}, settings...)),
	}
}

// maxCopied is how many bytes of a document are copied to be hashed at once,
// which takes no memory of its own.
const maxCopied = 64 << 10

// append appends the fingerprint of a document to dst, with scratch as working
// space; it returns both.
func (f *fingerprinter) append(dst, scratch []byte, d *connector.Document) ([]byte, []byte) {
	fields := d.Fields()
	b := binary.BigEndian.AppendUint64(append(scratch[:0], f.base[:]...), uint64(len(fields)))
	var long hash.Hash
	if len(fields) > maxCopied {
		long = sha256.New()
		_, _ = long.Write(b) // a hash takes everything
		_, _ = long.Write(fields)
		b = b[:0]
	} else {
		b = append(b, fields...)
	}
	if a := d.Attachment; a != nil {
		b = binary.BigEndian.AppendUint64(append(b, 'a'), uint64(a.Size))
		b = a.ModTime.UTC().AppendFormat(b, time.RFC3339Nano)
		b = appendPart(b, a.ETag)
		b = appendPart(b, a.Name)
		b = appendPart(b, a.MediaType)
	}
	if d.Access != nil {
		b = append(b, 'c')
		for _, id := range d.Access {
			b = appendPart(b, id)
		}
	}
	sum := sha256.Sum256(b)
	if long != nil {
		_, _ = long.Write(b)
		long.Sum(sum[:0])
	}
	dst = append(dst, f.prefix...)
	return base64.RawURLEncoding.AppendEncode(dst, sum[:16]), b
}

// own reports whether a stored fingerprint is this owner's, and the hash part.
func (f *fingerprinter) own(stored []byte) (hash []byte, ok bool) {
	return bytes.CutPrefix(stored, f.prefix)
}

// appendPart appends a length and the part, so that no two lists of parts are
// the same bytes.
func appendPart[T string | []byte](b []byte, part T) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
	return append(b, part...)
}
