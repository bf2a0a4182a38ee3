package mongodb

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// What JSON or Elasticsearch can't hold, with what is told of it.
const (
	lostNumber = "NaN and infinities are indexed as null"
	lostBound  = "MinKey and MaxKey are indexed as null"
	lostUUID   = "UUIDs of the old binary subtype 3 are indexed as null; say in which order their bytes stand by uuidRepresentation=javaLegacy, csharpLegacy or pythonLegacy in the connection string"
)

// maxLosses bounds the fields that are told apart.
const maxLosses = 100

// loss is a kind of value in one top-level field.
type loss struct{ field, what string }

// losses counts the values that became null.
type losses map[loss]int

func (w *walker) lose(what string) {
	at := loss{w.field, what}
	if _, known := w.losses[at]; !known && len(w.losses) >= maxLosses {
		at.field = "others"
	}
	w.losses[at]++
}

// tell writes one warning for each field.
func (l losses) tell(log *slog.Logger, collection string) {
	for _, at := range slices.SortedFunc(maps.Keys(l), func(a, b loss) int {
		return strings.Compare(a.field+a.what, b.field+b.what)
	}) {
		log.Warn(at.what, "collection", collection, "field", at.field, "values", l[at])
	}
}
