package connector

import (
	"crypto/md5"
	"encoding/hex"
)

// maxID is the longest _id in bytes that Elasticsearch takes.
const maxID = 512

// DocumentID returns the id under which a document is indexed: its own, or the
// MD5 of it in hex when it is longer than 512 bytes, as Elastic's service does.
func DocumentID(id string) string {
	if len(id) <= maxID {
		return id
	}
	sum := md5.Sum([]byte(id))
	return hex.EncodeToString(sum[:])
}
