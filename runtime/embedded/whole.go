package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Where bbolt's two meta pages keep what is needed here: a page has a header
// of 16 bytes, then magic, version, page size and flags (4 bytes each), root
// and sequence (16), free list (8), the number of pages (8) and the number of
// the transaction (8), in the machine's byte order.
const (
	metaSize     = 80
	metaPageSize = 24
	metaPages    = 56
	metaTx       = 64
)

// errTruncated says that a store is shorter than it says it is. bbolt maps the
// file into memory and would crash at the first page that is not there.
var errTruncated = errors.New("the file is shorter than it should be")

// checkWhole returns errTruncated for a store that lost its end. Of a file that
// is no store at all it says nothing: bbolt does. It may run while another
// process writes: a store grows before it says so.
func checkWhole(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var first [metaSize]byte
	if _, err := io.ReadFull(f, first[:]); err != nil {
		return nil // too short to be a store
	}
	pageSize := int64(binary.NativeEndian.Uint32(first[metaPageSize:]))
	newest := first[:]
	var second [metaSize]byte
	if _, err := f.ReadAt(second[:], pageSize); err == nil && transaction(second[:]) > transaction(newest) {
		newest = second[:]
	}
	pages := int64(binary.NativeEndian.Uint64(newest[metaPages:]))
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if pageSize > 0 && info.Size()/pageSize < pages {
		return fmt.Errorf("%w: %d of %d pages", errTruncated, info.Size()/pageSize, pages)
	}
	return nil
}

func transaction(meta []byte) uint64 { return binary.NativeEndian.Uint64(meta[metaTx:]) }
